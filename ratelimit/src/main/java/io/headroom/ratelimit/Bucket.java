package io.headroom.ratelimit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket in twelve bytes: when it will be full, and roughly when that was written.
 *
 * <p>The algorithm is the generic cell rate algorithm (ITU-T I.371, annex A; ATM Forum TM 4.1): one
 * number, the <em>theoretical arrival time</em> (TAT), is when the bucket will be full again. What
 * the bucket lacks now, its debt, is {@code max(0, TAT - now)}. A call is admitted if the debt with
 * its own cost is at most what a full bucket holds; then the TAT becomes {@code now + debt + cost}.
 *
 * <p><b>Exact.</b> Time and permits are counted in units of which a whole number flows in per
 * nanosecond and a whole number makes a permit ({@link Limit}), so nothing is ever rounded. Since
 * each admission moves the TAT by its cost at least, and never past {@code now + capacity}, what is
 * admitted at clock readings from a to b is at most capacity + rate × (b - a), <em>in whatever
 * order the readings come</em>: also where the clock goes back, or a thread is late with its
 * reading.
 *
 * <p><b>The ring.</b> Units are counted modulo 2^64, so the difference of the TAT and now is
 * ambiguous after some time, which for an awkward rate is an hour. Therefore the <em>stamp</em>
 * says in which tick of the clock the TAT was written. A tick U is below 2^61 units and at least
 * what a full bucket holds. With s the start of the stamp's tick, all in units:
 *
 * <ul>
 *   <li>s ≤ TAT ≤ s + 2U, as the TAT is written at readings within the tick (or, by a late thread,
 *       the tick before), and at most one capacity ahead of them;
 *   <li>now ≥ s + 2U: the bucket is full, whatever the difference seems to be;
 *   <li>now &lt; s - U: the clock was set back and the bucket lacks more than it holds: refused;
 *   <li>else the difference is within (-2U, 3U], and with a cost below 2^63: unambiguous.
 * </ul>
 *
 * <p>An admission in a later tick than the stamp's writes a new stamp; one in an earlier tick
 * leaves it, as then TAT &gt; now and the new TAT is the old one plus the cost.
 *
 * <p><b>Races.</b> TAT and stamp are two fields, and change together as follows. The TAT alone
 * changes by compare-and-set. Who must change the stamp first sets the TAT to BUSY by
 * compare-and-set, then writes the stamp, then the new TAT (release). A reader reads the TAT
 * (acquire), then the stamp. If it saw a new TAT, it sees the new stamp or a later one; so the pair
 * can only be wrong as (old TAT, later stamp). Then the TAT has changed since, and the reader's
 * compare-and-set fails; a refusal, which writes nothing, reads the TAT once more. (If the TAT is
 * back at the very same residue, the reader's debit is added to what is there, which is right.)
 * Waiting for BUSY to go, for two stores, is all that any thread ever waits for another here; it
 * occurs once in a tick, which is 4 seconds for the most awkward rates and years for common ones.
 *
 * <p>Both {@link Limit#unitsPerNano} and {@link Limit#unitsPerPermit} are even, and hence every
 * TAT: the odd numbers are free to be signs.
 *
 * <p>DEAD is final: a bucket that was full, or whose debt another bucket has taken over, is out of
 * use, and who still holds it looks for its successor. As it is set by compare-and-set on the TAT,
 * no debit is lost.
 *
 * <p>Thread-safe. Its monitor is for {@link Composite}, and is held by whoever ends a bucket.
 */
class Bucket {

  /** The result for a bucket out of use. */
  static final long GONE = Long.MIN_VALUE;

  /** The result where the clock is further back than a difference can tell. */
  static final long BEHIND = Long.MIN_VALUE + 1;

  private static final long DEAD = 1;
  private static final long BUSY = 3;

  private static final VarHandle TAT;
  private static final VarHandle STAMP;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TAT = lookup.findVarHandle(Bucket.class, "tat", long.class);
      STAMP = lookup.findVarHandle(Bucket.class, "stamp", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  @SuppressWarnings("UnusedVariable") // used through its handle
  private long tat;

  @SuppressWarnings("UnusedVariable") // used through its handle
  private int stamp;

  /**
   * Creates it.
   *
   * @param debt units that it lacks, at most those of a full one
   */
  Bucket(Limit limit, long now, long debt) {
    tat = now * limit.unitsPerNano + debt;
    stamp = tick(limit, now);
  }

  /**
   * Takes permits if they are there.
   *
   * @return the debt after it, in units, if admitted; the bitwise complement of the debt if
   *     refused; {@link #BEHIND} if refused and the debt cannot be told at this reading; {@link
   *     #GONE}
   */
  final long acquire(Limit limit, long now, long permits) {
    return acquire(limit, now, limit.units(permits), true);
  }

  /** What {@link #acquire} would answer, without taking anything. */
  final long peek(Limit limit, long now, long permits) {
    return acquire(limit, now, limit.units(permits), false);
  }

  private long acquire(Limit limit, long now, long cost, boolean take) {
    long nowUnits = now * limit.unitsPerNano;
    int tick = tick(limit, now);
    int patience = Backoff.START;
    while (true) {
      long seen = (long) TAT.getAcquire(this);
      int seenStamp = (int) STAMP.getAcquire(this);
      if ((seen & 1) != 0) {
        if (seen == DEAD) {
          return GONE;
        }
        Thread.onSpinWait();
        continue;
      }
      long debt = Math.max(0, seen - nowUnits);
      boolean later = false;
      if (seenStamp != tick) {
        long sinceStamp = now - start(limit, seenStamp);
        long tickNanos = 1L << limit.tickShift;
        if (sinceStamp < -tickNanos) {
          if ((long) TAT.getVolatile(this) == seen) {
            return BEHIND;
          }
          continue;
        }
        later = sinceStamp > 0;
        debt = sinceStamp >= 2 * tickNanos ? 0 : debt;
      }
      long after = debt + cost;
      if (after > limit.fullUnits) {
        if ((long) TAT.getVolatile(this) == seen) {
          return ~debt;
        }
      } else if (!take
          || (later ? restamp(seen, tick, nowUnits + after) : move(seen, nowUnits + after))) {
        return after;
      } else {
        patience = Backoff.pause(patience);
      }
    }
  }

  private boolean move(long seen, long next) {
    return TAT.compareAndSet(this, seen, next);
  }

  private boolean restamp(long seen, int tick, long next) {
    if (!TAT.compareAndSet(this, seen, BUSY)) {
      return false;
    }
    STAMP.setOpaque(this, tick);
    TAT.setRelease(this, next);
    return true;
  }

  /** What such a result comes to, other than {@link #GONE}. */
  final Decision decision(Policy policy, long result, long now, long permits) {
    long debt = result;
    long behindNanos = 0;
    if (result == BEHIND) {
      behindNanos = start(policy.limit(), (int) STAMP.getAcquire(this)) - now;
      debt = ~debtAtStamp(policy.limit());
    }
    return Decision.of(policy, permits, debt, behindNanos);
  }

  /** The debt at the start of the stamp's tick. */
  private long debtAtStamp(Limit limit) {
    while (true) {
      long seen = (long) TAT.getAcquire(this);
      long start = start(limit, (int) STAMP.getAcquire(this));
      if (seen == DEAD) {
        return 0;
      }
      if (seen != BUSY && (long) TAT.getVolatile(this) == seen) {
        return seen - start * limit.unitsPerNano;
      }
      Thread.onSpinWait();
    }
  }

  /** Lets it be full no sooner than at this reading. */
  final synchronized void raise(Limit limit, long reading) {
    acquire(limit, reading, 0, true);
  }

  /** Ends it if it lacks nothing, so that a new one is as good. */
  final synchronized boolean endIfFull(Limit limit, long now) {
    long seen = (long) TAT.getAcquire(this);
    return (seen & 1) == 0 && acquire(limit, now, 0, false) == 0 && move(seen, DEAD);
  }

  /**
   * Ends it, and hands its debt to a new one.
   *
   * @param to the new one's limit, of which the debt is the same number of permits, rounded up to a
   *     unit, but no more than it holds
   * @return the new one; null if this was out of use already
   */
  final synchronized @Nullable Bucket succeed(Limit from, Limit to, long now) {
    long last;
    do {
      last = (long) TAT.getAcquire(this);
      if (last == DEAD) {
        return null;
      }
    } while (last == BUSY || !move(last, DEAD));
    long start = start(from, (int) STAMP.getAcquire(this));
    boolean full = now - start >= 2L << from.tickShift;
    // Where the clock was set back, the debt is told where it can be, which is ahead.
    long at = now - start < 0 ? start : now;
    long debt = full ? 0 : Math.max(0, last - at * from.unitsPerNano);
    if (debt > from.fullUnits) {
      at += from.nanosFor(debt - from.fullUnits);
      debt = from.fullUnits;
    }
    return new Bucket(to, at, to.unitsAsMany(debt, from));
  }

  final boolean isGone() {
    return (long) TAT.getAcquire(this) == DEAD;
  }

  private static int tick(Limit limit, long now) {
    return (int) (now >> limit.tickShift);
  }

  /** The reading at which a tick begins; on a clock that wraps, as the clock does. */
  private static long start(Limit limit, int stamp) {
    return (long) stamp << limit.tickShift;
  }
}
