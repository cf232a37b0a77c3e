package io.headroom.benchmarks.report;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.atMostAbove;
import static io.headroom.benchmarks.report.Reach.atMostSum;
import static io.headroom.benchmarks.report.Reach.same;
import static io.headroom.benchmarks.report.Reach.timesFaster;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class SectionTest {
  private static final Origin ORIGIN =
      new Origin(LocalDate.of(2026, 1, 31), 2, "17 (Test VM)", "Linux amd64", "mvn -q x");

  @Test
  void printsFiguresRatiosAndReaches() {
    Samples samples =
        new Samples(
            List.of(
                new Sample("ours", "10", Metric.TIME, 5, 0.01),
                Sample.of("ours", "10", Metric.ALLOCATED, 0.001),
                new Sample("ours", "1,000", Metric.TIME, 6, 0.5),
                new Sample("peer", "10", Metric.TIME, 20, Double.NaN),
                Sample.of("peer", "10", Metric.ALLOCATED, 1234)));
    Section section =
        new Section(
            "Title",
            "Words.",
            "shards",
            "ours",
            List.of(
                Reach.of("≤ 7 ns", atMost("ours", "10", Metric.TIME, 7)),
                Reach.of(
                    "≥ 5× peer at 10 / 1,000",
                    timesFaster("ours", "peer", "10", 5),
                    timesFaster("ours", "peer", "1,000", 5))));

    assertThat(section.print(samples, ORIGIN))
        .isEqualTo(
            """
            ## Title

            Words.

            Measured 2026-01-31 on 2 cores, JDK 17 (Test VM), Linux amd64, by `mvn -q x`.

            | shards | who | time | B/op | time, ours = 1 |
            |---|---|---|---|---|
            | 10 | ours | 5.00 ns | 0 | 1.00 |
            | 10 | peer | 20.0 ns | 1,234 | 4.00 |
            | 1,000 | ours | 6.00 ns ± 0.50 ns | – | 1.00 |

            | reach | measured | met |
            |---|---|---|
            | ≤ 7 ns | 5.00 ns | yes |
            | ≥ 5× peer at 10 / 1,000 | 4.0× / not measured | no |
            """);
  }

  @Test
  void hasNoRatiosWithoutOurTime() {
    Samples samples = new Samples(List.of(Sample.of("ours", "", Metric.JARS, 3)));
    assertThat(new Section("T", "W.", "", "", List.of()).print(samples, ORIGIN))
        .endsWith("| who | jars |\n|---|---|\n| ours | 3 |\n");
  }

  @Test
  void judgesDifferencesAndEquality() {
    Samples samples =
        new Samples(
            List.of(
                Sample.of("ours", "", Metric.START, 260e6),
                Sample.of("peer", "", Metric.START, 230e6),
                Sample.of("ours", "", Metric.MOVES, 130),
                Sample.of("peer", "", Metric.MOVES, 131)));
    assertThat(atMostAbove("ours", "peer", "", Metric.START, 50e6).judge(samples))
        .isEqualTo(new Reach.Verdict("+30.0 ms", true));
    assertThat(atMostAbove("peer", "ours", "", Metric.START, -50e6).judge(samples))
        .isEqualTo(new Reach.Verdict("-30.0 ms", false));
    assertThat(same("ours", "peer", "", Metric.MOVES).judge(samples))
        .isEqualTo(new Reach.Verdict("130 of 131", false));
    assertThat(same("ours", "absent", "", Metric.MOVES).judge(samples).met()).isFalse();
    assertThat(atMostAbove("ours", "absent", "", Metric.MOVES, 9).judge(samples).met()).isFalse();
  }

  @Test
  void judgesSums() {
    Samples samples =
        new Samples(
            List.of(
                Sample.of("whole", "", Metric.ALLOCATED, 97.4),
                Sample.of("more", "", Metric.ALLOCATED, 97.6),
                Sample.of("limit", "", Metric.ALLOCATED, 64),
                Sample.of("door", "", Metric.ALLOCATED, 33)));
    List<String> parts = List.of("limit", "door");
    assertThat(atMostSum("whole", parts, "", Metric.ALLOCATED).judge(samples))
        .isEqualTo(new Reach.Verdict("97 of 97", true));
    assertThat(atMostSum("more", parts, "", Metric.ALLOCATED).judge(samples).met()).isFalse();
    assertThat(atMostSum("whole", List.of("limit", "absent"), "", Metric.ALLOCATED).judge(samples))
        .isEqualTo(new Reach.Verdict("not measured", false));
  }

  @Test
  void printsEveryMetricWithItsUnit() {
    assertThat(Metric.TIME.print(4.567)).isEqualTo("4.57 ns");
    assertThat(Metric.TIME.print(13_600)).isEqualTo("13.6 µs");
    assertThat(Metric.TIME.print(548e6)).isEqualTo("548 ms");
    assertThat(Metric.TIME.print(3.8e9)).isEqualTo("3.80 s");
    assertThat(Metric.START.print(3.8e9)).isEqualTo("3.80 s");
    assertThat(Metric.HEAP.print(6_085_206)).isEqualTo("6.09 MB");
    assertThat(Metric.JAR_BYTES.print(178_000)).isEqualTo("178 KB");
    assertThat(Metric.CLASSES.print(8242)).isEqualTo("8,242");
    assertThat(Metric.OVERHEAD.print(0.0123)).isEqualTo("+1.23 %");
  }
}
