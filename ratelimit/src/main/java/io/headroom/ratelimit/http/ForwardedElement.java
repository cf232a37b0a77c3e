package io.headroom.ratelimit.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one proxy wrote into {@code Forwarded}: {@code for="[2001:db8::1]:4711";proto=https} (RFC
 * 7239, section 4). Not thread-safe.
 */
final class ForwardedElement {

  private final String text;
  private int at;

  private ForwardedElement(String text) {
    this.text = text;
  }

  /** The value of its {@code for}; null if it has none or several, or is malformed. */
  static @Nullable String forOf(String element) {
    return new ForwardedElement(element).findFor();
  }

  private @Nullable String findFor() {
    String found = null;
    while (true) {
      skipBlanks();
      String name = upTo("=;");
      if (at < text.length() && text.charAt(at) == '=') {
        at++;
        String value = value();
        if (name.isEmpty() || value == null) {
          return null;
        }
        if (name.toLowerCase(Locale.ROOT).equals("for")) {
          if (found != null) {
            return null;
          }
          found = value;
        }
      } else if (!name.isBlank()) {
        return null;
      }
      skipBlanks();
      if (at == text.length()) {
        return found;
      }
      if (text.charAt(at) != ';') {
        return null;
      }
      at++;
    }
  }

  private void skipBlanks() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
  }

  private String upTo(String ends) {
    int from = at;
    while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(from, at);
  }

  /** A token or a quoted string; null if it is empty, or not closed. */
  private @Nullable String value() {
    if (at < text.length() && text.charAt(at) == '"') {
      at++;
      return quoted();
    }
    String token = upTo("; \t\"");
    return token.isEmpty() ? null : token;
  }

  private @Nullable String quoted() {
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return value.toString();
      }
      if (c == '\\') {
        if (at == text.length()) {
          return null;
        }
        c = text.charAt(at++);
      }
      value.append(c);
    }
    return null;
  }
}
