package io.headroom.cache;

import org.jspecify.annotations.Nullable;

/**
 * What entries stand on that were kept under the same circumstances: for how long they may be
 * trusted without hearing more, and whether all of them have been forgotten at once. One object for
 * millions of entries, so that all of them change in one write.
 *
 * <p>Thread-safe.
 */
class Standing {

  private final @Nullable Partition partition;
  private final long longestNanos;

  /** Which of the partition's, in their order. */
  private final int era;

  private volatile long trustedUntilNanos;
  private volatile boolean gone;

  /**
   * Creates it.
   *
   * @param partition whose news it depends on; null if on nobody's
   * @param longestNanos how long an entry may be trusted after it was read, whatever its TTL
   * @param trustedUntilNanos until when, as far as is known now
   */
  Standing(@Nullable Partition partition, long longestNanos, long trustedUntilNanos) {
    this(partition, 0, longestNanos, trustedUntilNanos);
  }

  /** Creates one of many that a partition has had, or has at a time. */
  Standing(@Nullable Partition partition, int era, long longestNanos, long trustedUntilNanos) {
    this.partition = partition;
    this.era = era;
    this.longestNanos = longestNanos;
    this.trustedUntilNanos = trustedUntilNanos;
  }

  /** That of entries which nobody else can change: trusted for ever. */
  static Standing alone(long nowNanos) {
    return new Standing(null, Nanos.MOST, nowNanos + Nanos.MOST);
  }

  /** Whose news it depends on; null if on nobody's. */
  final @Nullable Partition partition() {
    return partition;
  }

  final long longestNanos() {
    return longestNanos;
  }

  /** For how much longer entries are trusted; zero or less if they are not. */
  long trustedNanos(long nowNanos) {
    return trustedUntilNanos - nowNanos;
  }

  /** Whether entries are not even to be served as stale, of this or of a later era. */
  boolean isGone() {
    return gone || (partition != null && partition.isGone(era));
  }

  /** Nothing was missed up to then. */
  final void trustUntil(long nanos) {
    trustedUntilNanos = nanos;
  }

  /**
   * Something may have been missed: from now on entries are stale, or gone.
   *
   * @param forgotten whether they were invalidated, as far as is known: then they are gone
   */
  final void end(long nowNanos, boolean forgotten) {
    gone = gone || forgotten;
    if (trustedUntilNanos - nowNanos > 0) {
      trustedUntilNanos = nowNanos;
    }
  }
}
