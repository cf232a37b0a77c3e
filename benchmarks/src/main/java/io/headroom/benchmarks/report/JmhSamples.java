package io.headroom.benchmarks.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Reads what JMH measured: time an operation in nanoseconds, and bytes allocated where known. */
public final class JmhSamples {
  private static final String CONTENDER = "contender";
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  private JmhSamples() {}

  /**
   * Converts JMH's results.
   *
   * @param results of benchmarks in average-time or single-shot mode, in nanoseconds
   * @param labels name of each contender, by the method's name or, where there is a parameter named
   *     contender, by that
   * @return time, and allocation where the gc profiler ran, for each
   * @throws IllegalArgumentException if a method has no label or a result is not in ns/op
   */
  public static List<Sample> of(Collection<RunResult> results, Map<String, String> labels) {
    List<Sample> samples = new ArrayList<>();
    for (RunResult run : results) {
      String name = run.getParams().getBenchmark();
      String contender = contender(run.getParams(), labels);
      String scenario = scenario(run.getParams());
      Result<?> time = run.getPrimaryResult();
      if (!time.getScoreUnit().equals("ns/op")) {
        throw new IllegalArgumentException(
            "benchmark " + name + " counts " + time.getScoreUnit() + "; make it ns/op");
      }
      samples.add(
          new Sample(contender, scenario, Metric.TIME, time.getScore(), time.getScoreError()));
      run.getSecondaryResults()
          .forEach(
              (key, result) -> {
                if (key.endsWith(ALLOCATION)) {
                  samples.add(Sample.of(contender, scenario, Metric.ALLOCATED, result.getScore()));
                }
              });
    }
    return samples;
  }

  private static String contender(BenchmarkParams params, Map<String, String> labels) {
    String name = params.getBenchmark();
    String key =
        params.getParamsKeys().contains(CONTENDER)
            ? params.getParam(CONTENDER)
            : name.substring(name.lastIndexOf('.') + 1);
    String contender = labels.get(key);
    if (contender == null) {
      throw new IllegalArgumentException(
          key + " of benchmark " + name + " has no label; known are " + labels.keySet());
    }
    return contender;
  }

  private static String scenario(BenchmarkParams params) {
    return params.getParamsKeys().stream()
        .filter(key -> !key.equals(CONTENDER))
        .map(key -> grouped(params.getParam(key)))
        .collect(Collectors.joining(", "));
  }

  /** Groups the digits of numbers: 100000 to 100,000. */
  private static String grouped(String text) {
    return NUMBER
        .matcher(text)
        .replaceAll(n -> String.format(Locale.ROOT, "%,d", Long.parseLong(n.group())));
  }
}
