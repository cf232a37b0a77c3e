package io.headroom.examples.quickstart;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * What a run can be told by system properties.
 *
 * @param users how many users to load, {@code -Dusers}
 * @param concurrent how many of them are there at the same time, {@code -Dconcurrent}
 * @param rate how many requests a second they make together, {@code -Drate}
 * @param load how long they are there, {@code -Dload.seconds}
 * @param report where the report is written, {@code -Dreport}
 */
record Options(int users, int concurrent, int rate, Duration load, Path report) {

  static final int ORDERS_PER_USER = 3;

  static Options fromSystemProperties() {
    int users = whole("users", 100_000, 1_000, 50_000_000);
    int concurrent = whole("concurrent", Math.min(10_000, users), 100, Math.min(users, 1_000_000));
    int atMost = Math.min(concurrent, 20_000); // who has an answer thinks for a second, at least
    return new Options(
        users,
        concurrent,
        whole("rate", Math.min(1_000, atMost), 10, atMost),
        Duration.ofSeconds(whole("load.seconds", 60, 4, 3_600)),
        path("report", "target/quickstart.html"));
  }

  /** How long a user thinks between two requests, on average. */
  Duration thinking() {
    return Duration.ofMillis(1_000L * concurrent / rate);
  }

  private static int whole(String name, int ifAbsent, int least, int most) {
    String given = System.getProperty(name, "");
    if (given.isBlank()) {
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

  private static Path path(String name, String ifAbsent) {
    String given = System.getProperty(name, "");
    try {
      return Path.of(given.isBlank() ? ifAbsent : given).toAbsolutePath();
    } catch (InvalidPathException noPath) {
      throw new IllegalArgumentException("-D%s=%s: give a file".formatted(name, given), noPath);
    }
  }
}
