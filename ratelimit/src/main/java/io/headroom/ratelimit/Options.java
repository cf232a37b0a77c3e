package io.headroom.ratelimit;

import java.util.HashSet;
import java.util.Set;

/** Checks what builders are told: each option once, and in its range. Not thread-safe. */
final class Options {

  private final String whose;
  private final Set<String> set = new HashSet<>();

  /**
   * Creates the check.
   *
   * @param whose options they are, for messages
   */
  Options(String whose) {
    this.whose = whose;
  }

  /** Throws {@link IllegalStateException} if the option is set already. */
  void once(String option) {
    if (!set.add(option)) {
      throw new IllegalStateException(whose + ": " + option + " is set twice: set it once");
    }
  }

  boolean isSet(String option) {
    return set.contains(option);
  }

  /** Throws {@link IllegalArgumentException} if it is out of range. */
  static int number(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          option + " must be " + least + " to " + most + ", was " + value);
    }
    return value;
  }
}
