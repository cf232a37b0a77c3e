package io.headroom.sharding;

import java.util.Locale;

/** What a shard id, region or label may look like. */
final class Ids {

  static final int MAX_LENGTH = 255;

  private Ids() {}

  /** Index of the first surrogate without its partner, or -1. */
  static int loneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return i;
      }
    }
    return -1;
  }

  /** Checks a name that operators will read and type. */
  static String checkName(String what, String name) {
    if (name == null) {
      throw new NullPointerException(what + " must not be null");
    }
    if (name.isBlank()) {
      throw new IllegalArgumentException(what + " '" + name + "' is blank: give it a name");
    }
    if (!name.equals(name.strip())) {
      throw new IllegalArgumentException(
          what + " '" + name + "' begins or ends in white space: strip it");
    }
    if (name.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          what
              + " '"
              + name.substring(0, 32)
              + "…' has "
              + name.length()
              + " characters: give it 1 to "
              + MAX_LENGTH);
    }
    int bad = firstUnprintable(name);
    if (bad >= 0) {
      throw new IllegalArgumentException(
          what
              + String.format(
                  Locale.ROOT, " has the character U+%04X at index ", (int) name.charAt(bad))
              + bad
              + ": use neither control characters nor lone surrogates");
    }
    return name;
  }

  private static int firstUnprintable(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (Character.isISOControl(name.charAt(i))) {
        return i;
      }
    }
    return loneSurrogate(name);
  }
}
