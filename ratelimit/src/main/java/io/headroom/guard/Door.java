package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests before any work is done for them: those whose deadline has passed, and those
 * that are being shed by the pool they are for, or, where that is not known, by all pools.
 * Thread-safe, but for {@link #tick}.
 */
final class Door {

  static final String NAME = "door";

  /** One admission in so many is watched: who forgets to close one, forgets many. */
  static final int WATCHED_OF = 1024;

  /** And the first ones, so that tests and small services find it. */
  static final int WATCHED_FIRST = 1000;

  private final AtomicInteger watchedFirst = new AtomicInteger();

  private final GuardSettings settings;
  private final TimeSource time;
  private final GuardListeners listeners;
  private final Map<String, PoolGuard> pools;

  /** Of requests that may be for any pool. */
  private final DoorCounts counts = new DoorCounts();

  private final LongAdder ended = new LongAdder();
  private final Set<Watched> watched = ConcurrentHashMap.newKeySet();

  /** The pool with the most room: what it sheds is shed everywhere. Null if there are no pools. */
  private volatile @Nullable PoolGuard best;

  Door(
      GuardSettings settings,
      TimeSource time,
      GuardListeners listeners,
      Map<String, PoolGuard> pools) {
    this.settings = settings;
    this.time = time;
    this.listeners = listeners;
    this.pools = pools;
  }

  /**
   * An admission that is watched.
   *
   * @param sinceNanos when it began
   * @param where where it began
   */
  record Watched(long sinceNanos, Throwable where) {

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  Admission admit(Criticality criticality, RequestContext context) {
    PoolGuard known = pool(context.resource());
    DoorCounts counted = known == null ? counts : known.door();
    counted.asked(criticality);
    PoolGuard asked = known == null ? best : known;
    double draw = asked == null || !asked.view().sheds() ? 1 : Draw.of(context);
    Refusal refusal = asked == null ? null : refusal(asked, criticality, context, draw);
    if (refusal != null && known == null && anyTakes(criticality, context, draw)) {
      refusal = null; // the best is another by now
    }
    if (refusal != null) {
      listeners.refused(refusal, settings.shadow());
      if (!settings.shadow()) {
        counted.refused(criticality);
        return Admission.refused(refusal);
      }
      counted.shadowed(criticality);
    }
    Watched watch = null;
    if (isWatched()) {
      watch = new Watched(time.nanoTime(), new WhereTaken());
      watched.add(watch);
    }
    return Admission.allowed(this, refusal, watch);
  }

  private boolean isWatched() {
    return (watchedFirst.get() < WATCHED_FIRST && watchedFirst.getAndIncrement() < WATCHED_FIRST)
        || ThreadLocalRandom.current().nextInt(WATCHED_OF) == 0;
  }

  private @Nullable PoolGuard pool(Optional<String> resource) {
    return resource.isPresent() ? pools.get(resource.get()) : null;
  }

  private boolean anyTakes(Criticality criticality, RequestContext context, double draw) {
    for (PoolGuard pool : pools.values()) {
      if (refusal(pool, criticality, context, draw) == null) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Refusal refusal(
      PoolGuard pool, Criticality criticality, RequestContext context, double draw) {
    Optional<Duration> left = context.remaining();
    if (left.isPresent() && left.get().isZero()) {
      return pool.refusal(RefusalReason.DEADLINE, criticality, context.cohort(), 0);
    }
    PoolView view = pool.view();
    return view.sheds() && draw < view.share(criticality)
        ? pool.refusal(RefusalReason.SHED, criticality, context.cohort(), 0)
        : null;
  }

  void ended(@Nullable Watched watch) {
    ended.increment();
    if (watch != null) {
      watched.remove(watch);
    }
  }

  /**
   * Looks for the pool with the most room, and for admissions that nobody closes. By one thread.
   */
  void tick(long nowNanos) {
    best = leastLoaded(pools.values());
    watched.removeIf(each -> isTooOld(each, nowNanos));
  }

  private boolean isTooOld(Watched admission, long nowNanos) {
    long open = nowNanos - admission.sinceNanos();
    if (open < settings.heldTooLongNanos()) {
      return false;
    }
    listeners.admissionOpen(open, admission.where());
    return true;
  }

  private static @Nullable PoolGuard leastLoaded(Collection<PoolGuard> pools) {
    PoolGuard least = null;
    double leastShed = Double.MAX_VALUE;
    for (PoolGuard pool : pools) {
      double shed = 0;
      for (double share : pool.view().shares()) {
        shed += share;
      }
      if (shed < leastShed) {
        least = pool;
        leastShed = shed;
      }
    }
    return least;
  }

  /** Of requests that may be for any pool. */
  DoorCounts counts() {
    return counts;
  }

  /** Requests that are admitted and have not ended. */
  long inFlight() {
    long admitted = admitted(counts);
    for (PoolGuard pool : pools.values()) {
      admitted += admitted(pool.door());
    }
    return Math.max(0, admitted - ended.sum());
  }

  private static long admitted(DoorCounts counts) {
    long admitted = 0;
    for (Criticality each : Criticality.values()) {
      admitted += counts.askedCount(each) - counts.refusedCount(each);
    }
    return admitted;
  }
}
