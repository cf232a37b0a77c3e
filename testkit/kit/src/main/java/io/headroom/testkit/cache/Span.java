package io.headroom.testkit.cache;

import io.headroom.testkit.cache.Moments.Moment;
import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** About which key something went on, and from when to when. Thread-safe. */
final class Span {

  private final Moments moments;
  private final String key;
  private final Moment began;
  private volatile @Nullable Moment ended;

  /** It begins. */
  Span(Moments moments, String key) {
    this.moments = moments;
    this.key = Objects.requireNonNull(key, "key must not be null");
    this.began = moments.now();
  }

  /** It ends; only once. */
  synchronized void end() {
    requireOpen();
    ended = moments.now();
  }

  void requireOpen() {
    if (ended != null) {
      throw new IllegalStateException(
          "what went on at " + this + " on " + key + " has ended already; begin another");
    }
  }

  String key() {
    return key;
  }

  Moment began() {
    return began;
  }

  boolean isOpen() {
    return ended == null;
  }

  /** Whether it was over when the other began; not if that is unknown. */
  boolean isBefore(Span other) {
    Moment end = ended;
    return end != null && end.isBefore(other.began);
  }

  /** Whether it began before the other was over. */
  boolean beganBeforeEndOf(Span other) {
    Moment end = other.ended;
    return end == null || began.isBefore(end);
  }

  boolean overlaps(Span other) {
    return beganBeforeEndOf(other) && other.beganBeforeEndOf(this);
  }

  /** How long it had been over when the other began; 0 if it was not. */
  long nanosBefore(Span other) {
    Moment end = ended;
    return end == null ? 0 : Math.max(0, other.began.nanos() - end.nanos());
  }

  @Override
  public String toString() {
    Moment end = ended;
    return "(" + millis(began) + ".." + (end == null ? "open" : millis(end)) + ")";
  }

  private static String millis(Moment moment) {
    return millis(moment.nanos());
  }

  static String millis(long nanos) {
    BigDecimal millis = BigDecimal.valueOf(nanos, 6);
    return (nanos == 0 ? "0" : millis.stripTrailingZeros().toPlainString()) + " ms";
  }
}
