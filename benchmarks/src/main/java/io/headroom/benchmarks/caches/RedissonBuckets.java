package io.headroom.benchmarks.caches;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RBucket;
import org.redisson.api.RedissonClient;
import org.redisson.codec.TypedJsonJacksonCodec;

/** Redisson's get, and on a miss a load and its set: a key of Redis each, with a TTL. */
final class RedissonBuckets implements CacheAccess {
  private static final TypedJsonJacksonCodec CODEC =
      new TypedJsonJacksonCodec(Profile.class, ProfileJson.MAPPER);

  private final RedissonClient redisson;
  private final ProfileSource source;

  RedissonBuckets(CacheSetup setup) {
    redisson = RedissonClients.open(setup);
    source = setup.source();
  }

  @Override
  public Profile get(Long id) {
    RBucket<Profile> bucket = redisson.getBucket(key(id), CODEC);
    Profile profile = bucket.get();
    if (profile == null) {
      profile = source.load(id);
      bucket.set(profile, CacheSetup.TTL);
    }
    return profile;
  }

  @Override
  public Map<Long, Profile> getAll(Collection<Long> ids) {
    String[] keys = ids.stream().map(RedissonBuckets::key).toArray(String[]::new);
    Map<String, Profile> found = redisson.getBuckets(CODEC).get(keys);
    Map<Long, Profile> profiles = new HashMap<>(2 * keys.length);
    for (Long id : ids) {
      Profile profile = found.get(key(id));
      profiles.put(id, profile == null ? get(id) : profile);
    }
    return profiles;
  }

  @Override
  public void put(Long id, Profile profile) {
    redisson.<Profile>getBucket(key(id), CODEC).set(profile, CacheSetup.TTL);
  }

  @Override
  public void invalidate(Long id) {
    redisson.getBucket(key(id), CODEC).delete();
  }

  @Override
  public @Nullable Profile peek(Long id) {
    return null;
  }

  private static String key(Long id) {
    return CacheSetup.NAME + ':' + id;
  }

  @Override
  public void close() {
    redisson.shutdown();
  }
}
