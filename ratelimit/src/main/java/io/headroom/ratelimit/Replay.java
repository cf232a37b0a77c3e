package io.headroom.ratelimit;

import io.headroom.ratelimit.RedisBuckets.Found;
import java.util.List;

/**
 * Decides for callers as the script has done that took their permits, from the buckets as it found
 * them. For one thread.
 */
final class Replay {

  private final List<MicroLimit> limits;
  private final long[] debts;
  private final long[] behindMicros;

  Replay(List<MicroLimit> limits, List<Found> found) {
    this.limits = limits;
    this.debts = new long[found.size()];
    this.behindMicros = new long[found.size()];
    for (int i = 0; i < debts.length; i++) {
      debts[i] = found.get(i).debt();
      behindMicros[i] = found.get(i).behindMicros();
    }
  }

  /** What the next caller is told: by the bucket that makes wait longest, or has the least left. */
  Decision decide(long permits) {
    if (debts.length == 1) {
      return decide(limits.get(0), permits);
    }
    boolean admitted = true;
    for (int i = 0; i < debts.length; i++) {
      admitted &= limits.get(i).fits(debts[i], permits);
    }
    Decision decisive = null;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < debts.length; i++) {
      MicroLimit limit = limits.get(i);
      boolean fits = limit.fits(debts[i], permits);
      Decision decision = limit.decision(debts[i], fits, permits, behindMicros[i]);
      boolean isUntouched = fits && !admitted;
      least = Math.min(least, decision.remaining() + (isUntouched ? permits : 0));
      if (decisive == null || decision.decidesBefore(decisive)) {
        decisive = decision;
      }
      if (admitted) {
        debts[i] += permits * limit.cost;
      }
    }
    return decisive == null ? Decision.unlimited(permits) : decisive.withLeastRemaining(least);
  }

  /** By the only bucket. */
  private Decision decide(MicroLimit limit, long permits) {
    boolean fits = limit.fits(debts[0], permits);
    Decision decision = limit.decision(debts[0], fits, permits, behindMicros[0]);
    debts[0] += fits ? permits * limit.cost : 0;
    return decision;
  }
}
