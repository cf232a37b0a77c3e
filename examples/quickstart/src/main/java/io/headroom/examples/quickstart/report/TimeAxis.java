package io.headroom.examples.quickstart.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** The time of a run, from left to right. All charts share one, so that they can be compared. */
record TimeAxis(double from, double to) {

  private static final double[] STEPS = {
    0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 36_000,
    86_400
  };

  private static final int MOST_TICKS = 12;

  /** The whole run, and whatever was recorded outside of it. */
  static TimeAxis of(RunReport report) {
    DoubleStream moments = DoubleStream.of(0, report.length().toMillis() / 1000.0);
    moments =
        DoubleStream.concat(
            moments,
            report.seconds().stream().flatMapToDouble(it -> DoubleStream.of(it.at(), it.at() + 1)));
    moments = DoubleStream.concat(moments, report.marks().stream().mapToDouble(Mark::at));
    moments =
        DoubleStream.concat(
            moments,
            report.levels().stream().flatMapToDouble(it -> DoubleStream.of(it.from(), it.to())));
    double[] known = moments.filter(Double::isFinite).toArray();
    double from = DoubleStream.of(known).min().orElse(0);
    double to = DoubleStream.of(known).max().orElse(0);
    return new TimeAxis(from, Math.max(to, from + 1));
  }

  /** Where a moment is, in percent of the width; moments outside are at the edge. */
  double percent(double at) {
    return Math.min(100, Math.max(0, 100 * (at - from) / (to - from)));
  }

  /** Round moments, of which a narrow page shows every second one. */
  List<Double> ticks() {
    double step = STEPS[STEPS.length - 1];
    for (double candidate : STEPS) {
      if ((to - from) / candidate <= MOST_TICKS) {
        step = candidate;
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(from / step); i * step <= to + step / 1e6; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** Minutes where all ticks of such a run are whole ones. */
  String label(double tick) {
    boolean minutes = to - from > 60 * MOST_TICKS / 2.0 && tick % 60 == 0;
    return minutes ? Figures.plain(tick / 60) + "\u202fmin" : Figures.plain(tick) + "\u202fs";
  }
}
