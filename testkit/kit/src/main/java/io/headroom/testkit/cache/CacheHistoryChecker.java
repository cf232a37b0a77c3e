package io.headroom.testkit.cache;

import io.headroom.testkit.cache.CacheViolation.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges a recorded history of a cache: nobody gets what was invalidated, within the bounds that it
 * promises.
 *
 * <pre>{@code
 * CacheHistoryChecker.of(history)
 *     .propagation(Duration.ofMillis(100))
 *     .maximumStaleness(Duration.ofSeconds(60))
 *     .verify();
 * }</pre>
 *
 * <p>An invalidation covers what was committed before it began. Once it has returned, a read that
 * begins later in its process, or that carries its token, must not find anything older. Any other
 * read must not if it begins more than {@code propagation} later, or {@code maximumStaleness} where
 * the bus of its process was declared down at any time while it ran; unless the answer was declared
 * stale. And no read finds what nobody had begun to write, or what surely failed.
 *
 * <p>A violation that it reports is one: operations that overlap are given the benefit of the
 * doubt, and a read that found nothing that of the newest removal. It takes O(reads ×
 * invalidations) of a key.
 *
 * <p>Immutable and thread-safe.
 */
public final class CacheHistoryChecker {

  private static final int REPORTED = 10;

  private final Map<String, List<CacheWrite>> writes;
  private final Map<String, List<Covering>> coverings;
  private final List<CacheRead> reads;
  private final List<BusOutage> outages;
  private final long propagationNanos;
  private final long maximumStalenessNanos;

  /** An invalidation that has returned, and the newest version committed before it. */
  private record Covering(CacheInvalidation invalidation, long version) {}

  private CacheHistoryChecker(
      Map<String, List<CacheWrite>> writes,
      Map<String, List<Covering>> coverings,
      List<CacheRead> reads,
      List<BusOutage> outages,
      long propagationNanos,
      long maximumStalenessNanos) {
    this.writes = writes;
    this.coverings = coverings;
    this.reads = reads;
    this.outages = outages;
    this.propagationNanos = propagationNanos;
    this.maximumStalenessNanos = maximumStalenessNanos;
  }

  /**
   * Takes what was recorded up to now, with no bounds of time.
   *
   * @param history the record
   * @return a checker of it
   * @throws IllegalStateException if writes of one key overlap or do not grow, so that nobody could
   *     say which version is the newer one
   */
  public static CacheHistoryChecker of(CacheHistory history) {
    Map<String, List<CacheWrite>> writes = new HashMap<>();
    for (CacheWrite write : history.writes()) {
      writes.computeIfAbsent(write.span().key(), key -> new ArrayList<>()).add(write);
    }
    writes.values().forEach(CacheHistoryChecker::sortByBeginning);
    Map<String, List<Covering>> coverings =
        history.invalidations().stream()
            .filter(invalidation -> !invalidation.span().isOpen())
            .map(made -> new Covering(made, covered(made, of(writes, made.span()))))
            .collect(Collectors.groupingBy(made -> made.invalidation().span().key()));
    List<CacheRead> reads =
        history.reads().stream()
            .filter(read -> !read.span().isOpen())
            .sorted(Comparator.comparingLong(read -> read.span().began().order()))
            .toList();
    return new CacheHistoryChecker(
        writes, coverings, reads, history.outages(), Long.MAX_VALUE, Long.MAX_VALUE);
  }

  private static void sortByBeginning(List<CacheWrite> ofKey) {
    ofKey.sort(Comparator.comparingLong(write -> write.span().began().order()));
    for (int i = 1; i < ofKey.size(); i++) {
      CacheWrite before = ofKey.get(i - 1);
      CacheWrite after = ofKey.get(i);
      boolean apart = before.span().isOpen() || before.span().isBefore(after.span());
      if (!apart || before.version() >= after.version()) {
        throw new IllegalStateException(
            "the history cannot be judged: "
                + before
                + " and "
                + after
                + "; give a key one writer at a time, and versions that grow");
      }
    }
  }

  private static long covered(CacheInvalidation invalidation, List<CacheWrite> writes) {
    if (invalidation.covered() != CacheInvalidation.ALL_COMMITTED) {
      return invalidation.covered();
    }
    return writes.stream()
        .filter(write -> write.isCommitted() && write.span().isBefore(invalidation.span()))
        .mapToLong(CacheWrite::version)
        .max()
        .orElse(0);
  }

  private static <T> List<T> of(Map<String, List<T>> byKey, Span span) {
    return byKey.getOrDefault(span.key(), List.of());
  }

  /**
   * Sets how long an invalidation may take until it has reached every process.
   *
   * @param bound from its return; zero or more; without bound unless set
   * @return a checker with this bound
   * @throws IllegalArgumentException if it is negative
   */
  public CacheHistoryChecker propagation(Duration bound) {
    long nanos = nanos("propagation", bound);
    return new CacheHistoryChecker(writes, coverings, reads, outages, nanos, maximumStalenessNanos);
  }

  /**
   * Sets how long what was invalidated may be found in a process whose bus is down.
   *
   * @param bound from the invalidation's return; zero or more; without bound unless set
   * @return a checker with this bound
   * @throws IllegalArgumentException if it is negative
   */
  public CacheHistoryChecker maximumStaleness(Duration bound) {
    long nanos = nanos("maximumStaleness", bound);
    return new CacheHistoryChecker(writes, coverings, reads, outages, propagationNanos, nanos);
  }

  private static long nanos(String name, Duration bound) {
    if (bound.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, was " + bound);
    }
    boolean fits = bound.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0;
    return fits ? bound.toNanos() : Long.MAX_VALUE;
  }

  /**
   * Lists what is wrong.
   *
   * @return at most one violation for each read, in the order in which they began; empty if every
   *     promise was kept
   */
  public List<CacheViolation> violations() {
    return reads.stream().flatMap(read -> broken(read).stream()).toList();
  }

  /**
   * Asserts that nothing is wrong.
   *
   * @throws AssertionError if a promise was broken; it names the key, the read and the
   *     invalidation, with their times, of the first ten
   */
  public void verify() {
    List<CacheViolation> violations = violations();
    if (!violations.isEmpty()) {
      StringBuilder report = new StringBuilder();
      report.append(violations.size()).append(" broken promises in ").append(reads.size());
      report.append(" reads (in brackets: when each began and ended)");
      violations.stream().limit(REPORTED).forEach(one -> report.append("\n  ").append(one));
      if (violations.size() > REPORTED) {
        report.append("\n  and ").append(violations.size() - REPORTED).append(" more");
      }
      throw new AssertionError(report.toString());
    }
  }

  private Optional<CacheViolation> broken(CacheRead read) {
    List<CacheWrite> ofKey = of(writes, read.span());
    if (read.version() > 0 && ofKey.stream().noneMatch(write -> isWhatWasRead(write, read))) {
      return Optional.of(
          new CacheViolation(Promise.NO_INVENTED_VERSION, read, Optional.empty(), 0));
    }
    long seen = read.version() > 0 ? read.version() : newestRemoval(ofKey, read);
    boolean busDown = outages.stream().anyMatch(outage -> outage.concerns(read));
    @Nullable CacheViolation worst = null;
    for (Covering made : of(coverings, read.span())) {
      Promise promise = made.version() > seen ? promise(made.invalidation(), read, busDown) : null;
      if (promise != null && (worst == null || isWorse(promise, made.version(), worst))) {
        worst = new CacheViolation(promise, read, Optional.of(made.invalidation()), made.version());
      }
    }
    return Optional.ofNullable(worst);
  }

  private static boolean isWhatWasRead(CacheWrite write, CacheRead read) {
    return write.version() == read.version() && !write.removes() && write.mayBeSeenBy(read);
  }

  /** What one who found nothing may have seen. */
  private static long newestRemoval(List<CacheWrite> ofKey, CacheRead read) {
    return ofKey.stream()
        .filter(write -> write.removes() && write.mayBeSeenBy(read))
        .mapToLong(CacheWrite::version)
        .max()
        .orElse(0);
  }

  /** What an invalidation has promised to a read; null if nothing. */
  private @Nullable Promise promise(CacheInvalidation made, CacheRead read, boolean busDown) {
    if (!made.span().isBefore(read.span())) {
      return null;
    }
    if (made.process().equals(read.process())) {
      return Promise.OWN_PROCESS;
    }
    if (read.knows(made)) {
      return Promise.TOKEN;
    }
    long bound = busDown ? maximumStalenessNanos : propagationNanos;
    if (read.isStale() || made.span().nanosBefore(read.span()) <= bound) {
      return null;
    }
    return busDown ? Promise.MAX_STALENESS : Promise.PROPAGATION;
  }

  /** A stronger promise, or as strong a one about a newer version. */
  private static boolean isWorse(Promise promise, long covered, CacheViolation than) {
    int order = promise.compareTo(than.promise());
    return order < 0 || (order == 0 && covered > than.covered());
  }
}
