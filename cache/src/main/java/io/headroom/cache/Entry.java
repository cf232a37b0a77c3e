package io.headroom.cache;

import org.jspecify.annotations.Nullable;

/**
 * What a load or a caller said of a key, and until when it counts. Immutable, and small: there are
 * millions.
 */
class Entry<V> {

  private final @Nullable V value;
  private final Standing standing;

  /** The load's duration in microseconds, which is what a stampede would cost; 0 for a put. */
  private final int costMicros;

  private final long freshUntilNanos;

  /**
   * Creates what is known of a key.
   *
   * @param value null if there is none
   * @param standing what else it depends on
   */
  Entry(@Nullable V value, Standing standing, long freshUntilNanos, long costNanos) {
    this.value = value;
    this.standing = standing;
    this.freshUntilNanos = freshUntilNanos;
    this.costMicros = (int) Math.min(Integer.MAX_VALUE, costNanos / 1_000);
  }

  /** Null if there is none. */
  final @Nullable V value() {
    return value;
  }

  /** What else it depends on. */
  final Standing standing() {
    return standing;
  }

  /** How long it is still fresh; zero or less once it is stale. */
  final long freshNanos(long nowNanos) {
    return Math.min(freshUntilNanos - nowNanos, standing.trustedNanos(nowNanos));
  }

  /** The same, if what it stands on is to be trusted, as it may be again. */
  final long ownFreshNanos(long nowNanos) {
    return freshUntilNanos - nowNanos;
  }

  final long costNanos() {
    return costMicros * 1_000L;
  }

  /** Whether, being stale, it is to be served without a further load, since one has just failed. */
  boolean rests(long nowNanos) {
    return false;
  }

  /** The same, after a load has failed: no further one until then. */
  final Entry<V> restingUntil(long nanos) {
    return new Resting<>(this, nanos);
  }

  private static final class Resting<V> extends Entry<V> {

    private final long untilNanos;

    Resting(Entry<V> entry, long untilNanos) {
      super(entry.value, entry.standing, entry.freshUntilNanos, entry.costNanos());
      this.untilNanos = untilNanos;
    }

    @Override
    boolean rests(long nowNanos) {
      return nowNanos - untilNanos < 0;
    }
  }
}
