package io.headroom.spring.boot;

import io.headroom.ratelimit.Limit;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads rates as people write them: {@code 100/s}, {@code 1000/m}, {@code 5000/10m}. */
final class Rates {

  private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*/\\s*(\\d{0,9})(ms|s|m|h|d)");

  private Rates() {}

  static Limit limit(String at, @Nullable String rate, @Nullable Long burst) {
    String given =
        Setting.require(
            at + ".rate", rate, "is missing: there is nothing to limit.", "Set it, as in 100/s.");
    Matcher parts = FORM.matcher(given.strip());
    if (!parts.matches()) {
      throw Setting.wrong(
          at + ".rate",
          "'" + given + "' is no rate.",
          "Write so many in a time of ms, s, m, h or d: 100/s, 1000/m or 5000/10m.");
    }
    long units = parts.group(2).isEmpty() ? 1 : Long.parseLong(parts.group(2));
    Duration period =
        switch (parts.group(3)) {
          case "ms" -> Duration.ofMillis(units);
          case "s" -> Duration.ofSeconds(units);
          case "m" -> Duration.ofMinutes(units);
          case "h" -> Duration.ofHours(units);
          default -> Duration.ofDays(units);
        };
    Limit limit =
        Setting.check(at + ".rate", () -> Limit.of(Long.parseLong(parts.group(1)), period));
    return burst == null ? limit : Setting.check(at + ".burst", () -> limit.burst(burst));
  }
}
