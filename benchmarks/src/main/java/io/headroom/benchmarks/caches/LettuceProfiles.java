package io.headroom.benchmarks.caches;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The least that can be done: GET, and on a miss a load and a SET, by hand on one connection. */
final class LettuceProfiles implements CacheAccess {
  static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE);

  private final AbstractRedisClient client;
  private final RedisClusterCommands<String, byte[]> redis;
  private final ProfileSource source;

  LettuceProfiles(CacheSetup setup) {
    source = setup.source();
    client = client(setup);
    redis =
        client instanceof RedisClusterClient cluster
            ? cluster.connect(CODEC).sync()
            : ((RedisClient) client).connect(CODEC).sync();
  }

  /** A client as the manual makes it, of one server or of a cluster. */
  static AbstractRedisClient client(CacheSetup setup) {
    List<RedisURI> uris = setup.uris().stream().map(RedisURI::create).toList();
    return setup.cluster() ? RedisClusterClient.create(uris) : RedisClient.create(uris.get(0));
  }

  @Override
  public Profile get(Long id) {
    byte[] json = redis.get(key(id));
    return json == null ? load(id) : ProfileJson.read(json);
  }

  private Profile load(Long id) {
    Profile profile = source.load(id);
    put(id, profile);
    return profile;
  }

  @Override
  public Map<Long, Profile> getAll(Collection<Long> ids) {
    Long[] order = ids.toArray(new Long[0]);
    String[] keys = new String[order.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = key(order[i]);
    }
    List<KeyValue<String, byte[]>> found = redis.mget(keys); // in the order asked for
    Map<Long, Profile> profiles = new HashMap<>(2 * keys.length);
    for (int i = 0; i < keys.length; i++) {
      KeyValue<String, byte[]> one = found.get(i);
      profiles.put(order[i], one.hasValue() ? ProfileJson.read(one.getValue()) : load(order[i]));
    }
    return profiles;
  }

  @Override
  public void put(Long id, Profile profile) {
    redis.psetex(key(id), CacheSetup.TTL.toMillis(), ProfileJson.write(profile));
  }

  @Override
  public void invalidate(Long id) {
    redis.del(key(id));
  }

  @Override
  public @Nullable Profile peek(Long id) {
    return null;
  }

  static String key(Long id) {
    return CacheSetup.NAME + ':' + id;
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
