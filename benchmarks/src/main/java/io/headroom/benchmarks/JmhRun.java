package io.headroom.benchmarks;

import io.headroom.benchmarks.report.JmhSamples;
import io.headroom.benchmarks.report.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs some benchmark classes with the gc profiler. */
final class JmhRun {
  private JmhRun() {}

  /** Runs them; the samples come in the order of the labels. */
  static List<Sample> take(
      Settings settings, Map<String, String> labels, List<String> jvmArguments, Class<?>... classes)
      throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .jvmArgsAppend(jvmArguments.toArray(new String[0]));
    for (Class<?> type : classes) {
      options.include("^" + type.getName().replace(".", "\\.") + "\\.");
    }
    if (settings.quick()) {
      TimeValue blink = TimeValue.milliseconds(200);
      options.forks(1).warmupIterations(1).warmupTime(blink);
      options.measurementIterations(2).measurementTime(blink);
    }
    List<String> order = List.copyOf(labels.values());
    List<Sample> samples =
        new ArrayList<>(JmhSamples.of(new Runner(options.build()).run(), labels));
    samples.sort(Comparator.comparingInt(sample -> order.indexOf(sample.contender())));
    return samples;
  }
}
