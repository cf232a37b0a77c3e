package io.headroom.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Weigher;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows, and what it is loading. Thread-safe.
 *
 * <p>The race that this class exists for: a load reads the database, an invalidation lands, the
 * load puts the old value in. Each load is therefore a reservation, an object of its own, that
 * stands in {@link #loads} from before it reads. An invalidation first takes the reservation out
 * and then removes the entry; a publication checks for its reservation inside the map's atomic
 * update of that key. So it comes before the removal, and is removed, or finds that its reservation
 * has gone. A marker shared by all loads would not do: a second load's would be taken for the first
 * one's.
 */
final class LocalTier<K, V> {

  private final Cache<K, Entry<V>> entries;
  private final ConcurrentMap<K, Entry<V>> map;
  private final ConcurrentMap<K, Load<V>> loads = new ConcurrentHashMap<>();
  private final LongAdder evictions = new LongAdder();
  private final CoarseTime time;

  /**
   * Creates an empty tier.
   *
   * @param maximum weight, or entries where there is no weigher
   * @param weigher what a value weighs, null to count entries
   * @param longestNanos how long an entry can be of use
   */
  LocalTier(
      long maximum,
      @Nullable Weigher<? super K, ? super V> weigher,
      long longestNanos,
      TimeSource time) {
    this.time = new CoarseTime(time.nanoTime());
    Caffeine<Object, Object> caffeine =
        Caffeine.newBuilder()
            .ticker(this.time)
            .expireAfterWrite(Duration.ofNanos(longestNanos).plus(CoarseTime.GRAIN));
    Caffeine<K, Entry<V>> bounded =
        weigher == null
            ? caffeine.maximumSize(maximum).evictionListener((key, entry, cause) -> evicted())
            : caffeine
                .maximumWeight(maximum)
                .weigher((K key, Entry<V> entry) -> weight(weigher, key, entry.value()))
                .evictionListener((key, entry, cause) -> evicted());
    this.entries = bounded.build();
    this.map = entries.asMap();
  }

  private static <K, V> int weight(
      Weigher<? super K, ? super V> weigher, K key, @Nullable V value) {
    return value == null ? 1 : weigher.weigh(key, value);
  }

  private void evicted() {
    evictions.increment();
  }

  /** What is known of a key, fresh or not. */
  @Nullable Entry<V> find(K key) {
    return entries.getIfPresent(key);
  }

  /** The time as it is now, for the housekeeping of what is not used any more. */
  void sawTime(long nowNanos) {
    time.saw(nowNanos);
  }

  /**
   * Makes a reservation.
   *
   * @return this one, or that of another load, which is running already
   */
  Load<V> reserve(K key, Load<V> load) {
    Load<V> running = loads.putIfAbsent(key, load);
    return running == null ? load : running;
  }

  /** Keeps what a load has brought, unless the key was invalidated since it began. */
  void publish(K key, Load<V> load, Entry<V> entry) {
    map.compute(key, (same, known) -> loads.get(same) == load ? entry : known);
    loads.remove(
        key, load); // not sooner: who reserves the key from now on looks for the entry first
  }

  /** A load has ended without anything to keep. */
  void release(K key, Load<V> load) {
    loads.remove(key, load);
  }

  /** Whether a load of the key is running whose result would be kept. */
  boolean isLoading(K key) {
    return loads.containsKey(key);
  }

  /** Keeps what a caller says; a load that is running is of the time before. */
  void put(K key, Entry<V> entry) {
    loads.remove(key);
    map.put(key, entry);
  }

  /** Replaces an entry, if it is still there. */
  void replace(K key, Entry<V> known, Entry<V> by) {
    map.replace(key, known, by);
  }

  /** Forgets a key; nothing that was read before will be kept for it. */
  void remove(K key) {
    loads.remove(key);
    map.remove(key);
  }

  /** Forgets everything. */
  void clear() {
    loads.clear();
    map.clear();
  }

  /** Entries, among them such as are expired but not cleaned up yet. */
  long size() {
    return entries.estimatedSize();
  }

  /** Entries that had to go for want of room, or whose time was over. */
  long evictions() {
    return evictions.sum();
  }

  /** Does now what Caffeine would do in the background. */
  void cleanUp() {
    entries.cleanUp();
  }
}
