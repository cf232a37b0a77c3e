package io.headroom.ratelimit;

import io.headroom.SetOnce;

/** Checks what builders are told: each option once, and in its range. Not thread-safe. */
final class Options {

  private final SetOnce set;

  /**
   * Creates the check.
   *
   * @param whose options they are, for messages
   */
  Options(String whose) {
    this.set = new SetOnce(whose);
  }

  /** Throws {@link IllegalStateException} if the option is set already. */
  void once(String option) {
    set.setting(option);
  }

  boolean isSet(String option) {
    return set.has(option);
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
