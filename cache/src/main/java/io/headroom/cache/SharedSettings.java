package io.headroom.cache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one cache uses the tier that its processes share: what {@link SharedTierBuilder} was told.
 */
record SharedSettings<K, V>(
    RedisTier redis,
    CacheKeys<K> keys,
    CacheCodec<V> codec,
    Duration ttl,
    int schemaVersion,
    int partitions,
    int maximumValueBytes,
    @Nullable CacheCompression compression,
    Duration maximumStaleness,
    Duration lease,
    Duration leaseWait,
    Duration tombstone,
    Duration marker) {

  Duration timeout() {
    return redis.timeout();
  }

  long leaseWaitNanos() {
    return Nanos.of(leaseWait);
  }

  /** What two caches of one name must have in common, for people to read. */
  String common() {
    return "ttl "
        + ttl
        + ", schemaVersion "
        + schemaVersion
        + ", partitions "
        + partitions
        + ", codec "
        + codec.id()
        + (codec instanceof JacksonCodec<?> json ? " (" + json + ")" : "")
        + ", compression "
        + (compression == null ? "none" : String.valueOf(compression.id()))
        + ", maximumStaleness "
        + maximumStaleness
        + ", tombstone "
        + tombstone;
  }
}
