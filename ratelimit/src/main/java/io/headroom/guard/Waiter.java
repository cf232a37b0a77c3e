package io.headroom.guard;

import io.headroom.Criticality;
import java.util.concurrent.locks.LockSupport;

/** One that waits for a connection. Its fate is decided once, by the {@link Gate}, in its lock. */
final class Waiter {

  /** What becomes of a waiter. */
  enum Fate {
    WAITING,
    /** It has a permit. */
    ADMITTED,
    /** One that is more critical has its place. */
    DISPLACED,
    /** It has gone, and has no permit. */
    GONE
  }

  private final Thread thread = Thread.currentThread();
  private final Criticality criticality;
  private final boolean nested;
  private final long askedNanos;
  private volatile Fate fate = Fate.WAITING;

  /** Written before its fate is decided, and read after that. */
  private boolean overtook;

  private volatile boolean woken;

  Waiter(Criticality criticality, boolean nested, long askedNanos) {
    this.criticality = criticality;
    this.nested = nested;
    this.askedNanos = askedNanos;
  }

  /** Who holds a connection already goes first, or two of them would wait for each other. */
  int rank() {
    return nested ? 0 : rank(criticality);
  }

  /** Of one who holds no connection. */
  static int rank(Criticality criticality) {
    return 1 + Rank.of(criticality);
  }

  Criticality criticality() {
    return criticality;
  }

  boolean isNested() {
    return nested;
  }

  long askedNanos() {
    return askedNanos;
  }

  Fate fate() {
    return fate;
  }

  /** There may be a permit; once until it has looked. */
  void wake() {
    if (!woken) {
      woken = true;
      LockSupport.unpark(thread);
    }
  }

  /**
   * Whether there may be a permit. By its own thread, which looks for one then. What was not seen
   * is not unset, or a wake that comes between the two would be lost.
   */
  boolean isWoken() {
    if (!woken) {
      return false;
    }
    woken = false;
    return true;
  }

  /** It is let in before one that is less critical and has waited for longer. */
  void overtakes() {
    overtook = true;
  }

  boolean hasOvertaken() {
    return overtook;
  }

  void decide(Fate decided) {
    fate = decided;
    LockSupport.unpark(thread);
  }
}
