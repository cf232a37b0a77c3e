package io.headroom.guard;

import io.headroom.RequestContext;
import java.util.OptionalDouble;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where a request falls among all, from 0 to 1: by its user's cohort, or by chance. Within an
 * attached context chance falls the same way each time, at the door and at every pool; else a
 * request that has to pass several times would hardly ever pass.
 */
final class Draw {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Draw() {}

  static double of(RequestContext context) {
    OptionalDouble cohort = context.cohort();
    if (cohort.isPresent()) {
      return cohort.getAsDouble();
    }
    return RequestContext.attached().isPresent()
        ? ((System.identityHashCode(context) * GOLDEN) >>> 11) * 0x1p-53
        : ThreadLocalRandom.current().nextDouble();
  }
}
