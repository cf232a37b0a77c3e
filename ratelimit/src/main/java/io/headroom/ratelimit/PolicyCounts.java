package io.headroom.ratelimit;

import java.util.concurrent.atomic.LongAdder;

/** How a policy has decided so far; each decision is counted once. Thread-safe. */
final class PolicyCounts {

  private final String policy;
  private final LongAdder admitted = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder shadowed = new LongAdder();
  private final LongAdder overflow = new LongAdder();
  private final LongAdder alone = new LongAdder();
  private final LongAdder tightened = new LongAdder();
  private final LongAdder other = new LongAdder();

  PolicyCounts(String policy) {
    this.policy = policy;
  }

  void add(Decision decision, boolean byShared) {
    if (decision.isAlone()) {
      alone.increment();
    }
    if (decision.price() > decision.permits()) {
      tightened.increment();
    }
    if (decision.isShadowed()) {
      shadowed.increment();
    } else if (decision.allowed()) {
      admitted.increment();
    } else if (byShared) {
      overflow.increment();
    } else {
      refused.increment();
    }
  }

  String policy() {
    return policy;
  }

  long admitted() {
    return admitted.sum();
  }

  long refused() {
    return refused.sum();
  }

  long shadowed() {
    return shadowed.sum();
  }

  /** Refused by the bucket that keys share which have none of their own. */
  long overflow() {
    return overflow.sum();
  }

  /** Of all these, decided without Redis, which was to be asked. */
  long alone() {
    return alone.sum();
  }

  /** Of all these, at a price above what was asked for, since a resource is under load. */
  long tightened() {
    return tightened.sum();
  }

  /** A bucket in Redis was found that was written with other settings. */
  void foundOther() {
    other.increment();
  }

  /** How often it was. */
  long other() {
    return other.sum();
  }
}
