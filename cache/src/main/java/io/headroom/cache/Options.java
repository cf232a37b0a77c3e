package io.headroom.cache;

import io.headroom.SetOnce;
import java.time.Duration;
import java.util.Objects;

/** Checks what builders are told: each option once, and in its range. Not thread-safe. */
final class Options {

  private static final Duration LONGEST = Duration.ofDays(365);

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

  /** Throws {@link IllegalArgumentException} if it is out of range: at most a year. */
  Duration duration(String option, Duration value, Duration least) {
    return duration(option, value, least, LONGEST);
  }

  /** Throws {@link IllegalArgumentException} if it is out of range. */
  Duration duration(String option, Duration value, Duration least, Duration most) {
    once(option);
    Objects.requireNonNull(value, () -> option + " must not be null");
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          option + " must be " + least + " to " + most + ", was " + value);
    }
    return value;
  }

  /** Throws {@link IllegalArgumentException} if it is out of range. */
  int number(String option, int value, int least, int most) {
    once(option);
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          option + " must be " + least + " to " + most + ", was " + value);
    }
    return value;
  }

  /** Throws {@link IllegalArgumentException} if it is out of range: 0 or more. */
  double part(String option, double value, double most) {
    once(option);
    if (!(value >= 0 && value <= most)) {
      throw new IllegalArgumentException(option + " must be 0 to " + most + ", was " + value);
    }
    return value;
  }
}
