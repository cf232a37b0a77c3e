package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import org.jspecify.annotations.Nullable;

/**
 * What a read asks of a copy.
 *
 * @param consistency what was asked for
 * @param atLeast what the caller has seen of this cluster; null if nothing, or if it does not
 *     matter
 * @param onPrimary whether no other copy will do: that was asked for, or nobody knows what the
 *     caller has seen
 */
record ReadNeed(Consistency consistency, @Nullable Position atLeast, boolean onPrimary) {

  /** Any copy will do. */
  static final ReadNeed ANY = new ReadNeed(Consistency.EVENTUAL, null);

  /** As far as the consistency says. */
  ReadNeed(Consistency consistency, @Nullable Position atLeast) {
    this(consistency, atLeast, consistency.level() == Consistency.Level.STRONG);
  }

  /** Whether the request's later reads may not show less than this one, wherever it runs. */
  boolean isMonotonic() {
    return consistency.level() == Consistency.Level.MONOTONIC;
  }
}
