package io.headroom.cache;

import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/** Checks what builders are told: each option once, and in its range. Not thread-safe. */
final class Options {

  private static final Duration LONGEST = Duration.ofDays(365);

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
