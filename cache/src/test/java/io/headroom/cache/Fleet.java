package io.headroom.cache;

import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Several processes in one: each has its own connections to Redis and its own entries, and all of
 * them load from one table.
 */
final class Fleet implements AutoCloseable {

  private static final AtomicInteger NAMES = new AtomicInteger();

  private final String name;
  private final String[] uris;
  private final boolean cluster;
  private final ConcurrentMap<String, String> table = new ConcurrentHashMap<>();
  private final AtomicInteger loads = new AtomicInteger();
  private final List<Runnable> open = new ArrayList<>();

  /** Loads wait here. */
  volatile CacheLoader<String, String> between = key -> null;

  Fleet(RedisServer server) {
    this(false, server.uri());
  }

  Fleet(boolean cluster, String... uris) {
    this.name = "letters-" + NAMES.incrementAndGet();
    this.cluster = cluster;
    this.uris = uris;
  }

  String name() {
    return name;
  }

  /** The database. */
  ConcurrentMap<String, String> table() {
    return table;
  }

  /** How many keys were loaded from it. */
  int loads() {
    return loads.get();
  }

  /** What every process loads with. */
  String load(String key) throws Exception {
    loads.incrementAndGet();
    String value = table.get(key);
    between.load(key);
    return value;
  }

  /** A process's connections. */
  RedisTier tier(UnaryOperator<RedisTierBuilder> options) {
    RedisTierBuilder builder = RedisTier.builder(uris);
    if (cluster) {
      builder.cluster();
    }
    return opened(options.apply(builder).build());
  }

  /** Those of a process that reaches the server another way. */
  RedisTier tier(String uri) {
    return opened(RedisTier.connect(uri));
  }

  private RedisTier opened(RedisTier tier) {
    open.add(tier::close);
    return tier;
  }

  /** One more process. */
  TieredCache<String, String> process() {
    return process(cache -> cache, shared -> shared);
  }

  TieredCache<String, String> process(
      UnaryOperator<TieredCacheBuilder<String, String>> options,
      UnaryOperator<SharedTierBuilder<String, String>> sharedOptions) {
    return process(tier(builder -> builder.timeout(Duration.ofSeconds(1))), options, sharedOptions);
  }

  TieredCache<String, String> process(
      RedisTier tier,
      UnaryOperator<TieredCacheBuilder<String, String>> options,
      UnaryOperator<SharedTierBuilder<String, String>> sharedOptions) {
    TieredCache<String, String> cache =
        options
            .apply(TieredCache.builder(name, this::load))
            .shared(
                sharedOptions
                    .apply(SharedTier.on(tier, CacheKeys.strings(), CacheCodec.strings()))
                    .build())
            .build();
    open.add(0, cache::close);
    return cache;
  }

  @Override
  public void close() {
    open.forEach(Runnable::run);
  }
}
