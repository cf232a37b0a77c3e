package io.headroom.cache;

import java.util.random.RandomGenerator;

/**
 * How long values count in the shared tier.
 *
 * @param ttlNanos of a value
 * @param absentTtlNanos of the knowledge that there is none; 0 to keep no such thing
 * @param staleForNanos for how long after that a value may be of use as stale
 * @param jitter what part of a lifetime chance may take away
 */
record SharedLifetimes(long ttlNanos, long absentTtlNanos, long staleForNanos, double jitter) {

  private static final long MILLI = 1_000_000;

  /** How long what was asked for some time ago is fresh from now on; zero or less if not at all. */
  long freshMillis(boolean absent, long ageNanos, RandomGenerator chance) {
    long ttl = absent ? absentTtlNanos : ttlNanos;
    return (ttl - (long) (ttl * jitter * chance.nextDouble()) - ageNanos) / MILLI;
  }

  /** How long what is fresh for so long may be of use at all. */
  long keptMillis(long freshMillis) {
    return freshMillis + staleForNanos / MILLI;
  }
}
