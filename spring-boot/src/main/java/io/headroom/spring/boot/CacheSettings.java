package io.headroom.spring.boot;

import io.headroom.LoadSignal;
import io.headroom.Spans;
import io.headroom.cache.CacheCodec;
import io.headroom.cache.CacheListener;
import io.headroom.cache.RedisTier;
import io.headroom.cache.SharedTier;
import io.headroom.cache.SharedTierBuilder;
import io.headroom.cache.TieredCacheBuilder;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.ResolvableType;

/** Makes each cache of {@code headroom.caches} as its properties say. */
final class CacheSettings {

  private final ObjectProvider<RedisTier> redis;
  private final ObjectProvider<CacheValues> values;
  private final @Nullable GuardedPools guard;
  private final Spans spans;
  private final List<CacheListener> listeners;

  CacheSettings(
      ObjectProvider<RedisTier> redis,
      ObjectProvider<CacheValues> values,
      @Nullable GuardedPools guard,
      Spans spans,
      List<CacheListener> listeners) {
    this.redis = redis;
    this.values = values;
    this.guard = guard;
    this.spans = spans;
    this.listeners = listeners;
  }

  void onto(TieredCacheBuilder<Object, Object> builder, String name, CacheProperties cache) {
    String at = "headroom.caches." + name + ".";
    Setting.set(at + "maximum-entries", cache.maximumEntries(), builder::maximumEntries);
    Setting.set(at + "ttl", cache.ttl(), builder::ttl);
    Setting.set(at + "stale-for", cache.staleFor(), builder::staleFor);
    Setting.set(at + "ttl-jitter", cache.ttlJitter(), builder::ttlJitter);
    Setting.set(at + "soft-timeout", cache.softTimeout(), builder::softTimeout);
    Setting.set(at + "hard-timeout", cache.hardTimeout(), builder::hardTimeout);
    sparePools(at, builder, cache);
    builder.spans(spans);
    listeners.forEach(builder::listener);
    CacheChecks.check(at, cache);
    if (cache.shared()) {
      builder.shared(shared(at, name, cache));
    }
  }

  /** Only what may be served stale can spare a pool anything. */
  private void sparePools(
      String at, TieredCacheBuilder<Object, Object> builder, CacheProperties cache) {
    String resource = cache.resource();
    if (resource != null && (cache.staleFor() == null || guard == null)) {
      throw Setting.wrong(
          at + "resource",
          "has no effect without " + at + "stale-for and headroom.guard.enabled=true.",
          "Set both, or drop it.");
    }
    GuardedPools pools = guard;
    if (pools == null || cache.staleFor() == null) {
      return;
    }
    if (resource == null) {
      LoadSignal reads = any -> pools.ofReads();
      builder.loadSignal(reads, "all pools that are read from");
    } else {
      builder.loadSignal(pools.guard().levels(), resource);
    }
  }

  private SharedTier<Object, Object> shared(String at, String name, CacheProperties cache) {
    RedisTier tier =
        Setting.require(
            at + "shared",
            redis.getIfAvailable(),
            "is true, but there is no Redis to share it by.",
            "Set headroom.redis.uri, or drop it.");
    SharedTierBuilder<Object, Object> builder =
        SharedTier.on(tier, new SpringKeys(), codec(at, name, cache));
    Setting.set(at + "shared-ttl", cache.sharedTtl(), builder::ttl);
    Setting.set(at + "schema-version", cache.schemaVersion(), builder::schemaVersion);
    Setting.set(at + "maximum-staleness", cache.maximumStaleness(), builder::maximumStaleness);
    return builder.build();
  }

  private CacheCodec<Object> codec(String at, String name, CacheProperties cache) {
    Type type = type(at + "type", cache.type());
    Class<?> raw = ResolvableType.forType(type).toClass();
    if (raw == String.class) {
      return SpringValues.of(CacheCodec.strings(), raw);
    }
    CacheValues ways =
        Setting.require(
            at + "type",
            values.getIfAvailable(),
            "is " + type.getTypeName() + ", and nothing here writes such values.",
            "Bring Jackson and its mapper as a bean, or a bean of type CacheValues.");
    return SpringValues.of(Setting.check(at + "type", () -> ways.codecFor(name, type)), raw);
  }

  private static Type type(String at, @Nullable String name) {
    String given =
        Setting.require(
            at,
            name,
            "is missing: what is in Redis must be read as something.",
            "Name the class that the cached methods return.");
    try {
      return ValueTypes.parse(given);
    } catch (IllegalArgumentException wrong) {
      throw new HeadroomPropertyException(
          at,
          "names " + wrong.getMessage() + ".",
          "Correct it: a class, as com.example.Book, or one with arguments, as"
              + " java.util.List<com.example.Book>.",
          wrong);
    }
  }
}
