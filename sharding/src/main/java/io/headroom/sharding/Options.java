package io.headroom.sharding;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What builders ask of every option. */
final class Options {

  private Options() {}

  /** Refuses null, and a second value: which of two did the caller mean? */
  static <T> T once(String option, @Nullable T present, T given) {
    Objects.requireNonNull(given, option + " must not be null");
    if (present != null) {
      throw new IllegalArgumentException(
          option + " is set twice: to " + present + ", then to " + given + "; set it once");
    }
    return given;
  }

  /** The same of an option whose values say nothing to a reader. */
  static void refuseSecond(String option, boolean isSet) {
    if (isSet) {
      throw new IllegalArgumentException(option + " is set twice: set it once");
    }
  }

  static int atLeastOne(String option, int given) {
    if (given < 1) {
      throw new IllegalArgumentException(
          option + " must be 1 or more, not " + given + "; leave it out for the default");
    }
    return given;
  }

  static Duration between(String option, Duration lowest, Duration highest, Duration given) {
    if (given.compareTo(lowest) < 0 || given.compareTo(highest) > 0) {
      throw new IllegalArgumentException(
          option + " must be from " + lowest + " to " + highest + ", not " + given);
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
