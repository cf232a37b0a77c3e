package io.headroom.cache;

import io.headroom.RequestContext;
import java.time.Duration;

/**
 * How long callers are held for a load.
 *
 * @param softNanos the longest wait of one who can be served a stale value; 0 for no bound
 * @param hardNanos the longest wait of any; 0 for no bound
 */
record Patience(long softNanos, long hardNanos) {

  static final long FOREVER = Long.MAX_VALUE;

  /** Whether one may have to leave before a load ends: then it is not his own thread that loads. */
  boolean mayLeave(boolean hasStale) {
    return hardNanos > 0 || (hasStale && softNanos > 0);
  }

  /** The longest wait of this caller, whose request may have a deadline; {@link #FOREVER}. */
  long nanos(boolean hasStale, RequestContext context) {
    long soft = hasStale && softNanos > 0 ? softNanos : FOREVER;
    long bound = hardNanos > 0 ? Math.min(soft, hardNanos) : soft;
    return context
        .remaining()
        .map(Duration::toNanos)
        .map(left -> Math.min(left, bound))
        .orElse(bound);
  }
}
