package io.headroom.sharding;

/**
 * The order of text by code point, which is the order of its UTF-8 bytes and so PostgreSQL's {@code
 * COLLATE "C"}.
 *
 * <p>{@link String#compareTo} differs: it compares UTF-16 units, in which the surrogates of U+10000
 * and above sort below U+E000 to U+FFFF.
 */
final class CodePoints {

  private CodePoints() {}

  static int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean xSurrogate = Character.isSurrogate(x);
        if (xSurrogate != Character.isSurrogate(y)) {
          return xSurrogate ? 1 : -1;
        }
        return x - y;
      }
    }
    return a.length() - b.length();
  }

  /** Refuses what has no UTF-8 form, and so no place in a database. */
  static String requireWellFormed(String text) {
    int lone = Ids.loneSurrogate(text);
    if (lone >= 0) {
      throw new IllegalArgumentException(
          "text has a lone surrogate at index " + lone + ", which UTF-8 cannot hold");
    }
    return text;
  }
}
