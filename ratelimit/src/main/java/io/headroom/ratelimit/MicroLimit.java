package io.headroom.ratelimit;

import java.nio.charset.StandardCharsets;

/**
 * A limit as Redis reckons with it: its clock ticks in microseconds, and its scripts have no whole
 * numbers beyond 2^53. The units are those of {@link Limit}, divided by what all of them have in
 * common.
 *
 * <p>Immutable and thread-safe.
 */
final class MicroLimit {

  static final long NANOS_PER_MICRO = 1000;

  /** Of the units of a full bucket: a debt with another bucketful is still exact then. */
  private static final long MOST_UNITS = 1L << 52;

  /** As a decision has it, of which the units are the limit's. */
  final Policy policy;

  /** Units that a permit costs. */
  final long cost;

  /** Units that flow in per microsecond. */
  final long inflow;

  /** Units of a full bucket. */
  final long full;

  /** How many units of the limit are one of these. */
  private final long scale;

  private final byte[] costText;
  private final byte[] inflowText;
  private final byte[] fullText;

  /**
   * Creates it.
   *
   * @throws IllegalArgumentException if scripts could not reckon with it exactly
   */
  MicroLimit(Policy policy) {
    Limit limit = policy.limit();
    this.policy = policy;
    long perMicro = limit.unitsPerNano * NANOS_PER_MICRO;
    this.scale = greatestCommonDivisor(perMicro, limit.unitsPerPermit);
    this.cost = limit.unitsPerPermit / scale;
    this.inflow = perMicro / scale;
    long most = MOST_UNITS / cost;
    if (limit.capacity() > most) {
      throw new IllegalArgumentException(
          "policy "
              + policy
              + (most == 0 ? " must be rounder" : ": the burst must be at most " + most)
              + " in Redis, where it could not be reckoned exactly. Give "
              + (most == 0 ? "" : "a smaller burst, or ")
              + "a rounder number of permits or period");
    }
    this.full = limit.capacity() * cost;
    this.costText = text(cost);
    this.inflowText = text(inflow);
    this.fullText = text(full);
  }

  private static long greatestCommonDivisor(long one, long other) {
    return other == 0 ? one : greatestCommonDivisor(other, one % other);
  }

  /** A number as scripts are told it. */
  static byte[] text(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  /** Cost, inflow and full, as scripts are told them. */
  void tell(byte[][] arguments, int from) {
    arguments[from] = costText;
    arguments[from + 1] = inflowText;
    arguments[from + 2] = fullText;
  }

  /** Cost, inflow and full, as a bucket has them. */
  String settings() {
    return cost + " " + inflow + " " + full;
  }

  /** Whether so many more permits are there. */
  boolean fits(long debt, long permits) {
    return permits <= policy.limit().capacity() && debt + permits * cost <= full;
  }

  /**
   * What it comes to that somebody asked.
   *
   * @param debt units that the bucket lacked, before it
   * @param fits whether it is admitted
   * @param behindMicros by how much Redis's clock is behind
   */
  Decision decision(long debt, boolean fits, long permits, long behindMicros) {
    long result = fits ? (debt + permits * cost) * scale : ~(debt * scale);
    return Decision.ofMicros(policy, permits, result, behindMicros * NANOS_PER_MICRO);
  }
}
