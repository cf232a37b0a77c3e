package io.headroom.benchmarks.caches;

import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.redisson.config.ReadMode;

/**
 * Redisson's client with the settings that it comes with, but for one: a thousand who wait for the
 * same lock need longer than 7.5 s to subscribe to its release.
 */
final class RedissonClients {
  private static final int SUBSCRIPTION_TIMEOUT_MILLIS = 60_000;

  private RedissonClients() {}

  static RedissonClient open(CacheSetup setup) {
    Config config = new Config();
    if (setup.cluster()) {
      // From primaries, as Lettuce reads: from replicas a cache would serve what it has removed.
      config
          .useClusterServers()
          .addNodeAddress(setup.uris().toArray(new String[0]))
          .setReadMode(ReadMode.MASTER)
          .setSubscriptionTimeout(SUBSCRIPTION_TIMEOUT_MILLIS);
    } else {
      config
          .useSingleServer()
          .setAddress(setup.uris().get(0))
          .setSubscriptionTimeout(SUBSCRIPTION_TIMEOUT_MILLIS);
    }
    return Redisson.create(config);
  }
}
