package io.headroom.cache;

import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * How long values count, and when one is loaded anew before its time is over. Pure but for the
 * dice. Thread-safe.
 */
final class Lifetimes {

  /** How long a stale value is served without a further load, once one has failed. */
  static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A draw that would refresh any earlier than this many load times comes once in 10^13. */
  private static final int MOST_COSTS = 30;

  private final long ttlNanos;
  private final long absentTtlNanos;
  private final long staleForNanos;
  private final double jitter;
  private final double eagerness;
  private final DoubleSupplier dice;

  /**
   * Creates the lifetimes of a cache's values.
   *
   * @param ttlNanos of a value
   * @param absentTtlNanos of the knowledge that there is none; 0 to forget it
   * @param staleForNanos for how long after that a value may be served as stale
   * @param jitter what part of a lifetime chance may take away, so that what was loaded together
   *     does not end together
   * @param eagerness how early values are loaded anew; 0 for not before their end
   * @param dice numbers from 0 to below 1
   */
  Lifetimes(
      long ttlNanos,
      long absentTtlNanos,
      long staleForNanos,
      double jitter,
      double eagerness,
      DoubleSupplier dice) {
    this.ttlNanos = ttlNanos;
    this.absentTtlNanos = absentTtlNanos;
    this.staleForNanos = staleForNanos;
    this.jitter = jitter;
    this.eagerness = eagerness;
    this.dice = dice;
  }

  /**
   * When what was read from the database is not fresh any more.
   *
   * @param readNanos when it was asked for: it may be as old as that
   */
  long freshUntil(boolean absent, long readNanos) {
    long ttl = absent ? absentTtlNanos : ttlNanos;
    return readNanos + ttl - (long) (ttl * jitter * dice.getAsDouble());
  }

  /** Whether it is worth keeping. */
  boolean keeps(boolean absent) {
    return !absent || absentTtlNanos > 0;
  }

  /** Whether what is not fresh any more may still be served, and be said to be stale. */
  boolean mayBeStale(Entry<?> entry, long nowNanos) {
    return entry.freshNanos(nowNanos) + staleForNanos > 0 && !entry.standing().isGone();
  }

  /** Whether it may be served, now or when what it stands on is trusted again. */
  boolean isOfUse(Entry<?> entry, long nowNanos) {
    return entry.ownFreshNanos(nowNanos) + staleForNanos > 0 && !entry.standing().isGone();
  }

  /** Whether what has been stale for so long may still be served, and be said to be stale. */
  boolean allowsStale(long staleNanos) {
    return staleForNanos > 0 && staleNanos < staleForNanos;
  }

  /**
   * What XFetch makes of chance, in thousandths: a value is to be loaded anew if the cost of its
   * load times this is more than the time that it is still fresh.
   */
  long draw() {
    return eagerness == 0 ? 0 : (long) (1_000 * eagerness * -Math.log(1 - dice.getAsDouble()));
  }

  /** How long an entry can be of use after the read that it came from. */
  long longestNanos() {
    return Nanos.sum(Math.max(ttlNanos, absentTtlNanos), staleForNanos);
  }

  /**
   * Whether this reader is the one to load it anew, ahead of its end: the likelier, the nearer the
   * end is and the longer a load takes, so that on average one of many does so. A. Vattani, F.
   * Chierichetti, K. Lowenstein, "Optimal Probabilistic Cache Stampede Prevention",
   * doi:10.14778/2757807.2757813 (XFetch).
   *
   * @param freshNanos how long it is still fresh, more than zero
   */
  boolean refreshesAhead(Entry<?> entry, long freshNanos) {
    double gap = eagerness * entry.costNanos();
    return freshNanos < gap * MOST_COSTS && -gap * Math.log(1 - dice.getAsDouble()) >= freshNanos;
  }
}
