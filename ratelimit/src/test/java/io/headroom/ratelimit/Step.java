package io.headroom.ratelimit;

import java.math.BigInteger;

/**
 * The clock moves, and somebody asks.
 *
 * @param move how it moves
 * @param much of what the kind of move measures in
 * @param weight of the call
 */
record Step(Move move, long much, Weight weight) {

  /** How a clock moves. */
  enum Move {
    STANDS,
    NANOS,
    NANOS_BACK,
    /** By parts of the time that a permit takes, so that callers are often close to the edge. */
    PERMITS,
    PERMITS_BACK,
    TICKS,
    TICKS_BACK,
    FAR,
    FAR_BACK
  }

  /** How much is asked for. */
  enum Weight {
    ONE,
    SOME,
    ALL,
    TOO_MANY
  }

  /** In ages: a clock reading is told from one of less than 292 years ago, and no longer. */
  private static final BigInteger AGE = BigInteger.valueOf(Long.MAX_VALUE).shiftRight(1);

  /** Whether a clock that began there can go on from here: waits may have led beyond that. */
  static boolean isWithinReach(BigInteger origin, BigInteger now) {
    return now.subtract(origin).abs().compareTo(AGE) <= 0;
  }

  BigInteger moveFrom(BigInteger origin, BigInteger now, Limit limit) {
    BigInteger target = now.add(move(limit));
    BigInteger least = origin.subtract(AGE);
    BigInteger most = origin.add(AGE);
    return target.max(least).min(most).subtract(now);
  }

  private BigInteger move(Limit limit) {
    BigInteger many = BigInteger.valueOf(much);
    BigInteger eighthOfPermit =
        BigInteger.valueOf(limit.period().toNanos())
            .divide(BigInteger.valueOf(limit.permits()).shiftLeft(3));
    BigInteger halfATick = BigInteger.ONE.shiftLeft(limit.tickShift - 1);
    return switch (move) {
      case STANDS -> BigInteger.ZERO;
      case NANOS -> many;
      case NANOS_BACK -> many.negate();
      case PERMITS -> many.multiply(eighthOfPermit);
      case PERMITS_BACK -> many.multiply(eighthOfPermit).negate();
      case TICKS -> many.multiply(halfATick);
      case TICKS_BACK -> many.multiply(halfATick).negate();
      case FAR -> many.shiftLeft(55);
      case FAR_BACK -> many.shiftLeft(55).negate();
    };
  }

  long permits(Limit limit) {
    return switch (weight) {
      case ONE -> 1;
      case SOME -> 1 + much % limit.capacity();
      case ALL -> limit.capacity();
      case TOO_MANY -> limit.capacity() + 1 + much;
    };
  }
}
