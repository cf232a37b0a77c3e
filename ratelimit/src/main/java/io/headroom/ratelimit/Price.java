package io.headroom.ratelimit;

import io.headroom.Criticality;
import io.headroom.LoadSignal;
import io.headroom.RequestContext;

/** What a request pays for what it wants, while a resource is under load. */
final class Price {

  private Price() {}

  /** How many permits the current request pays for each one that it wants. */
  static int factor(LoadSignal signal, String resource) {
    if (RequestContext.current().criticality() != Criticality.SHEDDABLE) {
      return 1;
    }
    return switch (signal.level(resource)) {
      case NORMAL, ELEVATED -> 1;
      case HIGH -> 2;
      case CRITICAL -> 4;
    };
  }

  /**
   * The price of some permits.
   *
   * @param capacity the least of the buckets that have to pay it: so that a full one can. Who wants
   *     more than that is refused for what he wants, whatever the factor
   */
  static long of(long permits, int factor, long capacity) {
    if (factor == 1 || permits >= capacity) {
      return permits;
    }
    return permits > capacity / factor ? capacity : permits * factor;
  }
}
