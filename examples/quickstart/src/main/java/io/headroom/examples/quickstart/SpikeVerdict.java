package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whether the guard has kept its promises: at ten times what the pool can do it did what it can,
 * where the bare pool did not; the least critical were refused first, and at once; and when the
 * spike was over, so was the alarm.
 *
 * <p>Goodput is how many a second were served in time, by what the pool can do. The spike's first
 * second does not count: that long a bare pool does well, until those it comes to have waited for
 * longer than they would.
 */
final class SpikeVerdict {

  /** It is about 100, and less where something else has the machine's cores meanwhile. */
  private static final double LEAST_PERCENT = 80;

  private static final double LEAST_PERCENT_CRITICAL = 95;
  private static final double MOST_PERCENT_LEFT_WAITING = 2;

  /** The bare pool's goodput must be below the guarded one's by this factor. */
  private static final double CLEARLY = 2;

  private final double capacity;
  private final SpikeFigures bare;
  private final SpikeFigures guarded;
  private final LoadLevel highest;
  private final Optional<Duration> recovery;

  /**
   * Judges.
   *
   * @param capacity how many requests a second the pool can serve
   * @param bare what came of the spike without a guard
   * @param guarded what came of it with one
   * @param highest the highest level that the guard saw
   * @param recovery how long after the spike its level was normal, if it was
   */
  SpikeVerdict(
      double capacity,
      SpikeFigures bare,
      SpikeFigures guarded,
      LoadLevel highest,
      Optional<Duration> recovery) {
    this.capacity = capacity;
    this.bare = bare;
    this.guarded = guarded;
    this.highest = highest;
    this.recovery = recovery;
  }

  double goodputPercent() {
    return percent(guarded.servedPerSecond());
  }

  double bareGoodputPercent() {
    return percent(bare.servedPerSecond());
  }

  /** Until the guard's level was normal again; -1 if it was not. */
  long recoverMillis() {
    return recovery.map(Duration::toMillis).orElse(-1L);
  }

  private double percent(double servedPerSecond) {
    return 100 * servedPerSecond / capacity;
  }

  void show(Screen screen) {
    List<List<String>> rows = new ArrayList<>();
    addRows(rows, "bare", bare);
    addRows(rows, "guarded", guarded);
    screen.table(
        List.of(
            "requests",
            "came",
            "in time",
            "refused at door",
            "at pool",
            "left waiting",
            "p50 ms",
            "p99 ms"),
        rows);
    screen.table(
        Stream.concat(
                Stream.of("goodput"),
                Stream.concat(
                    IntStream.rangeClosed(1, SpikeLoad.SECONDS)
                        .mapToObj(second -> String.format(Locale.ROOT, "second %d", second)),
                    Stream.of("time to recover")))
            .toList(),
        List.of(
            goodputRow("bare", bare, bareRecovery()),
            goodputRow("guarded", guarded, guardedRecovery())));
  }

  private static void addRows(List<List<String>> rows, String title, SpikeFigures figures) {
    for (Criticality each : Criticality.values()) {
      rows.add(row(title + ", " + each, figures.came(each)));
    }
    rows.add(row(title + ", all", figures.all()));
  }

  private static List<String> row(String title, Requests requests) {
    return List.of(
        title,
        count(requests.came()),
        count(requests.inTime()),
        count(requests.atTheDoor()),
        count(requests.atThePool()),
        count(requests.leftWaiting()),
        millis(requests, 50),
        millis(requests, 99));
  }

  private List<String> goodputRow(String title, SpikeFigures figures, String recovers) {
    List<String> row = new ArrayList<>();
    row.add(title);
    figures.servedInSecond().forEach(served -> row.add(decimal(percent(served)) + " %"));
    row.add(recovers);
    return row;
  }

  /** It is not waited for: this is how long the pool works on what was left to it. */
  private String bareRecovery() {
    return "%s s, for %s left"
        .formatted(decimal(bare.leftAtTheEnd() / capacity), count(bare.leftAtTheEnd()));
  }

  private String guardedRecovery() {
    return recovery
        .map(after -> "%s s".formatted(decimal(after.toMillis() / 1e3)))
        .orElse("not yet");
  }

  List<Check> checks() {
    Requests critical = guarded.came(Criticality.CRITICAL);
    Requests standard = guarded.came(Criticality.STANDARD);
    Requests sheddable = guarded.came(Criticality.SHEDDABLE);
    Requests all = guarded.all();
    return List.of(
        new Check(
            "at %s times what it can do, a guarded pool does at least %.0f %% of that"
                .formatted(decimal(SpikeLoad.times()), LEAST_PERCENT),
            goodputPercent() >= LEAST_PERCENT,
            "%s %% of %s a second".formatted(decimal(goodputPercent()), decimal(capacity))),
        new Check(
            "and a bare one clearly less",
            bareGoodputPercent() * CLEARLY < goodputPercent() && bare.all().came() > 0,
            "%s %%".formatted(decimal(bareGoodputPercent()))),
        new Check(
            "critical requests were served meanwhile",
            critical.percentInTime() >= LEAST_PERCENT_CRITICAL,
            "%s of %s".formatted(count(critical.inTime()), count(critical.came()))),
        new Check(
            "the least critical were refused first",
            sheddable.refused() > 0 && standard.percentInTime() > sheddable.percentInTime(),
            "%s %% of the standard ones were served, %s %% of the sheddable"
                .formatted(decimal(standard.percentInTime()), decimal(sheddable.percentInTime()))),
        new Check(
            "who was not served was told so in time",
            100.0 * all.leftWaiting() <= MOST_PERCENT_LEFT_WAITING * all.came() && all.came() > 0,
            "%s of %s were left waiting".formatted(count(all.leftWaiting()), count(all.came()))),
        new Check(
            "the guard's level went up, and is normal again",
            highest.atLeast(LoadLevel.HIGH) && recovery.isPresent(),
            "it was %s, and normal %s"
                .formatted(
                    highest,
                    recovery.isPresent()
                        ? count(recoverMillis()) + " ms after the spike"
                        : "not at all")));
  }

  private static String millis(Requests requests, double percentile) {
    return requests.served().getTotalCount() == 0
        ? "-"
        : decimal(requests.served().getValueAtPercentile(percentile) / 1e6);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
