package io.headroom.examples.quickstart;

import java.time.Duration;
import java.util.Locale;

/**
 * What a run can be told by system properties.
 *
 * @param users how many users to load, {@code -Dusers}
 * @param load how long the mixed load runs, {@code -Dload.seconds}
 * @param threads how many clients it has, {@code -Dload.threads}
 */
record Options(int users, Duration load, int threads) {

  static final int ORDERS_PER_USER = 3;

  static Options fromSystemProperties() {
    return new Options(
        whole("users", 100_000, 1_000, 50_000_000),
        Duration.ofSeconds(whole("load.seconds", 15, 1, 3_600)),
        whole("load.threads", 8, 1, 64));
  }

  private static int whole(String name, int ifAbsent, int least, int most) {
    String given = System.getProperty(name);
    if (given == null) {
      return ifAbsent;
    }
    try {
      int value = Integer.parseInt(given.strip());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // answered below like a number out of range
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT, "-D%s=%s: give a whole number from %,d to %,d", name, given, least, most));
  }
}
