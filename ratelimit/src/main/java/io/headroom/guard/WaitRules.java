package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import org.jspecify.annotations.Nullable;

/** Says who may wait for a connection, by how long that would take. Thread-safe. */
final class WaitRules {

  static final long NO_DEADLINE = Long.MAX_VALUE;

  /** Under load, who is not critical waits behind so many targets' worth of others at most. */
  private static final int TARGETS = 4;

  /**
   * But so many of each rank may wait, or a quarter of the connections if that is more, so that
   * none is idle. More would only keep the service's threads.
   */
  private static final int ENOUGH = 8;

  private final GuardSettings settings;
  private final Gate gate;
  private final Holds holds;

  WaitRules(GuardSettings settings, Gate gate, Holds holds) {
    this.settings = settings;
    this.gate = gate;
    this.holds = holds;
  }

  /** How long the next one waits if so many are before it, in nanoseconds. */
  long expectedNanos(int before, PoolView now) {
    return (long) ((before + 1.0) * now.sample().meanHoldNanos() / gate.reach());
  }

  /** Null if it may. */
  @Nullable RefusalReason refuses(
      Waiter waiter, int before, long expectedNanos, long deadline, PoolView now) {
    if (waiter.isNested() && wouldBeWaitedForByAll(before)) {
      return RefusalReason.DEADLOCK;
    }
    if (deadline != NO_DEADLINE && deadline - waiter.askedNanos() < expectedNanos) {
      return RefusalReason.DEADLINE;
    }
    return waiter.isNested() ? null : refuses(waiter.criticality(), before, expectedNanos, now);
  }

  /** Where one thread takes all connections, it may take them for others, who give them back. */
  private boolean wouldBeWaitedForByAll(int before) {
    int owners = holds.owners();
    boolean mayGrow = gate.limit() < gate.reach();
    return owners > 1 && before + 1 >= owners && !mayGrow;
  }

  /**
   * Null if one who holds no connection may wait, as far as others' waits decide. The first of a
   * rank may: it is next, and how long that takes is an average.
   *
   * @param before how many wait that are served before it; those that are less critical are not
   */
  @Nullable RefusalReason refuses(
      Criticality criticality, int before, long expectedNanos, PoolView now) {
    if (before > 0 && expectedNanos > settings.maximumWaitNanos()) {
      return RefusalReason.QUEUE_FULL;
    }
    boolean isLong =
        before >= enough(gate.reach()) && expectedNanos > TARGETS * settings.targetNanos();
    return criticality != Criticality.CRITICAL && isLong && now.level().atLeast(LoadLevel.HIGH)
        ? RefusalReason.QUEUE_FULL
        : null;
  }

  /** How many of a rank may wait, however long that takes. */
  static int enough(int connections) {
    return Math.max(ENOUGH, connections / 4);
  }

  /** Whether one that has waited in vain, and waits no more, did so for those who wait for it. */
  boolean wasInDeadlock(Waiter waiter) {
    return waiter.isNested() && gate.waitingBefore(waiter.rank()) + 1 >= holds.owners();
  }
}
