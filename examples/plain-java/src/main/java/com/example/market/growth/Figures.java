package com.example.market.growth;

import java.util.Locale;

/** Figures, as tables show them. */
final class Figures {

  private Figures() {}

  static String percent(double value) {
    return String.format(Locale.ROOT, "%.0f %%", value);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String twoDigits(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** How long those of a percentile took that were served. */
  static String millis(Outcome outcome, double percentile) {
    double millis = outcome.millis(percentile);
    return millis == 0
        ? "none served"
        : millis < 10 ? String.format(Locale.ROOT, "%.1f", millis) : number(millis);
  }
}
