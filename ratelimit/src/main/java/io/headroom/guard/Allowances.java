package io.headroom.guard;

import io.headroom.TimeSource;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Divides one budget of connections among pools. Callers come here only if their pool has no permit
 * for them, and those who give one back only while some pool is hungry: somebody waits there, and
 * it has less than its share, which is the budget by the number of pools that want some.
 *
 * <p>What pools may have open, and what is free, is the budget together, always: whoever is to get
 * some gets it after another has given it up, and what is in use is given up as it comes back. A
 * pool gets
 *
 * <ol>
 *   <li>what is free;
 *   <li>what another has that has been idle for a tenth of a second. A pool that has none takes it
 *       from the one that is idle longest, however short that is, and then from one that uses only
 *       some and of which nothing has come back for a tenth of a second;
 *   <li>being hungry: what comes back to a pool that has two more than it, or, if it has none
 *       itself, the only one of a pool where nobody waits or whose turn is over, 20 ms after it
 *       could first have been handed on. Those who have the fewest go first, and of them those who
 *       became hungry first;
 *   <li>on a tick: what others have not used for a second.
 * </ol>
 *
 * <p>A pool below its share while nothing is free is not alone in having an average of less than
 * its share, so there is one with at least two more: all who wait come to have their share. Each of
 * the third kind makes the numbers more equal, or ends a turn, so that connections are not opened
 * and closed in circles. Thread-safe.
 */
final class Allowances {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionGuard.class);

  static final long IDLE = TimeUnit.SECONDS.toNanos(5);
  static final long QUIET = TimeUnit.MILLISECONDS.toNanos(100);
  static final long TURN = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Who has some looks for more of others' so often at most, while there is none. */
  private static final long AGAIN = TimeUnit.MILLISECONDS.toNanos(5);

  private final PoolBudget budget;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();

  // In the lock

  private final List<Allowance> all = new ArrayList<>();

  /** What no pool has. */
  private int free;

  private final Hungry hungry = new Hungry();

  /** Whether a pool got less than it wanted. */
  private boolean refused;

  private boolean tellsOfFailure = true;
  private long lookAgainNanos;
  private long unusedSinceNanos;

  Allowances(PoolBudget budget, TimeSource time) {
    this.budget = budget;
    this.time = time;
    this.free = budget.connections();
    this.lookAgainNanos = time.nanoTime();
    this.unusedSinceNanos = lookAgainNanos;
  }

  /**
   * Lets a pool share in the budget, with none to begin with.
   *
   * @throws IllegalArgumentException if it can't be resized
   */
  Allowance join(String resource, ManagedPool pool, Gate gate, Tally tally) {
    int asked = pool.maximumSize();
    int size = Math.min(asked, budget.connections());
    try {
      pool.resize(0);
    } catch (UnsupportedOperationException fixed) {
      throw new IllegalArgumentException(
          "pool '"
              + resource
              + "' can't share in a budget, since it can't be resized: implement"
              + " ManagedPool.resize for it, or guard it without a budget",
          fixed);
    }
    if (size < asked) {
      LOG.info(
          "pool '{}': it may have {} connections by itself, and gets {} at most, which is the"
              + " budget of all pools",
          resource,
          asked,
          size);
    }
    Allowance made = new Allowance(this, resource, pool, gate, tally, size);
    lock.lock();
    try {
      all.add(made);
      made.setBounds(size, 0);
      made.reach(free);
    } finally {
      lock.unlock();
    }
    return made;
  }

  boolean grow(Allowance pool) {
    lock.lock();
    try {
      return feed(pool, 1, time.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  /** Somebody has queued at the pool. */
  void waits(Allowance pool) {
    lock.lock();
    try {
      // First, so that whoever gives back what is looked for here sees that it is wanted.
      hungry.add(pool, share());
      feed(pool, 0, time.nanoTime());
      if (!pool.isHungry(share())) {
        hungry.remove(pool);
      }
    } finally {
      lock.unlock();
    }
  }

  void leave(Allowance pool, @Nullable Connection back) {
    if (hungry.count() > 0 && handsOn(pool, back)) {
      return;
    }
    pool.leaves();
    if (hungry.count() > 0) {
      feedHungry();
    }
  }

  private boolean handsOn(Allowance pool, @Nullable Connection back) {
    lock.lock();
    try {
      Allowance next = hungry.first(share());
      long now = time.nanoTime();
      if (next == null || next == pool || !gives(pool, next, now)) {
        return false;
      }
      pool.giveUp(back);
      next.add(1, now);
      queueAgain(next);
      queueAgain(pool);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static boolean gives(Allowance pool, Allowance to, long nowNanos) {
    if (pool.held() >= to.held() + 2) {
      return true;
    }
    return to.held() == 0
        && pool.held() == 1
        && (!pool.anyWaits() || pool.turnNanos(nowNanos) >= TURN);
  }

  private void feedHungry() {
    lock.lock();
    try {
      long now = time.nanoTime();
      for (Allowance next = hungry.first(share()); next != null; next = hungry.first(share())) {
        if (!feed(next, 0, now)) {
          return;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  // In the lock

  /** Behind all others that are hungry, if it is. */
  private void queueAgain(Allowance pool) {
    hungry.remove(pool);
    hungry.add(pool, share());
  }

  /** What each would have if all got the same that have some, or want some. */
  private int share() {
    int pools = 0;
    for (Allowance pool : all) {
      pools += pool.held() > 0 || pool.anyWaits() ? 1 : 0;
    }
    return Math.max(1, budget.connections() / Math.max(1, pools));
  }

  /** Lets a pool grow to what it needs, and some more; false if it got nothing. */
  private boolean feed(Allowance pool, int more, long nowNanos) {
    int missing = pool.missing(more);
    if (missing <= 0) {
      return false;
    }
    if (free < missing) {
      takeUnused(pool, missing, nowNanos);
    }
    int got = Math.min(free, missing);
    refused |= got < missing;
    if (got == 0) {
      return false;
    }
    free -= got;
    pool.add(got, nowNanos);
    return true;
  }

  private void takeUnused(Allowance pool, int wanted, long nowNanos) {
    boolean urgent = pool.held() == 0 && free == 0;
    if (!urgent && nowNanos - lookAgainNanos < 0) {
      return;
    }
    for (int tries = all.size(); tries > 0 && free < wanted; tries--) {
      urgent = pool.held() == 0 && free == 0;
      Allowance idle = longestIdle(pool, urgent ? 0 : QUIET, nowNanos);
      if (idle == null) {
        break;
      }
      free += idle.shrink(0);
    }
    if (urgent && free == 0) {
      Allowance wasteful = mostUnused(nowNanos);
      if (wasteful != null) {
        free += wasteful.shrink(wasteful.held() - wasteful.unused());
      }
    }
    if (!urgent && free == 0) {
      lookAgainNanos = nowNanos + AGAIN;
    }
  }

  private @Nullable Allowance longestIdle(Allowance but, long atLeast, long nowNanos) {
    Allowance longest = null;
    long longestNanos = atLeast;
    for (Allowance each : all) {
      if (each != but && each.held() > 0 && each.isIdle()) {
        long idle = each.quietNanos(nowNanos);
        if (idle >= longestNanos) {
          longest = each;
          longestNanos = idle;
        }
      }
    }
    return longest;
  }

  /** Those that are used a lot give what comes back, which closes fewer connections. */
  private @Nullable Allowance mostUnused(long nowNanos) {
    Allowance most = null;
    int unused = 0;
    for (Allowance each : all) {
      if (each.held() > 1 && each.unused() > unused && each.quietNanos(nowNanos) >= QUIET) {
        most = each;
        unused = each.unused();
      }
    }
    return most;
  }

  void bound(Allowance pool, int most, int reserved) {
    lock.lock();
    try {
      pool.setBounds(most, reserved);
    } finally {
      lock.unlock();
    }
  }

  // By the guard's thread

  /** Takes back what is not used, lets those grow who wait, and says how many each can count on. */
  void tick(long nowNanos) {
    lock.lock();
    try {
      for (Allowance pool : all) {
        pool.notice();
        if (pool.held() > 0 && pool.isIdle() && pool.quietNanos(nowNanos) >= IDLE) {
          free += pool.shrink(0);
        } else {
          pool.sweep();
        }
      }
      takeUnusedForLong(nowNanos);
      for (Allowance pool : all) {
        if (pool.anyWaits()) {
          hungry.add(pool, share());
        }
      }
      feedHungry();
      feedThoseWhoWait(nowNanos);
      sayReach();
    } finally {
      lock.unlock();
    }
  }

  private void takeUnusedForLong(long nowNanos) {
    if (nowNanos - unusedSinceNanos < SECOND) {
      return;
    }
    unusedSinceNanos = nowNanos;
    int wanted = refused ? 1 : 0;
    for (Allowance pool : all) {
      wanted += pool.anyWaits() ? Math.max(0, pool.missing(0)) : 0;
    }
    for (Allowance pool : all) {
      int unused = pool.takeLeastUnused();
      if (free < wanted && unused > 0) {
        free += pool.shrink(pool.held() - Math.min(unused, wanted - free));
      }
    }
    refused = false;
  }

  private void feedThoseWhoWait(long nowNanos) {
    for (Allowance pool : all) {
      if (pool.anyWaits()) {
        feed(pool, 0, nowNanos);
      }
    }
  }

  private void sayReach() {
    int spare = free;
    for (Allowance pool : all) {
      spare += pool.isIdle() ? pool.held() : 0;
    }
    int share = share();
    for (Allowance pool : all) {
      pool.reach(Math.max(share, spare + (pool.isIdle() ? 0 : pool.held())));
    }
  }

  /** Told of once: it would be told of several times a second. */
  void poolFailed(Allowance pool, RuntimeException failure) {
    if (tellsOfFailure) {
      tellsOfFailure = false;
      LOG.warn(
          "pool '{}': it could not be resized, and may have more connections open than its part of"
              + " the budget; what fails further is not told of",
          pool.resource(),
          failure);
    }
  }

  // What is to be seen

  /** How many connections this process may have open. */
  int total() {
    return budget.connections();
  }

  /** How many of them pools may have open now. */
  int allotted() {
    lock.lock();
    try {
      return budget.connections() - free;
    } finally {
      lock.unlock();
    }
  }

  /** How many pools have less than their share, while somebody waits there. */
  int hungry() {
    return hungry.count();
  }

  @Override
  public String toString() {
    return allotted() + " of " + budget + " allotted, " + hungry.count() + " pools hungry";
  }
}
