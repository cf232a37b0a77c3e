package io.headroom.sharding;

import io.headroom.SetOnce;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What builders ask of every option. */
final class Options {

  private Options() {}

  /**
   * Refuses null, and a second value: which of two did the caller mean?
   *
   * @param whose option it is, for the message
   */
  static <T> T once(String whose, String option, @Nullable T present, T given) {
    Objects.requireNonNull(given, option + " must not be null");
    SetOnce.refuseSecond(whose, option, present != null);
    return given;
  }

  static int atLeastOne(String option, int given) {
    if (given < 1) {
      throw new IllegalArgumentException(
          option + " must be 1 or more, was " + given + "; leave it out for the default");
    }
    return given;
  }

  static Duration between(String option, Duration lowest, Duration highest, Duration given) {
    if (given.compareTo(lowest) < 0 || given.compareTo(highest) > 0) {
      throw new IllegalArgumentException(
          option + " must be " + lowest + " to " + highest + ", was " + given);
    }
    return given;
  }

  static String notBlank(String option, String given) {
    if (given.isBlank()) {
      throw new IllegalArgumentException(option + " must not be blank");
    }
    return given;
  }

  static <T> T orElse(@Nullable T given, T otherwise) {
    return given == null ? otherwise : given;
  }
}
