package io.headroom.spring.boot;

import io.headroom.HeadroomException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hands properties to the libraries, and puts their names to what those refuse. */
final class Setting {

  private record Unit(Duration one, String name) {}

  private static final List<Unit> UNITS =
      List.of(
          new Unit(Duration.ofDays(1), "d"),
          new Unit(Duration.ofHours(1), "h"),
          new Unit(Duration.ofMinutes(1), "m"),
          new Unit(Duration.ofSeconds(1), "s"),
          new Unit(Duration.ofMillis(1), "ms"));

  private Setting() {}

  /** Hands a value on, if the property is set. */
  static <T> void set(String property, @Nullable T value, Consumer<? super T> option) {
    if (value != null) {
      check(
          property,
          () -> {
            option.accept(value);
            return value;
          });
    }
  }

  /** Chooses an option, if the property says so. */
  static void choose(String property, boolean chosen, Runnable option) {
    if (chosen) {
      set(property, chosen, same -> option.run());
    }
  }

  /** Does what a property asks for; what is refused is its fault. */
  static <T> T check(String property, Supplier<T> made) {
    try {
      return made.get();
    } catch (HeadroomPropertyException known) {
      throw known;
    } catch (IllegalArgumentException | IllegalStateException | HeadroomException refused) {
      throw new HeadroomPropertyException(
          property,
          refused.getMessage() == null ? refused.toString() : refused.getMessage(),
          "Correct " + property + ", or leave it out.",
          refused);
    }
  }

  /** A number within bounds; the default where the property is not set. */
  static int inRange(String property, @Nullable Integer value, int unlessSet, int from, int to) {
    int number = value == null ? unlessSet : value;
    if (number < from || number > to) {
      throw wrong(
          property,
          "must be " + from + " to " + to + ", was " + number + ".",
          "Correct it, or leave it out for " + unlessSet + ".");
    }
    return number;
  }

  /** A property without which another has no sense. */
  static <T> T require(String property, @Nullable T value, String why, String mend) {
    if (value == null) {
      throw wrong(property, why, mend);
    }
    return value;
  }

  /** A time as one writes it into a file, in the largest unit that has whole numbers of it. */
  static String written(Duration time) {
    if (time.isZero()) {
      return "0s";
    }
    for (Unit unit : UNITS) {
      long many = time.dividedBy(unit.one());
      if (unit.one().multipliedBy(many).equals(time)) {
        return many + unit.name();
      }
    }
    return time.toNanos() + "ns";
  }

  static HeadroomPropertyException wrong(String property, String what, String mend) {
    return new HeadroomPropertyException(property, what, mend, null);
  }
}
