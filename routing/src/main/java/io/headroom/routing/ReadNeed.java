package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import org.jspecify.annotations.Nullable;

/**
 * What a read asks of a copy.
 *
 * @param consistency what was asked for
 * @param atLeast what the caller has seen of this cluster; null if nothing, or if it does not
 *     matter
 */
record ReadNeed(Consistency consistency, @Nullable Position atLeast) {

  /** Any copy will do. */
  static final ReadNeed ANY = new ReadNeed(Consistency.EVENTUAL, null);
}
