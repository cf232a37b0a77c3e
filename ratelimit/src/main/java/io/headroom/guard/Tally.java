package io.headroom.guard;

import io.headroom.Criticality;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What happens at a pool, counted for as long as it is guarded. Thread-safe. */
final class Tally {

  private static final long NONE = Long.MAX_VALUE;

  private final LongAdder[] asked = adders();
  private final Map<RefusalReason, LongAdder[]> refused = new EnumMap<>(RefusalReason.class);
  private final LongAdder[] shadowed = adders();
  private final LongAdder waited = new LongAdder();
  private final LongAdder overtook = new LongAdder();
  private final LongAdder waitNanos = new LongAdder();
  private final LongAdder[] ended = adders();
  private final LongAdder[] heldNanos = adders();
  private final LongAdder failed = new LongAdder();

  /** The shortest wait since it was last taken, of those who have overtaken nobody. */
  private final AtomicLong shortestWait = new AtomicLong(NONE);

  private volatile long lastEndNanos;

  Tally(long nowNanos) {
    for (RefusalReason reason : RefusalReason.values()) {
      refused.put(reason, adders());
    }
    this.lastEndNanos = nowNanos;
  }

  private static LongAdder[] adders() {
    LongAdder[] adders = new LongAdder[Rank.COUNT];
    for (int i = 0; i < adders.length; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  void asked(Criticality criticality) {
    asked[Rank.of(criticality)].increment();
  }

  void refused(Criticality criticality, RefusalReason reason) {
    refused(reason)[Rank.of(criticality)].increment();
  }

  /** Would have been refused; that it is counted as refused as well is up to the caller. */
  void shadowed(Criticality criticality) {
    shadowed[Rank.of(criticality)].increment();
  }

  /**
   * One has waited for its connection.
   *
   * @param overtook whether others had waited for longer: its wait says nothing of theirs
   */
  void waited(long nanos, boolean overtook) {
    waited.increment();
    waitNanos.add(nanos);
    if (overtook) {
      this.overtook.increment();
      return;
    }
    for (long least = shortestWait.get(); nanos < least; least = shortestWait.get()) {
      if (shortestWait.compareAndSet(least, nanos)) {
        return;
      }
    }
  }

  void ended(Criticality criticality, long nanos, long nowNanos) {
    ended[Rank.of(criticality)].increment();
    heldNanos[Rank.of(criticality)].add(nanos);
    lastEndNanos = nowNanos;
  }

  /** The pool gave no connection. */
  void failed() {
    failed.increment();
  }

  long askedCount(Criticality criticality) {
    return asked[Rank.of(criticality)].sum();
  }

  long refusedCount(Criticality criticality, RefusalReason reason) {
    return refused(reason)[Rank.of(criticality)].sum();
  }

  private LongAdder[] refused(RefusalReason reason) {
    return Objects.requireNonNull(refused.get(reason));
  }

  long refusedCount(Criticality criticality) {
    long all = 0;
    for (RefusalReason reason : RefusalReason.values()) {
      all += refusedCount(criticality, reason);
    }
    return all;
  }

  long shadowedCount(Criticality criticality) {
    return shadowed[Rank.of(criticality)].sum();
  }

  long waitedCount() {
    return waited.sum();
  }

  /** How many of them have overtaken others. */
  long overtookCount() {
    return overtook.sum();
  }

  long waitNanos() {
    return waitNanos.sum();
  }

  long endedCount() {
    return sum(ended);
  }

  long endedCount(Criticality criticality) {
    return ended[Rank.of(criticality)].sum();
  }

  long heldNanos() {
    return sum(heldNanos);
  }

  long heldNanos(Criticality criticality) {
    return heldNanos[Rank.of(criticality)].sum();
  }

  private static long sum(LongAdder[] adders) {
    long all = 0;
    for (LongAdder each : adders) {
      all += each.sum();
    }
    return all;
  }

  long failedCount() {
    return failed.sum();
  }

  long lastEndNanos() {
    return lastEndNanos;
  }

  /** The shortest wait since this was last asked; -1 if nobody has waited in turn. */
  long takeShortestWait() {
    long shortest = shortestWait.getAndSet(NONE);
    return shortest == NONE ? -1 : shortest;
  }
}
