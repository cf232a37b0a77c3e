package io.headroom.examples.quickstart.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Made-up runs, the same on every machine: none of their figures was measured. */
final class SampleReports {

  static final String SCRIPT = "<script>document.title='run over'</script>";

  private static final Instant STARTED = Instant.parse("2026-01-02T03:04:05Z");

  private SampleReports() {}

  /** The same of a run that failed by checks that are no claims. */
  static RunReport failing(RunReport report, List<String> failures) {
    return new RunReport(
        report.title(),
        report.started(),
        report.length(),
        report.claims(),
        failures,
        report.seconds(),
        report.marks(),
        report.levels(),
        report.reads(),
        report.shards(),
        report.notes());
  }

  /** Everything that a page can show. */
  static RunReport full() {
    return new RunReport(
        "Headroom quickstart",
        STARTED,
        Duration.ofMillis(45_200),
        List.of(
            new Claim("errors in the end", "0", "0", Verdict.HOLDS, true),
            new Claim("p99 of all calls", "< 200 ms", "166.9 ms", Verdict.HOLDS, false),
            new Claim(
                "loads that the cache avoids, both processes together",
                "60 to 80 %",
                "60.1 %",
                Verdict.HOLDS,
                true),
            new Claim(
                "goodput of a guarded pool under ten times its load",
                "≥ 80 %",
                "103.1 %",
                Verdict.HOLDS,
                true),
            new Claim("that of the same pool, bare", "", "11.8 %", Verdict.HOLDS, false),
            new Claim("worst share of users", "≤ 1.05", "1.07", Verdict.MISSED, false)),
        List.of(),
        seconds(45, 12, 31),
        List.of(
            new Mark(4.79, "a greedy user asks for 50 times its limit, half of it in each process"),
            new Mark(6.1, "paused the replay of postgres-2-replica-2"),
            new Mark(7.4, "the greedy user ends"),
            new Mark(7.55, "killed redis-0"),
            new Mark(10.01, "restarted redis-0, which is empty"),
            new Mark(10.42, "the cache and the limits have Redis again"),
            new Mark(11.1, "killed primary postgres-2"),
            new Mark(11.25, "shard-2: no primary, writes wait"),
            new Mark(11.37, "shard-2: writes go to postgres-2-replica-1, timeline 2"),
            new Mark(26, "ten times what a pool of ten can do, bare"),
            new Mark(34.2, "the same with a ConnectionGuard")),
        List.of(
            new Level(0, 26, "pool postgres-0", "NORMAL"),
            new Level(26, 27.2, "pool postgres-0", "ELEVATED"),
            new Level(27.2, 29, "pool postgres-0", "HIGH"),
            new Level(29, 31.5, "pool postgres-0", "CRITICAL"),
            new Level(31.5, 33, "pool postgres-0", "HIGH"),
            new Level(33, 35, "pool postgres-0", "ELEVATED"),
            new Level(35, 45.2, "pool postgres-0", "NORMAL"),
            new Level(3, 11.1, "pool postgres-2", "NORMAL"),
            new Level(11.4, 30, "pool postgres-2", "NORMAL"),
            new Level(3, 45.2, "redis", "unknown to the page")),
        List.of(
            new NodeReads("postgres-0", "shard-0", reads("WRITE", 402, "STRONG", 61)),
            new NodeReads("postgres-0-replica-1", "shard-0", reads("FRESH", 3204, "WAITED", 299)),
            new NodeReads("postgres-1", "shard-1", reads("WRITE", 377, "STRONG", 66)),
            new NodeReads("postgres-1-replica-1", "shard-1", reads("FRESH", 3020, "WAITED", 341)),
            new NodeReads("postgres-2", "shard-2", reads("WRITE", 288, "METADATA", 4)),
            new NodeReads(
                "postgres-2-replica-1",
                "shard-2",
                reads("WRITE", 117, "FRESH", 1002, "WAITED", 114, "SPILLED_LAGGING", 19)),
            new NodeReads("postgres-2-replica-2", "shard-2", reads("FRESH", 1824, "WAITED", 206)),
            new NodeReads(
                "postgres-3", "shard-3", reads("WRITE", 391, "SPILLED_DOWN", 205, "OTHER", 40)),
            new NodeReads("postgres-3-replica-1", "shard-3", reads("FRESH", 2411, "STALE", 80))),
        List.of(
            new ShardSlots("shard-0", 4096, 25_176, 1.00704),
            new ShardSlots("shard-1", 4096, 24_931, 0.99724),
            new ShardSlots("shard-2", 4096, 24_844, 0.99376),
            new ShardSlots("shard-3", 4096, 25_049, 1.00196)),
        List.of("Two cores, which all servers, both services and their clients share."));
  }

  static RunReport empty() {
    return new RunReport(
        "Nothing",
        STARTED,
        Duration.ZERO,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** One second, of which nothing but its errors is known. */
  static RunReport oneSecond() {
    double none = Double.NaN;
    return new RunReport(
        "One second",
        STARTED,
        Duration.ofSeconds(1),
        List.of(new Claim("one", "1", "2", Verdict.MISSED, true)),
        List.of(),
        List.of(new Second(0, 3, 12, 13, none, 7, 0, none, Double.POSITIVE_INFINITY)),
        List.of(new Mark(0.5, "one mark")),
        List.of(new Level(0.5, 0.5, "pool", "HIGH")),
        List.of(new NodeReads("node", "shard", Map.of("FRESH", 0L))),
        List.of(new ShardSlots("shard", 0, 0, none)),
        List.of());
  }

  /** Ten minutes with gaps, values from microseconds to a minute, and many marks at once. */
  static RunReport tenMinutes() {
    List<Mark> marks = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      marks.add(new Mark(i < 12 ? 300 + i / 10.0 : 20.0 * i, "mark of " + i));
    }
    List<Level> levels = new ArrayList<>();
    String[] names = {"NORMAL", "ELEVATED", "HIGH", "CRITICAL"};
    for (int i = 0; i < 200; i++) {
      levels.add(new Level(3.0 * i, 3.0 * i + 3, "pool " + i % 3, names[i % 4]));
    }
    RunReport full = full();
    return new RunReport(
        "Ten minutes",
        STARTED,
        Duration.ofMinutes(10),
        full.claims(),
        List.of(),
        seconds(600, 100, 130),
        marks,
        levels,
        full.reads(),
        full.shards(),
        List.of());
  }

  /** Names that are too long, or that are markup. */
  static RunReport hostile() {
    String endless = "pool-with-a-name-that-never-ends-".repeat(8);
    String odd = "a & b \"c\" 'd' \u0000\u0007 \ud800 | ü €";
    return new RunReport(
        SCRIPT + endless,
        STARTED,
        Duration.ofSeconds(20),
        List.of(
            new Claim(SCRIPT, odd, endless, Verdict.MISSED, true),
            new Claim(endless, endless, SCRIPT, Verdict.HOLDS, false)),
        List.of(SCRIPT, endless, odd),
        seconds(20, 5, 6),
        List.of(new Mark(-3, SCRIPT), new Mark(5, endless), new Mark(Double.NaN, odd)),
        List.of(
            new Level(0, 10, SCRIPT, "HIGH' onload='alert(1)"), new Level(12, 11, endless, SCRIPT)),
        List.of(
            new NodeReads(SCRIPT, endless, reads(SCRIPT, 5, "a' b='c", 6)),
            new NodeReads(endless, odd, reads("FRESH", Long.MAX_VALUE / 4))),
        List.of(new ShardSlots(SCRIPT + endless, 3, 4, 1.5)),
        List.of(SCRIPT, endless, odd));
  }

  /** A load that is slow in the middle, with nothing measured between two moments. */
  private static List<Second> seconds(int count, double gapFrom, double gapTo) {
    Random random = new Random(7);
    List<Second> seconds = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      boolean gap = gapFrom < i && i < gapTo;
      boolean known = i > 4 && !gap;
      double slow = Math.exp(-Math.pow((i - count * 0.25) / 2.5, 2));
      double p50 = known ? 6 + 4 * random.nextDouble() + 60 * slow : Double.NaN;
      double p99 = p50 * (4 + 3 * random.nextDouble() + 6 * slow);
      boolean cached = i < count * 0.9 && known;
      seconds.add(
          new Second(
              i - 1,
              known ? 900 + 300 * random.nextDouble() - 500 * slow : Double.NaN,
              p50,
              p50 * (2 + random.nextDouble()),
              p99,
              gap && i % 7 == 0 ? 3 : 0,
              known ? random.nextInt(200) : gap ? random.nextInt(1500) : 0,
              cached ? 55 + 5 * random.nextDouble() - 30 * slow : Double.NaN,
              cached ? 12 + 5 * random.nextDouble() - 12 * slow : Double.NaN));
    }
    return seconds;
  }

  private static Map<String, Long> reads(Object... pairs) {
    Map<String, Long> reads = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      reads.put((String) pairs[i], ((Number) pairs[i + 1]).longValue());
    }
    return reads;
  }
}
