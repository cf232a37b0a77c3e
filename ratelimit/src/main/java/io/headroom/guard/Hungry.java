package io.headroom.guard;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pools where somebody waits while they have less than their share, in the order in which they
 * became so. Changed in the lock of {@link Allowances}; how many there are may be read by all.
 */
final class Hungry {

  private final Set<Allowance> pools = new LinkedHashSet<>();
  private volatile int count;

  /** Adds a pool at the end, if it is hungry and not among them. */
  void add(Allowance pool, int share) {
    if (pool.isHungry(share) && pools.add(pool)) {
      count = pools.size();
    }
  }

  void remove(Allowance pool) {
    if (pools.remove(pool)) {
      count = pools.size();
    }
  }

  /** The one that has the fewest, the first of them. Drops those who are hungry no more. */
  @Nullable Allowance first(int share) {
    pools.removeIf(pool -> !pool.isHungry(share));
    count = pools.size();
    Allowance first = null;
    for (Allowance pool : pools) {
      if (first == null || pool.held() < first.held()) {
        first = pool;
      }
    }
    return first;
  }

  int count() {
    return count;
  }
}
