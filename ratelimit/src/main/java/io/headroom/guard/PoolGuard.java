package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may ask a pool for a connection, who waits, and who is refused; and sees, once a
 * window, how the pool does. Thread-safe, but for {@link #tick}.
 */
final class PoolGuard {

  static final long NO_DEADLINE = WaitRules.NO_DEADLINE;
  private static final Duration AFTER_SHED = Duration.ofSeconds(2);
  private static final long LEAST_RETRY = TimeUnit.MILLISECONDS.toNanos(100);

  private final String resource;
  private final ManagedPool pool;
  private final GuardSettings settings;
  private final TimeSource time;
  private final GuardListeners listeners;
  private final Gate gate;
  private final Holds holds;
  private final Tally tally;

  /** Of requests that are known to be for this pool. */
  private final DoorCounts door = new DoorCounts();

  private final WaitRules rules;
  private final PoolWatch watch;
  private final ReentrantLock nestedOnes = new ReentrantLock();

  private boolean rests;
  private volatile PoolView view = PoolView.BEGIN;

  /** Its part of a budget; null without one. */
  private @Nullable Allowance allowance;

  /** What is known of its server; null without a budget. */
  private @Nullable FleetCheck fleet;

  PoolGuard(
      String resource,
      ManagedPool pool,
      GuardSettings settings,
      TimeSource time,
      GuardListeners listeners,
      DoorCounts doorOfAll) {
    this.resource = resource;
    this.pool = pool;
    this.settings = settings;
    this.time = time;
    this.listeners = listeners;
    int size = pool.maximumSize();
    long now = time.nanoTime();
    this.gate = new Gate(size);
    this.holds = new Holds(size);
    this.tally = new Tally(now);
    this.rules = new WaitRules(settings, gate, holds);
    Sampler sampler = new Sampler(gate, holds, tally, door, doorOfAll, now);
    this.watch = new PoolWatch(settings, sampler, size);
  }

  /** Before anybody uses it: it has a part of a budget from now on, and may be grown by that. */
  void share(Allowances budget) {
    allowance = budget.join(resource, pool, gate, tally);
  }

  /** Before anybody uses it: its server is asked what it accepts. */
  void check(FleetCheck servers) {
    fleet = servers;
  }

  // What callers go through

  /**
   * Lets a caller through to the pool, after a while perhaps.
   *
   * @return what it holds from now on, to be ended
   * @throws PoolRefusedException if it is refused
   * @throws SQLException if it is interrupted while it waits
   */
  Hold enter(RequestContext context) throws SQLException {
    Criticality criticality = context.criticality();
    long deadline = deadlineNanos(context);
    tally.asked(criticality);
    if (settings.shadow()) {
      return enterInShadow(context, deadline);
    }
    Refusal refusal = refuseAtOnce(context, deadline, Thread.currentThread());
    if (refusal != null) {
      throw refused(refusal);
    }
    long now = time.nanoTime();
    if (mayEnter(criticality, now)) {
      return held(criticality, now, now);
    }
    Waiter waiter = new Waiter(criticality, holds.isAnyOf(Thread.currentThread()), now);
    refusal = queue(waiter, context, deadline);
    if (refusal != null) {
      throw refused(refusal);
    }
    if (waiter.fate() == Waiter.Fate.WAITING) {
      await(waiter, context, deadline);
    }
    return admitted(waiter, context);
  }

  /** Takes a permit if there is one; if there is none, the pool grows where it can. */
  boolean mayEnter(Criticality criticality, long nowNanos) {
    return gate.tryEnter(criticality, nowNanos)
        || (allowance != null && allowance.grow() && gate.tryEnter(criticality, nowNanos));
  }

  /** The figures tell of waits in the pool, and of what would have been refused. */
  private Hold enterInShadow(RequestContext context, long deadline) {
    Criticality criticality = context.criticality();
    Refusal refusal = refuseAtOnce(context, deadline, Thread.currentThread());
    long now = time.nanoTime();
    if (refusal == null && gate.inUse() >= gate.limit()) {
      int before = holds.waiting(criticality);
      long expected = rules.expectedNanos(before, view);
      RefusalReason reason =
          deadline != NO_DEADLINE && deadline - now < expected
              ? RefusalReason.DEADLINE
              : rules.refuses(criticality, before, expected, view);
      refusal =
          reason == null
              ? null
              : refusal(reason, context.criticality(), context.cohort(), expected);
    }
    if (refusal != null) {
      tally.shadowed(criticality);
      listeners.refused(refusal, true);
    }
    gate.enter();
    return held(criticality, now, now);
  }

  private long deadlineNanos(RequestContext context) {
    Duration left = context.remaining().orElse(null);
    if (left == null) {
      return NO_DEADLINE;
    }
    long now = time.nanoTime();
    long deadline = now + Math.min(left.toNanos(), Long.MAX_VALUE / 4);
    return deadline == NO_DEADLINE ? deadline - 1 : deadline;
  }

  /** Who holds a connection already is not shed: what it has done so far would be lost. */
  @Nullable Refusal refuseAtOnce(RequestContext context, long deadline, Thread caller) {
    if (deadline != NO_DEADLINE && deadline - time.nanoTime() <= 0) {
      return refusal(RefusalReason.DEADLINE, context.criticality(), context.cohort(), 0);
    }
    PoolView now = view;
    return now.sheds()
            && !wasDrawnForAtTheDoor(context)
            && Draw.of(context) < now.share(context.criticality())
            && !holds.isAnyOf(caller)
        ? refusal(
            RefusalReason.SHED,
            context.criticality(),
            context.cohort(),
            rules.expectedNanos(gate.waiting(), view))
        : null;
  }

  /** Whose draw is a new one each time has had his, where requests are asked for at the door. */
  private boolean wasDrawnForAtTheDoor(RequestContext context) {
    return watch.isDoorInUse() && context.cohort().isEmpty() && RequestContext.attached().isEmpty();
  }

  /** Null if the waiter waits now, or has been let in. */
  @Nullable Refusal queue(Waiter waiter, RequestContext context, long deadline) {
    if (!waiter.isNested()) {
      return queueInTurn(waiter, context, deadline);
    }
    nestedOnes.lock(); // of two who would wait for each other one is told, and not both or none
    try {
      return queueInTurn(waiter, context, deadline);
    } finally {
      nestedOnes.unlock();
    }
  }

  private @Nullable Refusal queueInTurn(Waiter waiter, RequestContext context, long deadline) {
    int before = gate.waitingBefore(waiter.rank());
    long expected = rules.expectedNanos(before, view);
    RefusalReason reason = rules.refuses(waiter, before, expected, deadline, view);
    if (reason == null) {
      switch (gate.enterOrQueue(waiter, settings.maximumWaiters(gate.reach()))) {
        case ADMITTED -> waiter.decide(Waiter.Fate.ADMITTED);
        case FULL -> reason = RefusalReason.QUEUE_FULL;
        case QUEUED -> {
          if (allowance != null) {
            allowance.waits();
          }
        }
      }
    }
    return reason == null
        ? null
        : refusal(reason, context.criticality(), context.cohort(), expected);
  }

  /** Until the waiter's fate is decided. */
  private void await(Waiter waiter, RequestContext context, long deadline) throws SQLException {
    long asked = waiter.askedNanos();
    long longest = settings.maximumWaitNanos();
    if (deadline != NO_DEADLINE) {
      longest = Math.min(longest, deadline - asked);
    }
    boolean interrupted = false;
    while (waiter.fate() == Waiter.Fate.WAITING) {
      if (waiter.isWoken()) {
        gate.letIn();
        continue;
      }
      long left = longest - (time.nanoTime() - asked);
      if (left > 0 && !interrupted) {
        LockSupport.parkNanos(this, left);
        interrupted = Thread.currentThread().isInterrupted();
      } else if (gate.giveUp(waiter)) {
        if (interrupted) {
          tally.refused(waiter.criticality(), RefusalReason.TIMED_OUT);
          throw new SQLException(
              "pool '"
                  + resource
                  + "': interrupted while it waited for a connection. Nothing was sent",
              "57014");
        }
        throw refused(timedOut(waiter, context));
      }
    }
  }

  private Refusal timedOut(Waiter waiter, RequestContext context) {
    RefusalReason reason =
        rules.wasInDeadlock(waiter) ? RefusalReason.DEADLOCK : RefusalReason.TIMED_OUT;
    return refusal(reason, context.criticality(), context.cohort(), 0);
  }

  private Hold admitted(Waiter waiter, RequestContext context) throws SQLException {
    if (waiter.fate() == Waiter.Fate.DISPLACED) {
      throw refused(
          refusal(
              RefusalReason.QUEUE_FULL,
              context.criticality(),
              context.cohort(),
              rules.expectedNanos(gate.waiting(), view)));
    }
    long now = time.nanoTime();
    long waited = now - waiter.askedNanos();
    tally.waited(waited, waiter.hasOvertaken());
    Hold hold = held(waiter.criticality(), waiter.askedNanos(), now);
    listeners.waited(resource, waited);
    return hold;
  }

  Hold held(Criticality criticality, long askedNanos, long nowNanos) {
    Throwable where = settings.whereTaken() ? new WhereTaken() : null;
    Hold hold = new Hold(this, criticality, askedNanos, nowNanos, where);
    holds.add(hold);
    return hold;
  }

  /** In shadow mode: it had to wait in the pool, since others hold all connections. */
  void connected(Hold hold) {
    if (settings.shadow()) {
      long now = time.nanoTime();
      if (gate.inUse() > gate.limit()) {
        tally.waited(now - hold.askedNanos(), false);
      }
      hold.begins(now);
    }
    hold.connected();
  }

  /** The pool gave no connection. */
  void failed(Hold hold) {
    tally.failed();
    hold.end();
  }

  void ended(Hold hold) {
    long now = time.nanoTime();
    holds.remove(hold);
    if (hold.isConnected()) {
      tally.ended(hold.criticality(), now - hold.sinceNanos(), now);
    }
    if (allowance == null) {
      gate.leave(now);
    } else {
      allowance.leave(hold.physical());
    }
  }

  private PoolRefusedException refused(Refusal refusal) {
    tally.refused(refusal.criticality(), refusal.reason());
    listeners.refused(refusal, false);
    return new PoolRefusedException(refusal);
  }

  Refusal refusal(
      RefusalReason reason,
      Criticality criticality,
      OptionalDouble cohort,
      long expectedWaitNanos) {
    PoolView now = view;
    Duration retryAfter =
        reason == RefusalReason.SHED
            ? AFTER_SHED
            : Duration.ofNanos(Math.max(LEAST_RETRY, expectedWaitNanos));
    return new Refusal(
        resource,
        reason,
        criticality,
        cohort,
        now.level(),
        now.share(criticality),
        Duration.ofNanos(gate.oldestWaitNanos(time.nanoTime())),
        Duration.ofNanos(settings.targetNanos()),
        Duration.ofNanos(expectedWaitNanos),
        inUse(),
        gate.limit(),
        waiting(),
        retryAfter);
  }

  // What the tick does

  /** Looks at the last window. By one thread. */
  synchronized LoadLevel tick(long nowNanos) {
    if (rests) {
      return LoadLevel.NORMAL;
    }
    PoolView before = view;
    PoolView now = watch.look(nowNanos);
    view = now;
    if (now.level() != before.level()) {
      listeners.levelChanged(this, before.level(), now);
    }
    resize(now);
    holds.forEach(hold -> tellIfHeldTooLong(hold, nowNanos));
    return now.level();
  }

  /** The pool may have been resized meanwhile. */
  private void resize(PoolView now) {
    int size = allowance == null ? Math.max(1, pool.maximumSize()) : allowance.size();
    int limit = watch.limit(size, now);
    int reserved = watch.reserved(limit, now);
    if (allowance == null) {
      gate.limit(limit, reserved);
    } else {
      allowance.bound(limit, reserved);
    }
  }

  private void tellIfHeldTooLong(Hold hold, long nowNanos) {
    long held = nowNanos - hold.sinceNanos();
    if (held >= settings.heldTooLongNanos() && hold.isToBeReported()) {
      listeners.heldTooLong(resource, held, hold.owner(), hold.where());
    }
  }

  /** How many connections are out by now for as long as is told of. */
  int heldLong() {
    long nowNanos = nanoTime();
    int[] many = {0};
    holds.forEach(
        hold -> {
          boolean isLong = nowNanos - hold.sinceNanos() >= settings.heldTooLongNanos();
          many[0] += isLong && hold.isConnected() ? 1 : 0;
        });
    return many[0];
  }

  /** Nothing is shed any more, since nobody looks. */
  synchronized void rest() {
    rests = true;
    view = PoolView.BEGIN;
    if (allowance == null) {
      gate.limit(Math.max(1, pool.maximumSize()), 0);
    } else {
      allowance.bound(allowance.size(), 0);
    }
  }

  // What is to be seen from outside

  String resource() {
    return resource;
  }

  ManagedPool pool() {
    return pool;
  }

  PoolView view() {
    return view;
  }

  long nanoTime() {
    return time.nanoTime();
  }

  DoorCounts door() {
    return door;
  }

  /** Its part of the guard's budget; null if there is none. */
  @Nullable Allowance allowance() {
    return allowance;
  }

  /** What is known of its server; null if that is nothing. */
  FleetCheck.@Nullable Server server() {
    return fleet == null ? null : fleet.server(resource);
  }

  Gate gate() {
    return gate;
  }

  /** In shadow mode more are let through than the pool has: the others wait there. */
  int inUse() {
    return settings.shadow() ? Math.min(gate.inUse(), gate.limit()) : gate.inUse();
  }

  int waiting() {
    return settings.shadow() ? Math.max(0, gate.inUse() - gate.limit()) : gate.waiting();
  }

  Tally tally() {
    return tally;
  }

  @Override
  public String toString() {
    return resource
        + ": "
        + view.level()
        + ", "
        + inUse()
        + " of "
        + gate.limit()
        + " in use, "
        + waiting()
        + " waiting";
  }
}
