package io.headroom.benchmarks.caches;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.CacheUtil;
import com.alicp.jetcache.CacheValueHolder;
import com.alicp.jetcache.MultiLevelCache;
import com.alicp.jetcache.SimpleCacheManager;
import com.alicp.jetcache.anno.CacheConsts;
import com.alicp.jetcache.anno.CacheType;
import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.alicp.jetcache.redis.lettuce.LettuceConnectionManager;
import com.alicp.jetcache.redis.lettuce.RedisLettuceCacheBuilder;
import com.alicp.jetcache.template.CacheBuilderTemplate;
import com.alicp.jetcache.template.NotifyMonitorInstaller;
import com.alicp.jetcache.template.QuickConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JetCache: a loading cache in Redis through Lettuce, alone or behind Caffeine, with one load per
 * key and process (cachePenetrationProtect) and, with both levels, its broadcast (syncLocal).
 * Values are JSON by Jackson through its own hooks for an encoder; keys are taken as they are.
 */
final class JetCacheProfiles implements CacheAccess {
  private static final JavaType HOLDER =
      ProfileJson.MAPPER
          .getTypeFactory()
          .constructParametricType(CacheValueHolder.class, Profile.class);
  private static final ObjectReader READER = ProfileJson.MAPPER.readerFor(HOLDER);
  private static final ObjectWriter WRITER = ProfileJson.MAPPER.writerFor(HOLDER);

  private final AbstractRedisClient client;
  private final SimpleCacheManager manager = new SimpleCacheManager();
  private final Cache<Long, Profile> cache;
  private final @Nullable Cache<Long, Profile> local;

  private JetCacheProfiles(CacheSetup setup, CacheType type) {
    client = LettuceProfiles.client(setup);
    var remote = RedisLettuceCacheBuilder.createRedisLettuceCacheBuilder().redisClient(client);
    if (type == CacheType.BOTH) {
      remote.pubSubConnection(subscriber(client)).broadcastChannel(CacheSetup.NAME);
    }
    CacheBuilderTemplate template =
        new CacheBuilderTemplate(
            true,
            Map.of(CacheConsts.DEFAULT_AREA, CaffeineCacheBuilder.createCaffeineCacheBuilder()),
            Map.of(CacheConsts.DEFAULT_AREA, remote));
    template.getCacheMonitorInstallers().add(new NotifyMonitorInstaller(area -> remote));
    manager.setCacheBuilderTemplate(template);
    ProfileSource source = setup.source();
    cache =
        manager.getOrCreateCache(
            QuickConfig.newBuilder(CacheSetup.NAME)
                .cacheType(type)
                .syncLocal(type == CacheType.BOTH)
                .expire(CacheSetup.TTL)
                .localLimit(CacheSetup.LOCAL_ENTRIES)
                .valueEncoder(holder -> ProfileJson.write(WRITER, holder))
                .valueDecoder(json -> ProfileJson.read(READER, json))
                .<Long, Profile>loader(source::load)
                .build());
    local = type == CacheType.BOTH ? firstLevel(cache) : null;
  }

  /** In Redis. */
  static JetCacheProfiles onRedisAlone(CacheSetup setup) {
    return new JetCacheProfiles(setup, CacheType.REMOTE);
  }

  /** In the process, then in Redis. */
  static JetCacheProfiles onBothLevels(CacheSetup setup) {
    return new JetCacheProfiles(setup, CacheType.BOTH);
  }

  private static StatefulRedisPubSubConnection<byte[], byte[]> subscriber(
      AbstractRedisClient client) {
    return client instanceof RedisClusterClient cluster
        ? cluster.connectPubSub(ByteArrayCodec.INSTANCE)
        : ((RedisClient) client).connectPubSub(ByteArrayCodec.INSTANCE);
  }

  @SuppressWarnings("unchecked") // its array of levels has no type arguments
  private static Cache<Long, Profile> firstLevel(Cache<Long, Profile> both) {
    return (Cache<Long, Profile>)
        ((MultiLevelCache<Long, Profile>) CacheUtil.getAbstractCache(both)).caches()[0];
  }

  @Override
  public Profile get(Long id) {
    return cache.get(id);
  }

  @Override
  public Map<Long, Profile> getAll(Collection<Long> ids) {
    return cache.getAll(new HashSet<>(ids));
  }

  @Override
  public void put(Long id, Profile profile) {
    cache.put(id, profile);
  }

  @Override
  public void invalidate(Long id) {
    cache.remove(id);
  }

  @Override
  public @Nullable Profile peek(Long id) {
    return local == null ? null : local.get(id);
  }

  @Override
  public void close() {
    manager.close();
    LettuceConnectionManager.defaultManager().removeAndClose(client);
  }
}
