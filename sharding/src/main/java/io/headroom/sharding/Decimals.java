package io.headroom.sharding;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Doubles as decimals. */
final class Decimals {

  /** So many digits tell every double from its neighbours. */
  private static final int DIGITS_OF_DOUBLE = 17;

  private Decimals() {}

  /**
   * The shortest decimal that reads back as this number, and what a person who wrote 0.1 meant.
   *
   * <p>{@link Double#toString} isn't it: before JDK 19 it wrote a digit too many for some numbers
   * (JDK-4511638), and two JVMs must write one map alike.
   */
  static BigDecimal shortest(double number) {
    BigDecimal exact = new BigDecimal(number);
    for (int digits = 1; digits < DIGITS_OF_DOUBLE; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == number) {
        return plain(rounded);
      }
    }
    return plain(exact.round(new MathContext(DIGITS_OF_DOUBLE, RoundingMode.HALF_EVEN)));
  }

  private static BigDecimal plain(BigDecimal number) {
    return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
  }
}
