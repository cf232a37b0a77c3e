package io.headroom.sharding;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the values that {@link JsonValues} names, each in just one way. Not thread-safe. */
final class JsonWriter {

  private final StringBuilder out = new StringBuilder();

  /** Appends as it is: punctuation and line feeds. */
  JsonWriter raw(String text) {
    out.append(text);
    return this;
  }

  JsonWriter name(String name) {
    return value(name).raw(": ");
  }

  JsonWriter value(@Nullable Object value) {
    if (value instanceof String text) {
      string(text);
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        raw(separator).name((String) entry.getKey()).value(entry.getValue());
        separator = ", ";
      }
      raw(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      String separator = "[";
      for (Object element : list) {
        raw(separator).value(element);
        separator = ", ";
      }
      raw(list.isEmpty() ? "[]" : "]");
    } else {
      out.append(value);
    }
    return this;
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
