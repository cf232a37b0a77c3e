package io.headroom.benchmarks.caches;

import io.headroom.cache.CacheKeys;
import io.headroom.cache.CacheLoader;
import io.headroom.cache.JacksonCodec;
import io.headroom.cache.RedisTier;
import io.headroom.cache.RedisTierBuilder;
import io.headroom.cache.SharedStats;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Headroom's own: a {@link TieredCache} on a {@link SharedTier}, as its README sets it up. Where it
 * is to ask Redis every time, it keeps nothing in the process. Its time-out is as long as the
 * peers', so that on a busy machine none of them does without Redis.
 */
final class HeadroomProfiles implements CacheAccess {
  private final RedisTier redis;
  private final TieredCache<Long, Profile> cache;

  private HeadroomProfiles(CacheSetup setup, long localEntries) {
    RedisTierBuilder tier = RedisTier.builder(setup.uris().toArray(new String[0]));
    tier.timeout(Duration.ofSeconds(10));
    redis = (setup.cluster() ? tier.cluster() : tier).build();
    cache =
        TieredCache.<Long, Profile>builder(CacheSetup.NAME, new FromSource(setup.source()))
            .ttl(CacheSetup.TTL)
            .maximumEntries(localEntries)
            .shared(
                SharedTier.on(redis, CacheKeys.longs(), JacksonCodec.of(Profile.class))
                    .ttl(CacheSetup.TTL)
                    .build())
            .build();
  }

  private record FromSource(ProfileSource source) implements CacheLoader<Long, Profile> {
    @Override
    public Profile load(Long id) {
      return source.load(id);
    }

    @Override
    public Map<Long, Profile> loadAll(Set<Long> ids) {
      Map<Long, Profile> profiles = new LinkedHashMap<>();
      ids.forEach(id -> profiles.put(id, source.load(id)));
      return profiles;
    }
  }

  /** Asks Redis every time. */
  static HeadroomProfiles onRedisAlone(CacheSetup setup) {
    return new HeadroomProfiles(setup, 0);
  }

  /** In the process, then in Redis. */
  static HeadroomProfiles onBothLevels(CacheSetup setup) {
    return new HeadroomProfiles(setup, CacheSetup.LOCAL_ENTRIES);
  }

  @Override
  public Profile get(Long id) {
    Profile profile = cache.get(id);
    if (profile == null) {
      throw new IllegalStateException("no profile " + id + ", though each id has one");
    }
    return profile;
  }

  @Override
  public Map<Long, Profile> getAll(Collection<Long> ids) {
    return cache.getAll(ids);
  }

  @Override
  public void put(Long id, Profile profile) {
    cache.put(id, profile);
  }

  @Override
  public void invalidate(Long id) {
    cache.invalidate(id);
  }

  @Override
  public @Nullable Profile peek(Long id) {
    return cache.getIfPresent(id);
  }

  @Override
  public void close() {
    long lost =
        Objects.requireNonNull(cache.stats().shared()).count(SharedStats.Count.FILLS_FAILED);
    cache.close();
    redis.close();
    if (lost > 0) {
      throw new IllegalStateException(lost + " loaded values were not stored in Redis");
    }
  }
}
