package io.headroom.benchmarks.caches;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RLocalCachedMap;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.map.MapLoader;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.api.options.MapOptions;
import org.redisson.codec.TypedJsonJacksonCodec;

/**
 * Redisson's map with a loader, which a lock in Redis keeps to one load in the fleet: one hash of
 * Redis, on one node, alone or behind a level in the process (RLocalCachedMap, synchronised by its
 * default, INVALIDATE). That level is Redisson's own LRU, since only there may an object be its own
 * key, without encoding it for each look. Entries in Redis have no TTL: only RMapCache has one, and
 * pays for it with a script.
 */
final class RedissonMaps implements CacheAccess {
  private static final TypedJsonJacksonCodec CODEC =
      new TypedJsonJacksonCodec(Long.class, Profile.class, ProfileJson.MAPPER);

  private final RedissonClient redisson;
  private final RMap<Long, Profile> map;
  private final @Nullable Map<Long, Profile> local;

  private RedissonMaps(
      RedissonClient redisson, RMap<Long, Profile> map, @Nullable Map<Long, Profile> local) {
    this.redisson = redisson;
    this.map = map;
    this.local = local;
  }

  /** In Redis. */
  static RedissonMaps onRedisAlone(CacheSetup setup) {
    RedissonClient redisson = RedissonClients.open(setup);
    MapOptions<Long, Profile> options =
        MapOptions.<Long, Profile>name("map-of-" + CacheSetup.NAME)
            .codec(CODEC)
            .loader(loader(setup.source()));
    return new RedissonMaps(redisson, redisson.getMap(options), null);
  }

  /** In the process, then in Redis. */
  static RedissonMaps onBothLevels(CacheSetup setup) {
    RedissonClient redisson = RedissonClients.open(setup);
    LocalCachedMapOptions<Long, Profile> options =
        LocalCachedMapOptions.<Long, Profile>name("local-map-of-" + CacheSetup.NAME)
            .codec(CODEC)
            .loader(loader(setup.source()))
            .evictionPolicy(LocalCachedMapOptions.EvictionPolicy.LRU)
            .cacheSize(CacheSetup.LOCAL_ENTRIES)
            .timeToLive(CacheSetup.TTL)
            .useObjectAsCacheKey(true);
    RLocalCachedMap<Long, Profile> map = redisson.getLocalCachedMap(options);
    return new RedissonMaps(redisson, map, map.getCachedMap());
  }

  private static MapLoader<Long, Profile> loader(ProfileSource source) {
    return new MapLoader<>() {
      @Override
      public Profile load(Long id) {
        return source.load(id);
      }

      @Override
      public Iterable<Long> loadAllKeys() {
        return List.of(); // nobody asks for all
      }
    };
  }

  @Override
  public Profile get(Long id) {
    return Objects.requireNonNull(map.get(id)); // a loader that has it all
  }

  @Override
  public Map<Long, Profile> getAll(Collection<Long> ids) {
    return map.getAll(new HashSet<>(ids));
  }

  @Override
  public void put(Long id, Profile profile) {
    map.fastPut(id, profile);
  }

  @Override
  public void invalidate(Long id) {
    map.fastRemove(id);
  }

  @Override
  public @Nullable Profile peek(Long id) {
    return local == null ? null : local.get(id);
  }

  @Override
  public void close() {
    redisson.shutdown();
  }
}
