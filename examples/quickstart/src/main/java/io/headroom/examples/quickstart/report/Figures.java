package io.headroom.examples.quickstart.report;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers as a person reads them, with their units; a dash where there is none. */
final class Figures {

  /** Keeps a number and its unit on one line. */
  private static final String NARROW = "\u202f";

  static final String NONE = "–";

  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private Figures() {}

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String rounded(double number) {
    return Double.isFinite(number) ? String.format(Locale.ROOT, "%,.0f", number) : NONE;
  }

  static String millis(double millis) {
    if (!Double.isFinite(millis)) {
      return NONE;
    }
    if (millis >= 999.5) {
      return format(millis >= 9_995 ? "%,.1f" : "%.2f", millis / 1000, "s");
    }
    return format(millis >= 99.5 ? "%.0f" : millis >= 9.95 ? "%.1f" : "%.2f", millis, "ms");
  }

  static String seconds(double seconds) {
    return Double.isFinite(seconds) ? format("%,.2f", seconds, "s") : NONE;
  }

  static String percent(double percent) {
    return Double.isFinite(percent) ? format("%.1f", percent, "%") : NONE;
  }

  static String perSecond(double rate) {
    return Double.isFinite(rate) ? rounded(rate) + NARROW + "/s" : NONE;
  }

  static String length(Duration length) {
    double seconds = length.toMillis() / 1000.0;
    if (seconds < 60) {
      return format("%.1f", seconds, "s");
    }
    long whole = Math.round(seconds);
    return whole / 60 + NARROW + "min " + whole % 60 + NARROW + "s";
  }

  static String moment(Instant instant) {
    return MOMENT.format(instant);
  }

  /** "1 error", "2 errors", "no errors". */
  static String of(long number, String one) {
    return (number == 0 ? "no" : count(number)) + " " + one + (number == 1 ? "" : "s");
  }

  /** A number for an attribute of SVG or CSS: few digits, and a point on every machine. */
  static String plain(double number) {
    String text = String.format(Locale.ROOT, "%.2f", number);
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
  }

  private static String format(String pattern, double number, String unit) {
    return String.format(Locale.ROOT, pattern, number) + NARROW + unit;
  }
}
