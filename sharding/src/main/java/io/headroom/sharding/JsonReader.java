package io.headroom.sharding;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON strictly, into the values that {@link JsonValues} names.
 *
 * <p>Refused, with line and column: anything after the value, a field given twice, nesting deeper
 * than {@link JsonValues#MAX_DEPTH}, lone surrogates, numbers of more than {@link
 * #MAX_NUMBER_LENGTH} characters, texts of more than {@link #MAX_LENGTH}. A parser of our own,
 * since this module brings no JSON library and needs but one page of it.
 *
 * <p>Source: RFC 8259.
 */
final class JsonReader {

  static final int MAX_LENGTH = 1 << 26;
  static final int MAX_NUMBER_LENGTH = JsonValues.MAX_NUMBER_LENGTH;

  private final String text;
  private int at;

  private JsonReader(String text) {
    this.text = text;
  }

  static @Nullable Object read(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new ShardMapException(
          "the shard map's JSON has "
              + text.length()
              + " characters: up to "
              + MAX_LENGTH
              + " are read; this is no map");
    }
    JsonReader reader = new JsonReader(text);
    reader.skipSpace();
    Object value = reader.value(1);
    reader.skipSpace();
    if (reader.at < text.length()) {
      throw reader.bad("there is more after the end of the value: remove it");
    }
    return value;
  }

  private @Nullable Object value(int depth) {
    if (depth > JsonValues.MAX_DEPTH) {
      throw bad("values are nested deeper than " + JsonValues.MAX_DEPTH);
    }
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) {
    at++;
    skipSpace();
    if (peek() == '}') {
      at++;
      return Map.of();
    }
    Map<String, @Nullable Object> fields = new TreeMap<>();
    while (true) {
      int start = at;
      if (peek() != '"') {
        throw bad("expected a field's name in quotes");
      }
      String name = string();
      if (fields.containsKey(name)) {
        at = start;
        throw bad("the field \"" + name + "\" is given twice: remove one");
      }
      skipSpace();
      expect(':');
      skipSpace();
      fields.put(name, value(depth + 1));
      if (closes('}')) {
        return unmodifiable(fields);
      }
    }
  }

  @SuppressWarnings("NullAway") // JSON's null is a value of the map
  private static Map<String, Object> unmodifiable(Map<String, @Nullable Object> fields) {
    return Collections.unmodifiableMap(fields);
  }

  private List<@Nullable Object> array(int depth) {
    at++;
    skipSpace();
    if (peek() == ']') {
      at++;
      return List.of();
    }
    List<@Nullable Object> elements = new ArrayList<>();
    while (true) {
      elements.add(value(depth + 1));
      if (closes(']')) {
        return Collections.unmodifiableList(elements);
      }
    }
  }

  /** Steps over a comma and says no, or over the closing bracket and says yes. */
  private boolean closes(char bracket) {
    skipSpace();
    char next = peek();
    if (next != ',' && next != bracket) {
      throw bad("expected ',' or '" + bracket + "'");
    }
    at++;
    if (next == ',') {
      skipSpace();
    }
    return next == bracket;
  }

  private String string() {
    int start = at++;
    int plain = at;
    while (at < text.length() && isPlain(text.charAt(at))) {
      at++;
    }
    if (peek() == '"') {
      return text.substring(plain, at++);
    }
    StringBuilder built = new StringBuilder().append(text, plain, at);
    while (peek() != '"') {
      char c = text.charAt(at);
      if (c < ' ') {
        throw bad(
            String.format(
                Locale.ROOT, "a control character inside a text: write it as \\u%04x", (int) c));
      }
      built.append(c == '\\' ? escaped() : c);
      at++;
    }
    at++;
    String value = built.toString();
    if (Ids.loneSurrogate(value) >= 0) {
      at = start;
      throw bad("the text has a lone surrogate, which is no UTF-8");
    }
    return value;
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c != '"' && c != '\\' && !Character.isSurrogate(c);
  }

  /** Reads what follows a backslash and leaves the position on its last character. */
  private char escaped() {
    at++;
    char c = peek();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw bad("no such escape");
    };
  }

  private char unicode() {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      at++;
      int digit = Character.digit(peek(), 16);
      if (digit < 0 || text.charAt(at) > 'f') {
        throw bad("expected four hexadecimal digits after \\u");
      }
      code = code << 4 | digit;
    }
    return (char) code;
  }

  private @Nullable Object word(String word, @Nullable Object value) {
    if (!text.startsWith(word, at)) {
      throw text.length() - at < word.length() ? cutOff() : bad("expected a value");
    }
    at += word.length();
    return value;
  }

  private Object number() {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      digits();
    }
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      digits();
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    if (at - start > MAX_NUMBER_LENGTH) {
      at = start;
      throw bad("a number of more than " + MAX_NUMBER_LENGTH + " characters");
    }
    try {
      return JsonValues.number(new BigDecimal(text.substring(start, at)));
    } catch (ArithmeticException | NumberFormatException e) {
      at = start;
      throw bad("a number out of range");
    }
  }

  private void digits() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      peek();
      throw bad("expected a value");
    }
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw bad("expected '" + wanted + "'");
    }
    at++;
  }

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return;
      }
      at++;
    }
  }

  private char peek() {
    if (at >= text.length()) {
      throw cutOff();
    }
    return text.charAt(at);
  }

  private ShardMapException cutOff() {
    at = text.length();
    return bad(text.isBlank() ? "it is empty" : "it ends too early, cut off: take a whole copy");
  }

  private ShardMapException bad(String why) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < at; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    String found = at < text.length() ? ", found '" + text.charAt(at) + "'" : "";
    return new ShardMapException(
        "the shard map can't be read at line "
            + line
            + ", column "
            + (at - lineStart + 1)
            + ": "
            + why
            + found);
  }
}
