package io.headroom.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.benchmarks.RouteLongRing;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

class JmhSamplesTest {
  private static Collection<RunResult> results;

  @BeforeAll
  static void runABenchmarkForAMoment() throws RunnerException {
    results =
        new Runner(
                new OptionsBuilder()
                    .include(RouteLongRing.class.getName())
                    .param("shards", "1000")
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(20))
                    .addProfiler(GCProfiler.class)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
  }

  @Test
  void readsTimeAndAllocation() {
    List<Sample> samples = JmhSamples.of(results, Map.of("treeMapRing", "ring"));
    assertThat(samples).extracting(Sample::contender).containsOnly("ring");
    assertThat(samples).extracting(Sample::scenario).containsOnly("1,000");
    assertThat(samples)
        .extracting(Sample::metric)
        .containsExactlyInAnyOrder(Metric.TIME, Metric.ALLOCATED);
    assertThat(samples).allSatisfy(sample -> assertThat(sample.value()).isPositive());
  }

  @Test
  void namesABenchmarkWithoutALabel() {
    assertThatThrownBy(() -> JmhSamples.of(results, Map.of("other", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("treeMapRing")
        .hasMessageContaining("other");
  }
}
