package io.headroom.benchmarks.soak;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What commits were acknowledged, by account, of which each adds one to the version. Takes no more
 * room the longer it goes on. Thread-safe.
 */
final class Acknowledged {
  private final AtomicLongArray greatest;
  private final AtomicLongArray commits;

  Acknowledged(int accounts) {
    greatest = new AtomicLongArray(accounts);
    commits = new AtomicLongArray(accounts);
  }

  /** The greatest version of those that were acknowledged. */
  long greatest(long account) {
    return greatest.get((int) account);
  }

  void add(long account, long version) {
    commits.incrementAndGet((int) account);
    greatest.accumulateAndGet((int) account, version, Math::max);
  }

  /**
   * How many commits are missing: more of them were acknowledged than the version says, or a
   * version is below one that was. (Those of unknown outcome may have added to it.)
   */
  long lost(Map<Long, Long> versions) {
    long lost = 0;
    for (int account = 0; account < greatest.length(); account++) {
      long version = versions.getOrDefault((long) account, 0L);
      long acknowledged = Math.max(commits.get(account), greatest.get(account));
      lost += Math.max(0, acknowledged - version);
    }
    return lost;
  }
}
