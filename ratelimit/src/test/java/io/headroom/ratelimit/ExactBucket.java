package io.headroom.ratelimit;

import java.math.BigInteger;

/**
 * What a bucket is to do, in numbers without end: time does not wrap, and a unit is a permit
 * divided by the period's nanoseconds, whatever divisors they share.
 */
final class ExactBucket {

  private static final BigInteger LONGEST = BigInteger.valueOf(Long.MAX_VALUE);

  private final BigInteger perNano;
  private final BigInteger perPermit;
  private final BigInteger full;
  private BigInteger fullAgain;

  ExactBucket(Limit limit, BigInteger now) {
    perNano = BigInteger.valueOf(limit.permits());
    perPermit = BigInteger.valueOf(limit.period().toNanos());
    full = BigInteger.valueOf(limit.capacity()).multiply(perPermit);
    fullAgain = now.multiply(perNano);
  }

  private BigInteger debt(BigInteger now) {
    return fullAgain.subtract(now.multiply(perNano)).max(BigInteger.ZERO);
  }

  boolean acquire(BigInteger now, long permits) {
    BigInteger after = debt(now).add(perPermit.multiply(BigInteger.valueOf(permits)));
    if (after.compareTo(full) > 0) {
      return false;
    }
    fullAgain = now.multiply(perNano).add(after);
    return true;
  }

  long remaining(BigInteger now) {
    return full.subtract(debt(now)).max(BigInteger.ZERO).divide(perPermit).longValueExact();
  }

  long retryAfterNanos(BigInteger now, long permits) {
    BigInteger cost = perPermit.multiply(BigInteger.valueOf(permits));
    return cost.compareTo(full) > 0
        ? Long.MAX_VALUE
        : nanosFor(debt(now).add(cost).subtract(full).max(BigInteger.ZERO));
  }

  long resetAfterNanos(BigInteger now) {
    return nanosFor(debt(now));
  }

  /** The most that may be admitted at readings so far apart. */
  long most(BigInteger nanos) {
    return full.add(nanos.multiply(perNano)).divide(perPermit).min(LONGEST).longValueExact();
  }

  private BigInteger roundedUp(BigInteger units) {
    return units.add(perNano).subtract(BigInteger.ONE).divide(perNano);
  }

  private long nanosFor(BigInteger units) {
    return roundedUp(units).min(LONGEST).longValueExact();
  }
}
