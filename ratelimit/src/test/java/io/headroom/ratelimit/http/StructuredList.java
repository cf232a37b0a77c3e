package io.headroom.ratelimit.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A strict reader of RFC 9651 lists of strings whose parameters are integers or strings, as far as
 * the rate limit fields need it.
 */
final class StructuredList {

  private final String text;
  private int at;

  private StructuredList(String text) {
    this.text = text;
  }

  /** Each member's parameters, in their order. Throws if it is malformed, or names one twice. */
  static Map<String, Map<String, Object>> parse(String text) {
    return new StructuredList(text).members();
  }

  private Map<String, Map<String, Object>> members() {
    Map<String, Map<String, Object>> members = new LinkedHashMap<>();
    while (true) {
      if (members.put(string(), parameters()) != null) {
        throw new AssertionError("a member twice: " + text);
      }
      if (at == text.length()) {
        return members;
      }
      take(',');
      while (text.charAt(at) == ' ' || text.charAt(at) == '\t') {
        at++;
      }
    }
  }

  private Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    while (at < text.length() && text.charAt(at) == ';') {
      at++;
      int from = at;
      while (Character.isLowerCase(text.charAt(at))) {
        at++;
      }
      String key = text.substring(from, at);
      take('=');
      parameters.put(key, text.charAt(at) == '"' ? string() : (Object) integer());
    }
    return parameters;
  }

  private long integer() {
    int from = at;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    if (at - from > 15) {
      throw new AssertionError("more than 15 digits: " + text);
    }
    return Long.parseLong(text.substring(from, at));
  }

  private String string() {
    take('"');
    StringBuilder value = new StringBuilder();
    for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
      if (c < 0x20 || c > 0x7e) {
        throw new AssertionError("not printable ASCII: " + text);
      }
      if (c == '\\') {
        c = text.charAt(at++);
        if (c != '"' && c != '\\') {
          throw new AssertionError("a needless escape: " + text);
        }
      }
      value.append(c);
    }
    return value.toString();
  }

  private void take(char expected) {
    if (text.charAt(at) != expected) {
      throw new AssertionError("no " + expected + " at " + at + ": " + text);
    }
    at++;
  }
}
