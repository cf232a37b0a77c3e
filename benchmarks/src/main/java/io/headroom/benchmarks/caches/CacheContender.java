package io.headroom.benchmarks.caches;

import java.util.List;

/**
 * Who takes part in the comparison of caches on Redis. One more takes a constant here, and its name
 * in the {@code @Param} of the JMH classes that it should run in; the probes take it from the
 * lists.
 */
public enum CacheContender {
  /** {@link HeadroomProfiles} without a level in the process. */
  HEADROOM("**Headroom**", Tier.REDIS),
  /** {@link LettuceProfiles}. */
  LETTUCE("bare Lettuce + Jackson", Tier.REDIS),
  /** {@link JetCacheProfiles} without a level in the process. */
  JETCACHE("JetCache, Redis alone", Tier.REDIS),
  /** {@link RedissonBuckets}. */
  REDISSON_BUCKET("Redisson RBucket", Tier.REDIS),
  /** {@link RedissonMaps} without a level in the process. */
  REDISSON_MAP("Redisson RMap with MapLoader", Tier.REDIS),
  /** {@link HeadroomProfiles} with both levels. */
  HEADROOM_BOTH("**Headroom**, both levels", Tier.BOTH),
  /** {@link JetCacheProfiles} with both levels. */
  JETCACHE_BOTH("JetCache, both levels", Tier.BOTH),
  /** {@link RedissonMaps} with both levels. */
  REDISSON_LOCAL("Redisson RLocalCachedMap", Tier.BOTH);

  /** Where a contender looks before it loads. */
  private enum Tier {
    /** In Redis only. */
    REDIS,
    /** In the process, then in Redis. */
    BOTH
  }

  private final String label;
  private final Tier tier;

  CacheContender(String label, Tier tier) {
    this.label = label;
    this.tier = tier;
  }

  /**
   * The name in the tables.
   *
   * @return a few words
   */
  public String label() {
    return label;
  }

  /**
   * Those that ask Redis every time.
   *
   * @return in the order of the constants
   */
  public static List<CacheContender> onRedisAlone() {
    return of(Tier.REDIS);
  }

  /**
   * Those that keep values in the process too.
   *
   * @return in the order of the constants
   */
  public static List<CacheContender> onBothLevels() {
    return of(Tier.BOTH);
  }

  private static List<CacheContender> of(Tier tier) {
    return List.of(values()).stream().filter(contender -> contender.tier == tier).toList();
  }

  /**
   * Sets the contender up as one process would.
   *
   * @param setup its Redis and its source
   * @return the process's cache
   */
  public CacheAccess open(CacheSetup setup) {
    return switch (this) {
      case HEADROOM -> HeadroomProfiles.onRedisAlone(setup);
      case HEADROOM_BOTH -> HeadroomProfiles.onBothLevels(setup);
      case LETTUCE -> new LettuceProfiles(setup);
      case JETCACHE -> JetCacheProfiles.onRedisAlone(setup);
      case REDISSON_BUCKET -> new RedissonBuckets(setup);
      case REDISSON_MAP -> RedissonMaps.onRedisAlone(setup);
      case JETCACHE_BOTH -> JetCacheProfiles.onBothLevels(setup);
      case REDISSON_LOCAL -> RedissonMaps.onBothLevels(setup);
    };
  }
}
