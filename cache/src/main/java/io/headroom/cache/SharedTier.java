package io.headroom.cache;

/**
 * How one cache uses the tier that its processes share, on a {@link RedisTier}.
 *
 * <pre>{@code
 * RedisTier redis = RedisTier.connect("redis://cache.internal");
 *
 * TieredCache<Long, Profile> profiles =
 *     TieredCache.<Long, Profile>builder("profile", repository::find)
 *         .shared(SharedTier.on(redis, CacheKeys.longs(), JacksonCodec.of(Profile.class)).build())
 *         .build();
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class SharedTier<K, V> {

  private final SharedSettings<K, V> settings;

  SharedTier(SharedSettings<K, V> settings) {
    this.settings = settings;
  }

  /**
   * Starts the settings of a cache's shared tier.
   *
   * @param redis where it is
   * @param keys how keys become text, and back
   * @param codec how values become bytes, and back
   * @param <K> the type of keys
   * @param <V> the type of values
   * @return a builder
   */
  public static <K, V> SharedTierBuilder<K, V> on(
      RedisTier redis, CacheKeys<K> keys, CacheCodec<V> codec) {
    return new SharedTierBuilder<>(redis, keys, codec);
  }

  SharedSettings<K, V> settings() {
    return settings;
  }

  @Override
  public String toString() {
    return "SharedTier[" + settings.common() + ", " + settings.redis() + "]";
  }
}
