package io.headroom.guard;

import io.headroom.Criticality;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Permits for connections, and who waits for one: the more critical first, and among equals who
 * came first. A permit costs one compare-and-set while nobody waits.
 *
 * <p>To hand a permit on to a thread that sleeps costs two switches of threads, in which others
 * could have used it many times. So for as long as the first of those who wait has not waited for 5
 * ms, a permit that comes back is free: the first is woken and takes it, unless somebody as
 * critical as it, who happens to run, comes before. After that permits are handed on, and nobody
 * comes before.
 *
 * <p>It never parks a thread: that is up to who waits. Thread-safe, and friendly to virtual
 * threads: its lock is a {@link ReentrantLock}, held for some instructions.
 */
final class Gate {

  /** What comes of asking for a place among those who wait. */
  enum Place {
    /** There was a permit after all. */
    ADMITTED,
    QUEUED,
    FULL
  }

  private static final int RANKS = 1 + Rank.COUNT;
  private static final long ONE_WAITING = 1L << 32;
  private static final long IN_USE = ONE_WAITING - 1;

  /** For how long others may come before one who waits, in nanoseconds. */
  static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(5);

  /** In use in the low half, waiting in the high one. Waiting changes in the lock only. */
  private final AtomicLong state = new AtomicLong();

  private final ReentrantLock lock = new ReentrantLock();

  @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of what is generic
  private final ArrayDeque<Waiter>[] queues = new ArrayDeque[RANKS];

  /** Who is next of those who wait; null if nobody does. Changes in the lock only. */
  private volatile @Nullable Waiter first;

  /** Who has waited longest, which may be another; null if nobody waits. In the lock only. */
  private volatile @Nullable Waiter longest;

  /** Entered at once, though somebody had waited for longer than the patience. */
  private final LongAdder overtook = new LongAdder();

  private volatile int limit;

  /** Of the limit: permits that only critical work gets. */
  private volatile int reserved;

  /** How many the pool can count on, if that is not the limit: a budget may give it more. */
  private volatile int reach;

  Gate(int limit) {
    this.limit = limit;
    for (int rank = 0; rank < RANKS; rank++) {
      queues[rank] = new ArrayDeque<>();
    }
  }

  /** Takes a permit if there is one, and nobody waits who would be overtaken. */
  boolean tryEnter(Criticality criticality, long nowNanos) {
    for (long now = state.get(); now >>> 32 == 0 || mayOvertake(criticality, nowNanos); ) {
      if ((now & IN_USE) >= limitOf(criticality)) {
        return false;
      }
      if (state.compareAndSet(now, now + 1)) {
        if (now >>> 32 != 0 && oldestWaitNanos(nowNanos) >= PATIENCE) {
          overtook.increment();
        }
        return isWithinLimit(now);
      }
      now = state.get();
    }
    return false;
  }

  private boolean mayOvertake(Criticality criticality, long nowNanos) {
    Waiter next = first;
    return next != null
        && next.rank() >= Waiter.rank(criticality)
        && nowNanos - next.askedNanos() < PATIENCE;
  }

  /** Who lowers the limit looks at what is in use after that: one of the two sees the other. */
  private boolean isWithinLimit(long before) {
    if ((before & IN_USE) < limit) {
      return true;
    }
    leave();
    return false;
  }

  /** Takes a permit beyond all limits. */
  void enter() {
    state.incrementAndGet();
  }

  private int limitOf(Criticality criticality) {
    int most = limit;
    if (criticality == Criticality.CRITICAL) {
      return most;
    }
    int kept = reserved;
    return kept < most ? most - kept : Math.min(1, most);
  }

  private int limitOf(Waiter waiter) {
    return waiter.isNested() ? limit : limitOf(waiter.criticality());
  }

  /**
   * Takes a permit, or a place among those who wait. If there are as many as may be, one that is
   * less critical loses its place to this one, the last that came.
   */
  Place enterOrQueue(Waiter waiter, int mostWaiting) {
    lock.lock();
    try {
      boolean full = waiting() >= mostWaiting && !waiter.isNested();
      Waiter displaced = full ? last(waiter.rank()) : null;
      for (long now = state.get(); true; now = state.get()) {
        if ((now & IN_USE) < limitOf(waiter) && !isAnyBefore(waiter)) {
          if (state.compareAndSet(now, now + 1)) {
            noteIfItOvertakes(waiter);
            return Place.ADMITTED;
          }
        } else if (full && displaced == null) {
          return Place.FULL;
        } else if (state.compareAndSet(now, displaced == null ? now + ONE_WAITING : now)) {
          break;
        }
      }
      if (displaced != null) {
        queues[displaced.rank()].removeLast();
        displaced.decide(Waiter.Fate.DISPLACED);
      }
      queues[waiter.rank()].addLast(waiter);
      admitWaiting(); // one who was woken may just have been displaced
      return Place.QUEUED;
    } finally {
      lock.unlock();
    }
  }

  private boolean isAnyBefore(Waiter waiter) {
    for (int rank = 0; rank <= waiter.rank(); rank++) {
      if (!queues[rank].isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** The last that came of the least critical, if they are less so than this rank. */
  private @Nullable Waiter last(int rank) {
    for (int lower = RANKS - 1; lower > rank; lower--) {
      Waiter last = queues[lower].peekLast();
      if (last != null) {
        return last;
      }
    }
    return null;
  }

  /** Gives a permit back, free to be taken while nobody has waited for long. */
  void leave(long nowNanos) {
    for (long now = state.get(); now >>> 32 == 0 || isPatient(nowNanos); now = state.get()) {
      if (state.compareAndSet(now, now - 1)) {
        // Whoever is first after that sees it free, or is woken; and who goes looks after the next.
        Waiter next = first;
        if (next != null) {
          next.wake();
        }
        return;
      }
    }
    leave();
  }

  private boolean isPatient(long nowNanos) {
    Waiter next = first;
    return next != null && nowNanos - next.askedNanos() < PATIENCE;
  }

  /** Gives a permit back, to who waits if anybody does. */
  void leave() {
    lock.lock();
    try {
      state.decrementAndGet();
      admitWaiting();
    } finally {
      lock.unlock();
    }
  }

  /** Lets in who waits and may: called by those who were woken. */
  void letIn() {
    lock.lock();
    try {
      admitWaiting();
    } finally {
      lock.unlock();
    }
  }

  /**
   * In the lock: lets in who may, until nobody may. A permit that comes back meanwhile may have
   * woken one who has his already.
   */
  private void admitWaiting() {
    do {
      admitOnce();
      findFirst();
    } while (isFirstLetIn());
  }

  private boolean isFirstLetIn() {
    Waiter next = first;
    return next != null && inUse() < limitOf(next);
  }

  /** The first of each rank before the next. */
  private void admitOnce() {
    for (int rank = 0; rank < RANKS; rank++) {
      for (Waiter next = queues[rank].peekFirst();
          next != null && takesPermit(next);
          next = queues[rank].peekFirst()) {
        queues[rank].removeFirst();
        noteIfItOvertakes(next);
        next.decide(Waiter.Fate.ADMITTED);
      }
    }
  }

  private void noteIfItOvertakes(Waiter waiter) {
    for (int lower = waiter.rank() + 1; lower < RANKS; lower++) {
      Waiter other = queues[lower].peekFirst();
      if (other != null && other.askedNanos() - waiter.askedNanos() < 0) {
        waiter.overtakes();
        return;
      }
    }
  }

  /** In the lock: others take permits without it. */
  private boolean takesPermit(Waiter waiter) {
    for (long now = state.get(); (now & IN_USE) < limitOf(waiter); now = state.get()) {
      if (state.compareAndSet(now, now + 1 - ONE_WAITING)) {
        return true;
      }
    }
    return false;
  }

  /** In the lock. */
  private void findFirst() {
    Waiter next = null;
    Waiter oldest = null;
    for (ArrayDeque<Waiter> queue : queues) {
      Waiter head = queue.peekFirst();
      if (head != null) {
        next = next == null ? head : next;
        boolean older = oldest == null || head.askedNanos() - oldest.askedNanos() < 0;
        oldest = older ? head : oldest;
      }
    }
    first = next;
    longest = oldest;
  }

  /** Gives up waiting; false if its fate was decided before that. */
  boolean giveUp(Waiter waiter) {
    lock.lock();
    try {
      if (waiter.fate() != Waiter.Fate.WAITING) {
        return false;
      }
      queues[waiter.rank()].remove(waiter);
      state.addAndGet(-ONE_WAITING);
      waiter.decide(Waiter.Fate.GONE);
      admitWaiting(); // it may have been woken to take a permit
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Changes how many may be in use; whoever has a permit beyond that keeps it. */
  void limit(int most, int ofThemReserved) {
    if (most == limit && ofThemReserved == reserved) {
      return;
    }
    lock.lock();
    try {
      limit = most;
      reserved = ofThemReserved;
      admitWaiting();
    } finally {
      lock.unlock();
    }
  }

  /** How many may be in use now; none, where a pool has nothing of a budget. */
  int limit() {
    return limit;
  }

  void reach(int connections) {
    reach = connections;
  }

  /** By how many what waits will be served, for estimates; at least 1. */
  int reach() {
    int set = reach;
    return set == 0 ? limit : set;
  }

  int inUse() {
    return (int) (state.get() & IN_USE);
  }

  int waiting() {
    return (int) (state.get() >>> 32);
  }

  /** How long the one that waits longest has waited; 0 if nobody waits. */
  long oldestWaitNanos(long nowNanos) {
    Waiter oldest = longest;
    return oldest == null ? 0 : Math.max(0, nowNanos - oldest.askedNanos());
  }

  /** How many have entered at once, though somebody had waited for longer than the patience. */
  long overtookCount() {
    return overtook.sum();
  }

  /** How many wait that get a permit before one of this rank would. */
  int waitingBefore(int rank) {
    lock.lock();
    try {
      int before = 0;
      for (int i = 0; i <= rank; i++) {
        before += queues[i].size();
      }
      return before;
    } finally {
      lock.unlock();
    }
  }
}
