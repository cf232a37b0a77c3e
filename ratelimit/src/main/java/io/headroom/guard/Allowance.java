package io.headroom.guard;

import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/**
 * What one pool has of the budget. Its numbers change in the lock of {@link Allowances} alone, and
 * may be read by all.
 */
final class Allowance {

  private final Allowances all;
  private final String resource;
  private final ManagedPool pool;
  private final Gate gate;
  private final Tally tally;

  /** The most it ever gets. */
  private final int size;

  /** The most it gets now; below its size if the adaptive limit says so. */
  private volatile int most;

  /**
   * Of its connections: those that only critical work gets, which a growing pool does not count.
   */
  private volatile int reserved;

  /** How many connections it may have open. Those in use are never more. */
  private volatile int held;

  /** When it last got some, in nanoseconds. */
  private long gotNanos;

  /** Whether it has had none, and of what it has since nothing has come back to be handed on. */
  private boolean turnIsNew;

  private long turnNanos;

  /** The fewest that were not in use, of the times that {@link #notice} looked. */
  private int leastUnused = Integer.MAX_VALUE;

  Allowance(Allowances all, String resource, ManagedPool pool, Gate gate, Tally tally, int size) {
    this.all = all;
    this.resource = resource;
    this.pool = pool;
    this.gate = gate;
    this.tally = tally;
    this.size = size;
    this.most = size;
  }

  // What callers go through

  /** A caller finds no permit: whether the pool has grown for it. */
  boolean grow() {
    return held < most && all.grow(this);
  }

  /** A caller has queued. If it is let in, its {@link Waiter} knows. */
  void waits() {
    if (held < most) {
      all.waits(this);
    }
  }

  /**
   * A permit comes back.
   *
   * @param back the connection, which is in its pool again; null if there was none
   */
  void leave(@Nullable Connection back) {
    all.leave(this, back);
  }

  /** What the tick finds out: how many the pool may use at most, and how many are reserved. */
  void bound(int mostNow, int reservedNow) {
    if (mostNow != most || reservedNow != reserved) {
      all.bound(this, Math.min(size, mostNow), reservedNow);
    }
  }

  // In the lock of Allowances

  void setBounds(int mostNow, int reservedNow) {
    most = mostNow;
    reserved = reservedNow;
    limit();
  }

  /** The permits go up last. */
  void add(int more, long nowNanos) {
    int before = held;
    if (before == 0) {
      turnIsNew = true;
    }
    gotNanos = nowNanos;
    held = before + more;
    resize(null);
    limit();
  }

  /**
   * Gives up what is not in use, down to a number.
   *
   * @return how many
   */
  int shrink(int to) {
    gate.limit(Math.min(most, to), reserved);
    // A caller who has taken a permit by the limit before sees this one, or is seen here.
    int kept = Math.min(held, Math.max(to, gate.inUse()));
    int given = held - kept;
    held = kept;
    limit();
    if (given > 0) {
      resize(null);
    }
    return given;
  }

  /** Gives up the one that comes back, before anybody else may have it. */
  void giveUp(@Nullable Connection back) {
    int before = held;
    held = before - 1;
    limit();
    gate.leave();
    resize(back);
  }

  void leaves() {
    gate.leave();
  }

  private void limit() {
    gate.limit(Math.min(most, held), reserved);
  }

  private void resize(@Nullable Connection back) {
    try {
      if (back == null) {
        pool.resize(held);
      } else {
        pool.resize(held, back);
      }
    } catch (RuntimeException failed) {
      all.poolFailed(this, failed);
    }
  }

  /** Closes what the pool has open beyond its allowance, having opened it meanwhile. */
  void sweep() {
    try {
      if (pool.open() > held) {
        pool.resize(held);
      }
    } catch (UnsupportedOperationException unknown) {
      // it says nothing of what is open
    } catch (RuntimeException failed) {
      all.poolFailed(this, failed);
    }
  }

  /** Looks at how many are not in use. */
  void notice() {
    leastUnused = Math.min(leastUnused, unused());
  }

  /** How many were not in use all the while since this was last asked. */
  int takeLeastUnused() {
    int least = Math.min(leastUnused, unused());
    leastUnused = Integer.MAX_VALUE;
    return least;
  }

  boolean isIdle() {
    return gate.inUse() == 0 && gate.waiting() == 0;
  }

  int unused() {
    return Math.max(0, held - gate.inUse());
  }

  /** How many it lacks for those who hold one and those who wait, and some more. */
  int missing(int more) {
    return Math.min(most, gate.inUse() + gate.waiting() + more + reserved) - held;
  }

  /** Whether somebody waits while it has less than its share. */
  boolean isHungry(int share) {
    return held < Math.min(most, share) && gate.waiting() > 0;
  }

  /** For how long nothing has come back, and nothing was granted. */
  long quietNanos(long nowNanos) {
    return Math.min(nowNanos - tally.lastEndNanos(), nowNanos - gotNanos);
  }

  /**
   * Its only connection comes back, and is wanted elsewhere: for how long it has been so. A turn
   * begins when it is first so, for it may have taken long until the connection was open.
   */
  long turnNanos(long nowNanos) {
    if (turnIsNew) {
      turnIsNew = false;
      turnNanos = nowNanos;
    }
    return nowNanos - turnNanos;
  }

  boolean anyWaits() {
    return gate.waiting() > 0;
  }

  /** How many it can count on, for estimates. */
  void reach(int connections) {
    gate.reach(Math.max(1, Math.min(most, connections)));
  }

  // What is to be seen

  String resource() {
    return resource;
  }

  int size() {
    return size;
  }

  /** How many connections it may have open now. */
  int held() {
    return held;
  }

  @Override
  public String toString() {
    return resource + ": " + held + " of " + size;
  }
}
