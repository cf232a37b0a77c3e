package io.headroom.cache;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values on their way to the shared tier and back; what cannot be sealed or opened is counted, and
 * nobody's error. Thread-safe.
 */
final class Sealing<K, V> {

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);

  private static final String UNDECODED =
      "its codec failed to decode a value, which is loaded anew";

  /** The length of an entry's tags has 16 bits in the shared tier. */
  private static final int MOST_TAG_BYTES = 0xFFFF;

  private final String cache;
  private final Envelope<V> envelope;
  private final Entries<K, V> entries;
  private final SharedLifetimes lifetimes;
  private final SharedCounts counts;
  private volatile boolean warned;

  /**
   * A value that was opened.
   *
   * @param value null if it is known that there is none
   */
  record Opened<V>(@Nullable V value) {}

  Sealing(
      String cache,
      Envelope<V> envelope,
      Entries<K, V> entries,
      SharedLifetimes lifetimes,
      SharedCounts counts) {
    this.cache = cache;
    this.envelope = envelope;
    this.entries = entries;
    this.lifetimes = lifetimes;
    this.counts = counts;
  }

  /**
   * Seals a value.
   *
   * @param value null if there is none
   * @param ageNanos how long ago it was asked for
   * @return null if it is not to be kept: it is too large, or its codec failed
   */
  @Nullable SharedValue seal(K key, @Nullable V value, long ageNanos) {
    long fresh = lifetimes.freshMillis(value == null, ageNanos, ThreadLocalRandom.current());
    if (fresh <= 0) {
      return null;
    }
    try {
      byte[] sealed = envelope.seal(value);
      if (sealed == null) {
        counts.tooLarge();
        warn("a value is larger than maximumValueBytes: it is served, and not shared", null);
        return null;
      }
      List<String> tags = entries.tags(key, value);
      if (areTooLarge(tags)) {
        counts.tooLarge();
        warn("a value's tags have more than 64 KiB: it is served, and not shared", null);
        return null;
      }
      counts.written(sealed.length);
      return new SharedValue(sealed, fresh, lifetimes.keptMillis(fresh), ageNanos / 1_000, tags);
    } catch (Exception | LinkageError | StackOverflowError failure) { // what codecs throw
      counts.codecFailed();
      warn("its codec failed to encode a value, which is served, and not shared", failure);
      return null;
    }
  }

  /** Whether the entry's header has no room for their length. */
  private static boolean areTooLarge(List<String> tags) {
    long bytes = 0;
    for (String tag : tags) {
      bytes += Layout.bytes(tag).length + 1L; // and a NUL
    }
    return bytes > MOST_TAG_BYTES;
  }

  /** Opens a value; null if that is no use: another process will have it loaded anew. */
  @Nullable Opened<V> open(SharedRead read) {
    byte[] sealed = read.value();
    if (sealed == null) {
      return null;
    }
    counts.read(sealed.length);
    try {
      return new Opened<>(envelope.open(sealed));
    } catch (UndecodableException undecodable) {
      counts.undecodable();
      if (undecodable.reason() == UndecodableException.Reason.CODEC_FAILED) {
        warn(UNDECODED, undecodable);
      }
      return null;
    } catch (LinkageError | StackOverflowError failure) { // as a codec may throw, too
      counts.undecodable();
      warn(UNDECODED, failure);
      return null;
    }
  }

  private void warn(String what, @Nullable Throwable cause) {
    if (!warned) {
      warned = true;
      LOG.warn("cache '{}': {}; more such are only counted", cache, what, cause);
    }
  }
}
