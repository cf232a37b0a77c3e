package io.headroom.cache;

import io.headroom.TimeSource;
import java.time.Duration;

/** Puts together what a cache needs for its shared tier. */
final class SharedWiring {

  /** With the partition's digits, a name in a token has at most 64 bytes. */
  private static final int LONGEST_NAME_BYTES = 56;

  private SharedWiring() {}

  static <K, V> Source<K, V> source(
      String name,
      SharedSettings<K, V> settings,
      SharedLifetimes lifetimes,
      LocalTier<K, V> local,
      Entries<K, V> entries,
      Loading<K, V> loading,
      SharedSource.Refresher<K, V> refresher,
      TimeSource time) {
    checkName(name);
    RecentInvalidations<Layout.Place> recent =
        new RecentInvalidations<>(settings.tombstone(), retold(settings), time);
    RedisTier redis = settings.redis();
    SharedCounts counts = new SharedCounts();
    Layout layout = new Layout(name, settings.partitions());
    long self = Coherence.identity();
    RedisStore plain =
        new RedisStore(
            redis.link(),
            layout,
            settings.schemaVersion(),
            settings.lease(),
            settings.tombstone(),
            settings.marker(),
            self);
    SharedStore store = redis.between().store(plain);
    Coherence<K> coherence =
        new Coherence<>(
            name,
            store,
            layout,
            settings.keys(),
            local,
            recent,
            counts,
            time,
            self,
            redis.silence(settings.maximumStaleness()),
            settings.maximumStaleness());
    Envelope<V> envelope =
        new Envelope<>(
            settings.codec(),
            settings.schemaVersion(),
            settings.compression(),
            settings.maximumValueBytes());
    Sealing<K, V> sealing = new Sealing<>(name, envelope, entries, lifetimes, counts);
    byte[] channel = layout.channel();
    redis.register(name, settings.common(), coherence, plain, channel);
    return new SharedSource<>(
        store,
        coherence,
        local,
        entries,
        loading,
        recent,
        settings,
        sealing,
        time,
        counts,
        refresher,
        redis.between().peeks(),
        () -> {
          coherence.close();
          redis.unregister(name, coherence, channel);
        });
  }

  /** As long as one matters, and as it takes an idle process to ask whether all is there still. */
  private static Duration retold(SharedSettings<?, ?> settings) {
    Duration silence = settings.redis().silence(settings.maximumStaleness());
    return settings.tombstone().plus(silence).plus(silence.dividedBy(2)).plusSeconds(1);
  }

  private static void checkName(String name) {
    boolean isPlain =
        name.chars().allMatch(c -> c > ' ' && c < 127 && c != '{' && c != '}' && c != ':');
    if (!isPlain || name.length() > LONGEST_NAME_BYTES) {
      throw new IllegalArgumentException(
          "cache '"
              + name
              + "': a shared cache's name is part of its keys: let it have at most "
              + LONGEST_NAME_BYTES
              + " letters, digits and the like, no space, colon or brace");
    }
  }
}
