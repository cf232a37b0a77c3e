package io.headroom.benchmarks;

import io.headroom.TimeSource;
import io.headroom.benchmarks.report.BenchmarkPage;
import io.headroom.benchmarks.report.Origin;
import io.headroom.benchmarks.report.Samples;
import java.nio.file.Files;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Runs the groups that {@code -Dbench=<regex>} selects, all without it, prints their tables and
 * replaces their sections in docs/benchmarks.md.
 */
public final class RunBenchmarks {
  private static final String PREFACE =
      """
      # Benchmarks

      Ours beside its peers: same machine, same run, same keys and data. Every section says where and
      when it was measured and by which command it is printed again; `mvn -q -Pbenchmarks` runs them
      all in about an hour. Times are averages with JMH's 99.9 % interval where that is over
      1 %; B/op is what one operation allocates. Figures of another machine are worth little beside
      these: compare ratios.
      """;

  private RunBenchmarks() {}

  /**
   * Runs.
   *
   * @param arguments none; see {@code -Dbench}, {@code -Dbench.quick} and {@code -Dbench.page}
   * @throws Exception if a benchmark fails or the page cannot be written
   */
  public static void main(String[] arguments) throws Exception {
    Settings settings = Settings.ofSystemProperties();
    List<Group> groups = Groups.all();
    List<Group> selected =
        groups.stream().filter(group -> settings.filter().matcher(group.name()).find()).toList();
    if (selected.isEmpty()) {
      throw new IllegalArgumentException(
          "-Dbench=%s selects none of %s"
              .formatted(settings.filter(), groups.stream().map(Group::name).toList()));
    }
    for (Group group : selected) {
      run(group, settings, groups);
    }
    System.exit(0); // a peer may have left threads
  }

  /** Runs one group and writes the page at once: what is measured stays, whatever comes after. */
  private static void run(Group group, Settings settings, List<Group> groups) throws Exception {
    Samples samples = new Samples(group.measurement().take(settings));
    LocalDate today = LocalDate.ofInstant(TimeSource.system().wallTime(), ZoneOffset.UTC);
    Origin origin = Origin.here(today, Settings.command(group.name()));
    String section = group.section().print(samples, origin);
    System.out.println("\n" + section);
    if (!settings.quick()) {
      BenchmarkPage page = BenchmarkPage.read(settings.page(), PREFACE);
      page.put(group.name(), section);
      Files.writeString(settings.page(), page.print(groups.stream().map(Group::name).toList()));
    }
  }
}
