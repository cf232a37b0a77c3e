package io.headroom.benchmarks.soak;

import java.time.Duration;
import java.util.Locale;

/**
 * What a run can be told by system properties.
 *
 * @param length how long the load goes on, {@code -Dsoak.seconds}
 * @param load how much of what the service can do comes, in per cent, {@code -Dsoak.load}
 * @param seed of the faults, {@code -Dsoak.seed}
 */
record SoakOptions(Duration length, int load, long seed) {

  static SoakOptions ofSystemProperties() {
    return new SoakOptions(
        Duration.ofSeconds(whole("soak.seconds", 1_200, 30, 86_400)),
        (int) whole("soak.load", 60, 1, 95),
        whole("soak.seed", System.nanoTime() & 0xFFFF_FFFFL, 0, Long.MAX_VALUE));
  }

  private static long whole(String name, long ifAbsent, long least, long most) {
    String given = System.getProperty(name);
    if (given == null || given.isBlank()) {
      return ifAbsent;
    }
    try {
      long value = Long.parseLong(given.strip());
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
