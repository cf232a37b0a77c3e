package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Results.decimal;
import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.examples.quickstart.ProfileJudge.Span;
import io.headroom.examples.quickstart.service.Figures;
import io.headroom.examples.quickstart.service.Profile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * What both services' caches have done, and whether they have kept their promises: with Redis
 * there, news take {@link ProfileJudge#NEWS} at most; while it is away and for a little after that,
 * {@link Profile#MAX_STALENESS} more.
 */
final class CacheVerdict {

  private static final Duration MOST_WHILE_AWAY = Profile.MAX_STALENESS.plus(ProfileJudge.NEWS);

  private static final int SHOWN = 10;

  private final List<Figures.Cache> caches;
  private final ProfileJudge.Findings findings;
  private final InvalidationWatch.Outcome watched;
  private final Faults.Outage outage;

  /**
   * Judges.
   *
   * @param caches what each service has done
   * @param findings what was shown
   * @param watched what became of the changes that were watched
   * @param outage when Redis was away
   */
  CacheVerdict(
      List<Figures.Cache> caches,
      ProfileJudge.Findings findings,
      InvalidationWatch.Outcome watched,
      Faults.Outage outage) {
    this.caches = caches;
    this.findings = findings;
    this.watched = watched;
    this.outage = outage;
  }

  /** What both caches have done. */
  private Figures.Cache both() {
    return Figures.Cache.sum(caches);
  }

  /** How long changes took to the other service while Redis was there, in nanoseconds. */
  Histogram arrivals() {
    return arrivals(service -> true);
  }

  private Histogram arrivals(Predicate<Integer> service) {
    Histogram histogram = new Histogram(3);
    findings.arrivals().stream()
        .filter(span -> service.test(span.service()) && !whileAway(span))
        .forEach(span -> histogram.recordValue(Math.max(0, span.length().toNanos())));
    return histogram;
  }

  /** Reads that showed what they must not have shown any more. */
  long stale() {
    return staleOwnReads()
        + findings.staleReads().size()
        + findings.lateReads().stream().filter(read -> !isAllowed(read)).count();
  }

  /** Reads of who had changed a profile that missed it. */
  long staleOwnReads() {
    return findings.staleOwnReads();
  }

  private boolean isAllowed(Span read) {
    return whileAway(read) && read.length().compareTo(MOST_WHILE_AWAY) <= 0;
  }

  private boolean whileAway(Span span) {
    long backNanos = outage.restartedNanos() + Profile.MAX_STALENESS.toNanos();
    return span.readNanos() - outage.killedNanos() >= 0 && span.changedNanos() - backNanos <= 0;
  }

  void show(Screen screen) {
    List<List<String>> rows = new ArrayList<>();
    IntStream.range(0, caches.size())
        .forEach(
            i -> rows.add(row(String.format(Locale.ROOT, "service-%d", i + 1), caches.get(i))));
    rows.add(row("both", both()));
    screen.table(
        List.of(
            "service", "profiles read", "L1 hits", "L2 hits", "loaded", "avoided", "without Redis"),
        rows);
    screen.line("   L1 is the service's own memory, L2 what it had not and Redis had; avoided are");
    screen.line("   loads from the database, per cent of the profiles read");
    screen.table(
        List.of("invalidations", "count", "p50 ms", "p99 ms", "longest ms", "while Redis was away"),
        List.of(
            arrivalsRow("from service-1 to service-2", service -> service == 1),
            arrivalsRow("from service-2 to service-1", service -> service == 0),
            arrivalsRow("both ways", service -> true)));
    showStale(screen);
    watched.firstFailures().forEach(failure -> screen.line("   failure: %s".formatted(failure)));
  }

  /** What a person needs who wants to find out why. */
  private void showStale(Screen screen) {
    Stream.concat(
            findings.staleReads().stream().map(span -> describe("stale", span)),
            findings.lateReads().stream()
                .filter(span -> !isAllowed(span))
                .map(span -> describe("late", span)))
        .limit(SHOWN)
        .forEach(line -> screen.line("   %s".formatted(line)));
  }

  private String describe(String what, Span span) {
    return String.format(
        Locale.ROOT,
        "%s read of user %d at service-%d, %.3f s after a change that came %.3f s after Redis had"
            + " been killed",
        what,
        span.userId(),
        span.service() + 1,
        span.length().toNanos() / 1e9,
        (span.changedNanos() - outage.killedNanos()) / 1e9);
  }

  private static List<String> row(String title, Figures.Cache cache) {
    return List.of(
        title,
        count(cache.gets()),
        decimal(cache.percentLocal(), 1) + " %",
        decimal(cache.percentShared(), 1) + " %",
        count(cache.loaded()),
        decimal(100.0 - 100.0 * cache.loaded() / cache.gets(), 1) + " %",
        count(cache.withoutRedis()));
  }

  private List<String> arrivalsRow(String title, Predicate<Integer> service) {
    Histogram histogram = arrivals(service);
    long whileAway =
        findings.arrivals().stream()
            .filter(span -> service.test(span.service()) && whileAway(span))
            .count();
    return List.of(
        title,
        count(histogram.getTotalCount()),
        decimal(histogram.getValueAtPercentile(50) / 1e6, 2),
        decimal(histogram.getValueAtPercentile(99) / 1e6, 2),
        decimal(histogram.getMaxValue() / 1e6, 2),
        count(whileAway));
  }

  /**
   * Says all of it.
   *
   * @param calm what both caches did when all was calm
   * @param journal what users were shown of their orders
   */
  void judge(Results results, Figures.Cache calm, Journal journal) {
    hitRates(results, calm);
    invalidations(results);
    long staleOwn = staleOwnReads() + journal.staleReads();
    results.gate(
        "stale reads of one's own writes",
        "0",
        "%s of %s".formatted(count(staleOwn), count(findings.ownReads() + journal.reads())),
        staleOwn == 0 && findings.ownReads() > 0);
    long allowed = findings.lateReads().stream().filter(this::isAllowed).count();
    results.gate(
        "stale reads after an invalidation",
        "0",
        "%s; while Redis was away %s up to %s s old; writers read %s elsewhere"
            .formatted(
                count(stale()),
                count(allowed),
                decimal(oldestWhileAway().toMillis() / 1e3, 1),
                count(findings.ownReadsElsewhere())),
        stale() == 0 && findings.ownReadsElsewhere() > 0);
    results.put("stale_reads", staleOwn);
    results.put("stale_after_invalidate", stale());
    results.check(
        "Redis was killed, and both caches did without",
        caches.stream().allMatch(cache -> cache.withoutRedis() > 0),
        "away for %s s, %s loads without it, %s invalidations sent again"
            .formatted(
                decimal(outage.length().toMillis() / 1e3, 1),
                count(both().withoutRedis()),
                count(both().sentAgain())));
  }

  private void hitRates(Results results, Figures.Cache calm) {
    Figures.Cache all = both();
    results.judge(
        "L1 hit rate",
        "60–70 %",
        "%s %% when all is calm, %s %% in all"
            .formatted(decimal(calm.percentLocal(), 1), decimal(all.percentLocal(), 1)),
        calm.percentLocal() >= 60);
    results.judge(
        "L2 hit rate, of the rest",
        "85–95 %",
        "%s %% when all is calm, %s %% in all"
            .formatted(decimal(calm.percentShared(), 1), decimal(all.percentShared(), 1)),
        calm.percentShared() >= 85);
    results.check(
        "both tiers of both caches had profiles",
        caches.stream().allMatch(cache -> cache.local() > 0 && cache.shared() > 0)
            && watched.failed() == 0,
        "L1 %s %%, L2 %s %% of the rest, %s failures"
            .formatted(
                decimal(all.percentLocal(), 1),
                decimal(all.percentShared(), 1),
                count(watched.failed())));
    results.put("l1_hit", all.percentLocal(), 1, "%");
    results.put("l2_hit", all.percentShared(), 1, "%");
  }

  private void invalidations(Results results) {
    Histogram arrivals = arrivals();
    double p50 = arrivals.getValueAtPercentile(50) / 1e6;
    double p99 = arrivals.getValueAtPercentile(99) / 1e6;
    results.judge(
        "invalidation in the other service",
        "< 100 ms",
        "p50 %s ms, p99 %s ms, of %s"
            .formatted(decimal(p50, 1), decimal(p99, 1), count(arrivals.getTotalCount())),
        p99 < 100);
    results.check(
        "every change that was watched arrived in the other service, both ways",
        watched.missing() == 0
            && IntStream.range(0, Services.COUNT)
                .allMatch(i -> arrivals(service -> service == i).getTotalCount() > 0),
        "%s missing, p99 %s ms".formatted(count(watched.missing()), decimal(p99, 2)));
    results.put("invalidation_p99_ms", p99, 2, "");
  }

  private Duration oldestWhileAway() {
    return findings.lateReads().stream()
        .filter(this::whileAway)
        .map(Span::length)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
