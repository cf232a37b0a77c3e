package io.headroom.benchmarks;

import io.headroom.benchmarks.report.Sample;
import io.headroom.benchmarks.report.Section;
import java.util.List;

/**
 * Figures that belong in one table.
 *
 * @param name what {@code -Dbench} selects it by
 * @param section how they are presented
 * @param measurement how they are taken
 */
record Group(String name, Section section, Measurement measurement) {

  /** Takes the figures of a group. */
  interface Measurement {
    List<Sample> take(Settings settings) throws Exception;
  }
}
