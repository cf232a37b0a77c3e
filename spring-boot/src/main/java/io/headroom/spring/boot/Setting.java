package io.headroom.spring.boot;

import io.headroom.HeadroomException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hands properties to the libraries, and puts their names to what those refuse. */
final class Setting {

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

  static HeadroomPropertyException wrong(String property, String what, String mend) {
    return new HeadroomPropertyException(property, what, mend, null);
  }
}
