package io.headroom.benchmarks;

import io.headroom.benchmarks.probe.PairedWays;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Sample;
import java.util.List;
import java.util.Map;

/** Figures of contenders that took turns, as samples. */
final class Paired {
  private Paired() {}

  /**
   * What a probe reported of one of them.
   *
   * @param label who it is in the table
   * @param name who it is to the probe
   * @param extra what its extra time is called
   */
  static List<Sample> samples(
      String label, String name, Metric extra, Map<String, Double> figures) {
    return List.of(
        Sample.of(label, "", Metric.TIME, figures.get(name + PairedWays.TIME)),
        Sample.of(label, "", Metric.ALLOCATED, figures.get(name + PairedWays.BYTES)),
        new Sample(
            label,
            "",
            extra,
            figures.get(name + PairedWays.EXTRA),
            figures.get(name + PairedWays.ERROR)));
  }
}
