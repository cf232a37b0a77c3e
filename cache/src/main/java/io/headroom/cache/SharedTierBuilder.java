package io.headroom.cache;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says how a cache uses the tier that its processes share. All processes should say the same; the
 * number of partitions must be the same. Each option may be set once. Not thread-safe.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class SharedTierBuilder<K, V> {

  private static final int MOST_PARTITIONS = 1_024;
  private static final int MOST_BYTES = 512 << 20;

  private final Options options = new Options("shared tier");
  private final RedisTier redis;
  private final CacheKeys<K> keys;
  private final CacheCodec<V> codec;

  private Duration ttl = Duration.ofHours(1);
  private int schemaVersion = 1;
  private int partitions = 64;
  private int maximumValueBytes = 1 << 20;
  private @Nullable CacheCompression compression;
  private Duration maximumStaleness = Duration.ofSeconds(10);
  private Duration lease = Duration.ofSeconds(5);
  private Duration leaseWait = Duration.ofMillis(500);
  private Duration tombstone = Duration.ofSeconds(10);
  private Duration marker = Duration.ofSeconds(60);

  SharedTierBuilder(RedisTier redis, CacheKeys<K> keys, CacheCodec<V> codec) {
    this.redis = Objects.requireNonNull(redis, "redis must not be null");
    this.keys = Objects.requireNonNull(keys, "keys must not be null");
    this.codec = Objects.requireNonNull(codec, "codec must not be null");
  }

  /**
   * Sets how long a value is fresh in the shared tier after it was read from the database; an hour
   * unless set. It is the longest that anyone is served a value which changed without an
   * invalidation, as fresh.
   *
   * @param ttl from 1 ms to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> ttl(Duration ttl) {
    this.ttl = options.duration("ttl", ttl, Duration.ofMillis(1));
    return this;
  }

  /**
   * Sets the version of the values' schema; 1 unless set. Processes with different versions, as
   * during a deployment, do not see each other's values, but invalidate them.
   *
   * @param version 0 or more
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> schemaVersion(int version) {
    this.schemaVersion = options.number("schemaVersion", version, 0, Integer.MAX_VALUE);
    return this;
  }

  /**
   * Sets into how many parts the keys fall, each with its own count of invalidations; 64 unless
   * set. It must be the same in all processes, and should be a few times the number of the
   * cluster's primaries.
   *
   * @param partitions a power of two up to 1,024
   * @return this builder
   * @throws IllegalArgumentException if it is none
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> partitions(int partitions) {
    int checked = options.number("partitions", partitions, 1, MOST_PARTITIONS);
    if (Integer.bitCount(checked) != 1) {
      throw new IllegalArgumentException(
          "partitions must be a power of two, such as 64, was " + partitions);
    }
    this.partitions = checked;
    return this;
  }

  /**
   * Sets how large an encoded value may be that is shared; 1 MiB unless set. A larger one is
   * served, and kept by the process that loaded it.
   *
   * @param bytes from 1 to 512 MiB
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> maximumValueBytes(int bytes) {
    this.maximumValueBytes = options.number("maximumValueBytes", bytes, 1, MOST_BYTES);
    return this;
  }

  /**
   * Compresses values on their way; not unless set.
   *
   * @param compression how, and from which size on
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> compression(CacheCompression compression) {
    options.once("compression");
    this.compression = Objects.requireNonNull(compression, "compression must not be null");
    return this;
  }

  /**
   * Sets for how long a process trusts its own entries when it does not hear of the others'
   * invalidations; 10 seconds unless set. While the bus is up it makes no difference.
   *
   * @param staleness from 3 seconds, since a bus that is cut silently is noticed after two, to a
   *     year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> maximumStaleness(Duration staleness) {
    this.maximumStaleness = options.duration("maximumStaleness", staleness, Duration.ofSeconds(3));
    return this;
  }

  /**
   * Sets for how long a process has a key to itself that it loads; 5 seconds unless set. Should it
   * die meanwhile, others load the key after that. Let it be longer than a load takes.
   *
   * @param lease from 10 ms to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> lease(Duration lease) {
    this.lease = options.duration("lease", lease, Duration.ofMillis(10));
    return this;
  }

  /**
   * Sets how long others wait for what it loads before they ask the database themselves; half a
   * second unless set.
   *
   * @param wait from zero to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> leaseWait(Duration wait) {
    this.leaseWait = options.duration("leaseWait", wait, Duration.ZERO);
    return this;
  }

  /**
   * Sets for how long loads of an invalidated key see at least what its writer has written; 10
   * seconds unless set. No load is served by a replica that lags more than that, so let it be
   * longer than replicas usually lag.
   *
   * @param window from 10 ms to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> tombstone(Duration window) {
    this.tombstone = options.duration("tombstone", window, Duration.ofMillis(10));
    return this;
  }

  /**
   * Sets how long a transaction may take that invalidates a key: should its process die between the
   * commit and the invalidation, the old value goes from the shared tier by then, and from what
   * other processes have at hand by the cache's {@code ttl}; a minute unless set.
   *
   * @param time from 10 ms to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public SharedTierBuilder<K, V> transactionLimit(Duration time) {
    this.marker = options.duration("transactionLimit", time, Duration.ofMillis(10));
    return this;
  }

  /**
   * Builds the settings.
   *
   * @return what {@link TieredCacheBuilder#shared} takes
   */
  public SharedTier<K, V> build() {
    return new SharedTier<>(
        new SharedSettings<>(
            redis,
            keys,
            codec,
            ttl,
            schemaVersion,
            partitions,
            maximumValueBytes,
            compression,
            maximumStaleness,
            lease,
            leaseWait,
            tombstone,
            marker));
  }
}
