package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Jars on the class path, start to the first row, heap and classes of each contender: medians of
 * fresh JVMs that have on their class path what the contender needs, and nothing else.
 */
public final class Footprint {
  /** The row of core and sharding alone. */
  public static final String OURS_ALONE = "core + sharding alone";

  private static final List<String> POOLS =
      List.of("com.zaxxer:HikariCP", "org.postgresql:postgresql");
  private static final List<String> OURS =
      List.of("io.headroom:headroom-core", "io.headroom:headroom-sharding");
  private static final Map<Contender, List<String>> NEEDS =
      new EnumMap<>(
          Map.of(
              Contender.HAND_PICKED, List.of(),
              Contender.SPRING,
                  List.of("org.springframework:spring-jdbc", "org.springframework:spring-context"),
              Contender.SHARDING_SPHERE, List.of("org.apache.shardingsphere:shardingsphere-jdbc"),
              Contender.HEADROOM, List.of("io.headroom:headroom-sharding")));
  private static final List<Map.Entry<String, Metric>> METRICS =
      List.of(
          Map.entry(StartProbe.START, Metric.START),
          Map.entry(StartProbe.HEAP, Metric.HEAP),
          Map.entry(StartProbe.CLASSES, Metric.CLASSES));

  private final DependencyTree tree;
  private final int runs;

  /**
   * Prepares the probe.
   *
   * @param tree the dependencies of this module
   * @param runs JVMs for each contender
   */
  public Footprint(DependencyTree tree, int runs) {
    this.tree = tree;
    this.runs = runs;
  }

  /**
   * Measures every contender.
   *
   * @param urls four databases with the table of accounts
   * @return the figures
   * @throws IOException if a JVM or a jar cannot be read
   * @throws InterruptedException if the wait for a JVM is interrupted
   */
  public List<Sample> take(List<String> urls) throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>();
    ClassPath all = ClassPath.ofThisJvm();
    Path probe =
        Path.of(StartProbe.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    Map<Contender, String> classPaths = new EnumMap<>(Contender.class);
    for (Contender contender : NEEDS.keySet()) {
      List<String> roots = Stream.concat(POOLS.stream(), NEEDS.get(contender).stream()).toList();
      ClassPath jars = all.only(tree, tree.closure(roots));
      addSize(samples, contender.label(), jars);
      classPaths.put(contender, jars.with(probe).print());
    }
    Map<Contender, List<Map<String, Double>>> figures = new EnumMap<>(Contender.class);
    for (int run = 0; run < runs; run++) { // in turns: all see the same state of the machine
      for (Map.Entry<Contender, String> entry : classPaths.entrySet()) {
        Contender contender = entry.getKey();
        List<String> arguments = Stream.concat(Stream.of(contender.name()), urls.stream()).toList();
        figures
            .computeIfAbsent(contender, first -> new ArrayList<>())
            .add(ChildJvm.run(StartProbe.class, entry.getValue(), List.of("-Xmx256m"), arguments));
      }
    }
    figures.forEach(
        (contender, each) ->
            METRICS.forEach(
                metric ->
                    samples.add(
                        Sample.of(
                            contender.label(),
                            "",
                            metric.getValue(),
                            median(each, metric.getKey())))));
    addSize(samples, OURS_ALONE, all.only(tree, Set.copyOf(OURS)));
    return samples;
  }

  private static void addSize(List<Sample> samples, String who, ClassPath jars) throws IOException {
    samples.add(Sample.of(who, "", Metric.JARS, jars.size()));
    samples.add(Sample.of(who, "", Metric.JAR_BYTES, (double) jars.bytes()));
  }

  private static double median(List<Map<String, Double>> figures, String name) {
    double[] sorted = figures.stream().mapToDouble(run -> run.get(name)).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
