package io.headroom.examples.quickstart.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** The values of a chart, from its bottom to its top. */
record Scale(double low, double high, List<Double> ticks, boolean logarithmic) {

  private static final int MOST_TICKS = 7;

  /** From 0, to at least the value given. */
  static Scale linear(double highest) {
    double wanted = Double.isFinite(highest) && highest > 0 ? highest : 1;
    double power = Math.pow(10, Math.floor(Math.log10(wanted / 4)));
    double step = power;
    for (double times : new double[] {1, 2, 2.5, 5, 10}) {
      step = power * times;
      if (Math.ceil(wanted / step) <= 5) {
        break;
      }
    }
    step = Math.max(step, 1);
    long steps = (long) Math.ceil(wanted / step);
    List<Double> ticks = new ArrayList<>();
    for (long i = 0; i <= steps; i++) {
      ticks.add(i * step);
    }
    return new Scale(0, steps * step, List.copyOf(ticks), false);
  }

  static Scale percent() {
    return new Scale(0, 100, List.of(0.0, 25.0, 50.0, 75.0, 100.0), false);
  }

  /** By powers of ten; values that are not above 0 are at the bottom. */
  static Scale logarithmic(DoubleStream values) {
    double[] known = values.filter(value -> Double.isFinite(value) && value > 0).toArray();
    double low = round(DoubleStream.of(known).min().orElse(1), false);
    double high = round(DoubleStream.of(known).max().orElse(1000), true);
    high = Math.max(high, low * 10);
    List<Double> ticks = List.of();
    for (double[] parts : new double[][] {{1, 2, 5}, {1, 3}, {1}}) {
      ticks = powers(low, high, parts);
      if (ticks.size() <= MOST_TICKS + 1) {
        break;
      }
    }
    return new Scale(low, high, ticks, true);
  }

  /** How far below the top a value is, as a part of the height. */
  double down(double value) {
    double part =
        logarithmic
            ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
            : (value - low) / (high - low);
    return 1 - Math.min(1, Math.max(0, part));
  }

  private static List<Double> powers(double low, double high, double... parts) {
    List<Double> ticks = new ArrayList<>();
    for (int power = -9; power <= 12; power++) {
      for (double part : parts) {
        double tick = part * Math.pow(10, power);
        if (low * 0.999 <= tick && tick <= high * 1.001) {
          ticks.add(tick);
        }
      }
    }
    return List.copyOf(ticks);
  }

  /** The next 1, 2 or 5 times a power of ten. */
  private static double round(double value, boolean up) {
    double bounded = Math.min(1e9, Math.max(1e-3, value));
    double power = Math.pow(10, Math.floor(Math.log10(bounded)));
    double[] parts = {1, 2, 5, 10};
    if (up) {
      for (double part : parts) {
        if (part * power >= bounded * 0.9999) {
          return part * power;
        }
      }
      return 10 * power;
    }
    double found = power;
    for (double part : parts) {
      if (part * power <= bounded * 1.0001) {
        found = part * power;
      }
    }
    return found;
  }
}
