package io.headroom.ratelimit;

import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * So many permits per period, and at most a burst of them at once.
 *
 * <pre>{@code
 * Limit.perSecond(100); // a burst of 100
 * Limit.perSecond(100).burst(50);
 * Limit.of(5_000, Duration.ofHours(1)).burst(100);
 * }</pre>
 *
 * <p>It is a token bucket: the burst is its capacity, and the permits of a period flow in evenly.
 * 100 per second with a burst of 50 admits 50 at once, and then one each 10 ms; in any 2 seconds at
 * most 50 + 200. (Where nginx says {@code burst=50} it admits 51.) A bucket that nobody asks fills
 * up to its capacity and no further.
 *
 * <p>It is reckoned in integers, without rounding: no permit is gained or lost however often a
 * bucket is asked. What cannot be reckoned so is refused when it is made: very large numbers of
 * permits or long periods that have few divisors in common.
 *
 * <p>Immutable and thread-safe.
 */
public final class Limit {

  private static final long LONGEST_NANOS = Duration.ofDays(365).toNanos();
  private static final BigInteger LONGEST = BigInteger.valueOf(LONGEST_NANOS);
  private static final BigInteger SECOND = BigInteger.valueOf(1_000_000_000);

  /** Permits per second below this, or multiples by tens of such, are always exact. */
  private static final long MOST_DIGITS = 100_000_000;

  /** Of the units that a full bucket has: see {@link Bucket} for what needs the other bits. */
  private static final long MOST_UNITS = 1L << 60;

  /** Of the permits per nanosecond in lowest terms: above it, a tick would be too short. */
  private static final long MOST_ABOVE_THE_LINE = (1L << 28) - 1;

  /** How many units of the same sign a bucket's state has room for, as a power of two, less 64. */
  private static final int HEADROOM_BITS = 3;

  /** As people name them, the largest first. */
  private static final List<Map.Entry<Long, String>> UNITS =
      List.of(
          Map.entry(Duration.ofDays(1).toNanos(), "day"),
          Map.entry(Duration.ofHours(1).toNanos(), "hour"),
          Map.entry(Duration.ofMinutes(1).toNanos(), "minute"),
          Map.entry(Duration.ofSeconds(1).toNanos(), "second"),
          Map.entry(1_000_000L, "millisecond"),
          Map.entry(1_000L, "microsecond"),
          Map.entry(1L, "nanosecond"));

  /** Of a period. */
  private final long permits;

  /** In which they flow in. */
  private final long periodNanos;

  /** Of the bucket, in permits. */
  private final long capacity;

  /** Units that flow in per nanosecond; always even. */
  final long unitsPerNano;

  /** Units that a permit costs; always even. */
  final long unitsPerPermit;

  /** Units of a full bucket. */
  final long fullUnits;

  /** A tick of a bucket's stamp is two to the power of this, in nanoseconds. */
  final int tickShift;

  private Limit(long permits, long periodNanos, long capacity) {
    this.permits = permits;
    this.periodNanos = periodNanos;
    this.capacity = capacity;
    long divisor = greatestCommonDivisor(permits, periodNanos);
    unitsPerNano = 2 * (permits / divisor);
    unitsPerPermit = 2 * (periodNanos / divisor);
    fullUnits = capacity * unitsPerPermit;
    tickShift = Long.numberOfLeadingZeros(unitsPerNano) - HEADROOM_BITS;
  }

  /** What a concurrency limiter's decisions carry: no rate, so nothing flows in. */
  private Limit(long atOnce) {
    permits = atOnce;
    periodNanos = 0;
    capacity = atOnce;
    unitsPerNano = 0;
    unitsPerPermit = 1;
    fullUnits = atOnce;
    tickShift = 0;
  }

  /**
   * Creates a limit whose burst is the permits of one period.
   *
   * @param permits how many per period, 1 or more; for less than one per second give a longer
   *     period
   * @param period from 1 ns to 365 days
   * @return the limit
   * @throws IllegalArgumentException if one of them is out of range, or if the two together cannot
   *     be reckoned exactly
   */
  public static Limit of(long permits, Duration period) {
    Objects.requireNonNull(period, "period must not be null");
    if (permits < 1) {
      throw new IllegalArgumentException(
          "permits must be 1 or more, was "
              + permits
              + "; for less than one per period give a longer period");
    }
    if (period.compareTo(Duration.ofNanos(1)) < 0
        || period.compareTo(Duration.ofNanos(LONGEST_NANOS)) > 0) {
      throw new IllegalArgumentException(
          "period must be PT0.000000001S to "
              + Duration.ofNanos(LONGEST_NANOS)
              + ", was "
              + period);
    }
    long periodNanos = period.toNanos();
    long divisor = greatestCommonDivisor(permits, periodNanos);
    requireExact(permits, period, permits / divisor, MOST_ABOVE_THE_LINE);
    long most = largestBurst(2 * (periodNanos / divisor));
    requireExact(permits, period, permits, most);
    return new Limit(permits, periodNanos, permits);
  }

  /**
   * Creates a limit per second whose burst is the permits of one second.
   *
   * @param permits how many per second, 1 or more
   * @return the limit
   * @throws IllegalArgumentException if it is out of range, or cannot be reckoned exactly
   */
  public static Limit perSecond(long permits) {
    return of(permits, Duration.ofSeconds(1));
  }

  static Limit atOnce(long permits) {
    return new Limit(permits);
  }

  /**
   * Returns the same rate with another burst, which is the bucket's capacity: what it admits at
   * once when nobody asked for a while.
   *
   * @param capacity 1 or more
   * @return another limit
   * @throws IllegalArgumentException if it is out of range; the message says what the range is
   */
  public Limit burst(long capacity) {
    long most = largestBurst(unitsPerPermit);
    if (capacity < 1 || capacity > most) {
      throw new IllegalArgumentException(
          "burst must be 1 to " + most + " for " + rate() + ", was " + capacity);
    }
    return new Limit(permits, periodNanos, capacity);
  }

  /**
   * Returns the permits of a period.
   *
   * @return 1 or more
   */
  public long permits() {
    return permits;
  }

  /**
   * Returns the period in which they flow in.
   *
   * @return as it was given; zero for what a {@link ConcurrencyLimiter} bounds, which is not a rate
   */
  public Duration period() {
    return Duration.ofNanos(periodNanos);
  }

  /**
   * Returns what the bucket holds: the most that is admitted at once, and the most that one call
   * may ask for.
   *
   * @return the burst; 1 or more
   */
  public long capacity() {
    return capacity;
  }

  /**
   * Returns how long an empty bucket takes to be full if nobody asks.
   *
   * @return rounded up to a nanosecond; zero for what a {@link ConcurrencyLimiter} bounds
   */
  public Duration timeToFull() {
    return unitsPerNano == 0 ? Duration.ZERO : Duration.ofNanos(nanosFor(fullUnits));
  }

  /** How many units that many permits are; more than a full bucket has if it cannot hold them. */
  long units(long asked) {
    return asked <= capacity ? asked * unitsPerPermit : fullUnits + 1;
  }

  /** Nanoseconds until so many units have flowed in, rounded up; of either sign. */
  long nanosFor(long units) {
    return -Math.floorDiv(-units, unitsPerNano);
  }

  /**
   * Units that are as many permits as those of another limit, rounded up; at most a full bucket.
   */
  long unitsAsMany(long units, Limit other) {
    BigInteger[] whole =
        BigInteger.valueOf(units)
            .multiply(BigInteger.valueOf(unitsPerPermit))
            .divideAndRemainder(BigInteger.valueOf(other.unitsPerPermit));
    BigInteger full = BigInteger.valueOf(fullUnits);
    BigInteger evenUp = whole[0].add(whole[0].and(BigInteger.ONE));
    boolean inexact = whole[1].signum() > 0 && evenUp.equals(whole[0]);
    return (inexact ? evenUp.add(BigInteger.TWO) : evenUp).min(full).longValueExact();
  }

  /**
   * One process's part of the limit, where it is one of so many: as near as can be reckoned
   * exactly, at most that, but for a burst of one, and for one permit a year.
   */
  Limit part(int processes) {
    long burst = Math.max(1, capacity / processes);
    try {
      return of(permits, period().multipliedBy(processes)).burst(burst);
    } catch (IllegalArgumentException inexact) {
      Limit fewer = rounder(processes);
      return fewer.burst(Math.min(burst, largestBurst(fewer.unitsPerPermit)));
    }
  }

  /** A part of the rate in round numbers, of which there is always one: less by 0.1 % at most. */
  private Limit rounder(int processes) {
    BigInteger all = BigInteger.valueOf(permits);
    BigInteger nanos = BigInteger.valueOf(periodNanos).multiply(BigInteger.valueOf(processes));
    long perSecond = all.multiply(SECOND).divide(nanos).longValueExact();
    if (perSecond < 1_000) {
      BigInteger perPermit = nanos.add(all).subtract(BigInteger.ONE).divide(all);
      return of(1, Duration.ofNanos(perPermit.min(LONGEST).longValueExact()));
    }
    long round = 1;
    while (perSecond / round >= MOST_DIGITS) {
      round *= 10;
    }
    return perSecond(perSecond / round * round);
  }

  private static long largestBurst(long unitsPerPermit) {
    return MOST_UNITS / unitsPerPermit;
  }

  private static void requireExact(long permits, Duration period, long value, long most) {
    if (value > most) {
      throw new IllegalArgumentException(
          "permits must be 1 to "
              + most
              + " for a period of "
              + period
              + " with which they have so few divisors in common, was "
              + permits
              + ": it could not be reckoned exactly. Give a rounder number of permits, or a shorter"
              + " period");
    }
  }

  private static long greatestCommonDivisor(long one, long other) {
    return other == 0 ? one : greatestCommonDivisor(other, one % other);
  }

  private String rate() {
    return permits + " per " + inWords(periodNanos);
  }

  /** In the largest unit of which it is a whole number. */
  private static String inWords(long nanos) {
    for (Map.Entry<Long, String> unit : UNITS) {
      if (nanos % unit.getKey() == 0) {
        long many = nanos / unit.getKey();
        return many == 1 ? unit.getValue() : many + " " + unit.getValue() + "s";
      }
    }
    throw new AssertionError(nanos); // all are so many nanoseconds
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Limit that
        && permits == that.permits
        && periodNanos == that.periodNanos
        && capacity == that.capacity;
  }

  @Override
  public int hashCode() {
    return Objects.hash(permits, periodNanos, capacity);
  }

  /**
   * Returns it in words.
   *
   * @return such as {@code 100 per second, burst 50}
   */
  @Override
  public String toString() {
    return periodNanos == 0 ? capacity + " at once" : rate() + ", burst " + capacity;
  }
}
