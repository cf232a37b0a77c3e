package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.examples.quickstart.ProfileJudge.Span;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * What both processes' caches have done, and whether they have kept their promises: with Redis
 * there, news take {@link ProfileJudge#NEWS} at most; while it is away and for a little after that,
 * {@link Profiles#MAX_STALENESS} more.
 */
final class CacheVerdict {

  private static final Duration MOST_WHILE_AWAY = Profiles.MAX_STALENESS.plus(ProfileJudge.NEWS);

  private static final int SHOWN = 10;

  private final ProfileReport first;
  private final ProfileReport second;
  private final Faults.Outage outage;

  /**
   * Judges.
   *
   * @param first what the first process says
   * @param second what the second says
   * @param outage when Redis was away
   */
  CacheVerdict(ProfileReport first, ProfileReport second, Faults.Outage outage) {
    this.first = first;
    this.second = second;
    this.outage = outage;
  }

  /** How many of a hundred profiles were at hand in the process that asked. */
  double percentLocal() {
    return percent(sum(ProfileReport::local), sum(ProfileReport::gets));
  }

  /** How many of a hundred of the others Redis had. */
  double percentShared() {
    return percentShared(sum(ProfileReport::shared), sum(ProfileReport::loaded));
  }

  /** How long changes took to the other process while Redis was there, in nanoseconds. */
  Histogram arrivals() {
    return arrivals(first, second);
  }

  /** Reads that showed what they must not have shown any more. */
  long stale() {
    return lateReads().filter(read -> !isAllowed(read)).count()
        + sum(report -> report.findings().staleReads().size())
        + staleOwnReads();
  }

  private boolean isAllowed(Span read) {
    return whileAway(read) && read.length().compareTo(MOST_WHILE_AWAY) <= 0;
  }

  private long staleOwnReads() {
    return sum(report -> report.findings().staleOwnReads());
  }

  private Stream<Span> lateReads() {
    return Stream.of(first, second).flatMap(report -> report.findings().lateReads().stream());
  }

  private boolean whileAway(Span span) {
    long backNanos = outage.restartedNanos() + Profiles.MAX_STALENESS.toNanos();
    return span.readNanos() - outage.killedNanos() >= 0 && span.changedNanos() - backNanos <= 0;
  }

  private Histogram arrivals(ProfileReport... reports) {
    Histogram histogram = new Histogram(3);
    Stream.of(reports)
        .flatMap(report -> report.findings().arrivals().stream())
        .filter(span -> !whileAway(span))
        .forEach(span -> histogram.recordValue(Math.max(0, span.length().toNanos())));
    return histogram;
  }

  void show(Screen screen) {
    screen.table(
        List.of(
            "process", "profiles read", "L1 hits", "L2 hits", "loaded", "avoided", "without Redis"),
        List.of(
            row("first", first.gets(), first.local(), first.shared(), first.loaded(), first),
            row("second", second.gets(), second.local(), second.shared(), second.loaded(), second),
            row(
                "both",
                sum(ProfileReport::gets),
                sum(ProfileReport::local),
                sum(ProfileReport::shared),
                sum(ProfileReport::loaded),
                first,
                second)));
    screen.line("   L1 is the process's own memory, L2 what it had not and Redis had; avoided are");
    screen.line("   loads from the database, per cent of the profiles read");
    screen.table(
        List.of("invalidations", "count", "p50 ms", "p99 ms", "longest ms", "while Redis was away"),
        List.of(
            arrivalsRow("first to second", second),
            arrivalsRow("second to first", first),
            arrivalsRow("both ways", first, second)));
    showStale(screen, "first", first);
    showStale(screen, "second", second);
    Stream.of(first, second)
        .flatMap(report -> report.findings().firstFailures().stream())
        .forEach(failure -> screen.line("   failure: %s".formatted(failure)));
  }

  /** What a person needs who wants to find out why. */
  private void showStale(Screen screen, String process, ProfileReport report) {
    Stream.concat(
            report.findings().staleReads().stream().map(span -> describe("stale", span)),
            report.findings().lateReads().stream()
                .filter(span -> !isAllowed(span))
                .map(span -> describe("late", span)))
        .limit(SHOWN)
        .forEach(line -> screen.line("   %s process: %s".formatted(process, line)));
  }

  private String describe(String what, Span span) {
    return String.format(
        Locale.ROOT,
        "%s read of user %d, %.3f s after a change that came %.3f s after Redis had been killed",
        what,
        span.userId(),
        span.length().toNanos() / 1e9,
        (span.changedNanos() - outage.killedNanos()) / 1e9);
  }

  private static List<String> row(
      String title, long gets, long local, long shared, long loaded, ProfileReport... reports) {
    return List.of(
        title,
        count(gets),
        decimal(percent(local, gets), 1) + " %",
        decimal(percentShared(shared, loaded), 1) + " %",
        count(loaded),
        decimal(100 - percent(loaded, gets), 1) + " %",
        count(Stream.of(reports).mapToLong(ProfileReport::withoutRedis).sum()));
  }

  private List<String> arrivalsRow(String title, ProfileReport... reports) {
    Histogram histogram = arrivals(reports);
    long whileAway =
        Stream.of(reports)
            .flatMap(report -> report.findings().arrivals().stream())
            .filter(this::whileAway)
            .count();
    return List.of(
        title,
        count(histogram.getTotalCount()),
        decimal(histogram.getValueAtPercentile(50) / 1e6, 2),
        decimal(histogram.getValueAtPercentile(99) / 1e6, 2),
        decimal(histogram.getMaxValue() / 1e6, 2),
        count(whileAway));
  }

  List<Check> checks() {
    long failures = sum(report -> report.findings().failures());
    long missing = sum(ProfileReport::missing);
    long allowed = lateReads().filter(this::isAllowed).count();
    return List.of(
        new Check(
            "both tiers of both caches had profiles",
            Stream.of(first, second).allMatch(one -> one.local() > 0 && one.shared() > 0)
                && failures == 0,
            "L1 %s %%, L2 %s %% of the rest, %s failures"
                .formatted(
                    decimal(percentLocal(), 1), decimal(percentShared(), 1), count(failures))),
        new Check(
            "every writer was shown the profile as it had changed it",
            staleOwnReads() == 0 && sum(report -> report.findings().ownReads()) > 0,
            "%s stale, %s read"
                .formatted(
                    count(staleOwnReads()), count(sum(report -> report.findings().ownReads())))),
        new Check(
            "no profile was shown after its invalidation",
            stale() == 0 && sum(report -> report.findings().tokenReads()) > 0,
            "%s stale; %s read with a token of the other process; %s older by up to %s s while"
                    .formatted(
                        count(stale()),
                        count(sum(report -> report.findings().tokenReads())),
                        count(allowed),
                        decimal(oldestWhileAway().toMillis() / 1e3, 1))
                + " Redis was away"),
        new Check(
            "every change arrived in the other process, both ways",
            missing == 0
                && arrivals(first).getTotalCount() > 0
                && arrivals(second).getTotalCount() > 0,
            "%s missing, p99 %s ms"
                .formatted(count(missing), decimal(arrivals().getValueAtPercentile(99) / 1e6, 2))),
        new Check(
            "Redis was killed, and both caches did without",
            first.withoutRedis() > 0 && second.withoutRedis() > 0,
            "away for %s s, %s loads without it, %s invalidations sent again"
                .formatted(
                    decimal(outage.length().toMillis() / 1e3, 1),
                    count(sum(ProfileReport::withoutRedis)),
                    count(sum(ProfileReport::sentAgain)))));
  }

  private Duration oldestWhileAway() {
    return lateReads()
        .filter(this::whileAway)
        .map(Span::length)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  private long sum(ToLongFunction<ProfileReport> count) {
    return count.applyAsLong(first) + count.applyAsLong(second);
  }

  private static double percent(long part, long whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  }

  private static double percentShared(long shared, long loaded) {
    return percent(shared, shared + loaded);
  }

  private static String decimal(double value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value);
  }
}
