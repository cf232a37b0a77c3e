package io.headroom.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Weigher;
import io.headroom.TimeSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
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
 * one's. Removals of many keys iterate, and do not see a key that is just being inserted: therefore
 * a publication looks for its reservation once more when it is done.
 */
final class LocalTier<K, V> {

  private final Cache<K, Entry<V>> entries;
  private final ConcurrentMap<K, Entry<V>> map;
  private final ConcurrentMap<K, Load<V>> loads = new ConcurrentHashMap<>();
  private final Stamps stamps = new Stamps();
  private final LongAdder evictions = new LongAdder();
  private final TimeSource time;
  private final Lifetimes lifetimes;
  private final Sweeps sweeps;
  private final Executor sweeper;
  private final LocalTags tags;
  private final boolean keeps;

  /**
   * Creates an empty tier.
   *
   * @param tags where invalidations of tags are noted
   * @param maximum weight, or entries where there is no weigher; 0 to keep nothing
   * @param weigher what a value weighs, null to count entries
   * @param lifetimes how long an entry can be of use
   * @param sweeper runs what goes through all entries, besides what Caffeine does
   */
  LocalTier(
      long maximum,
      @Nullable Weigher<? super K, ? super V> weigher,
      Lifetimes lifetimes,
      LocalTags tags,
      TimeSource time,
      Executor sweeper) {
    this.tags = tags;
    this.sweeper = sweeper;
    this.keeps = maximum > 0;
    this.time = time;
    this.lifetimes = lifetimes;
    this.sweeps = new Sweeps(lifetimes.longestNanos(), time.nanoTime());
    Caffeine<Object, Object> caffeine = Caffeine.newBuilder();
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
    if (sweeps.areDue(nowNanos)) {
      try {
        sweeper.execute(() -> sweep(nowNanos));
      } catch (RuntimeException | Error noThread) { // then the next time: get has its answer
        sweeps.ended(nowNanos);
      }
    }
  }

  private void sweep(long nowNanos) {
    try {
      map.values()
          .removeIf(
              entry -> {
                boolean goes = !lifetimes.isOfUse(entry, nowNanos);
                if (goes) {
                  evicted();
                }
                return goes;
              });
    } finally {
      sweeps.ended(time.nanoTime());
    }
  }

  /** Who only writes has the old swept out too. */
  private void writes() {
    sawTime(time.nanoTime());
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
    if (keeps) {
      writes();
      map.compute(key, (same, known) -> loads.get(same) == load ? entry : known);
    }
    // not sooner: who reserves the key from now on looks for the entry first
    if (!loads.remove(key, load)) {
      map.remove(key, entry); // a removal that went through all keys may not have seen this one
    }
  }

  /**
   * Keeps what a caller has put, in the place of what was there, unless the key was invalidated or
   * put since {@link #reserveAnew}. Then the put comes to {@link #remove}, and neither its value
   * nor anything from before it stays, nor will a load be kept that is running: what was there is
   * outdated in any case, and a load that was reserved in the meantime may have read it.
   *
   * @param load the put's own reservation, which has ended when this returns
   * @return whether it was kept
   */
  boolean publishOrRemove(K key, Load<V> load, Entry<V> entry) {
    boolean reserved = false;
    try {
      if (keeps) {
        writes();
        map.compute(key, (same, known) -> loads.get(same) == load ? entry : known);
      }
      reserved = loads.remove(key, load);
    } finally { // the user's weigher may have thrown
      if (!reserved) {
        remove(key);
      }
    }
    return keeps && reserved;
  }

  /** A load has ended without anything to keep. */
  void release(K key, Load<V> load) {
    loads.remove(key, load);
  }

  /** Tells, when it is compared with a later one, whether the key was put or removed meanwhile. */
  int stamp(K key) {
    return stamps.of(key);
  }

  /** Keeps what a caller has read, unless the key was put or removed since it had this stamp. */
  boolean fill(K key, int stamp, Entry<V> entry) {
    writes();
    if (!keeps
        || map.compute(key, (same, known) -> stamps.of(same) == stamp ? entry : known) != entry) {
      return false;
    }
    if (stamps.of(key) != stamp) {
      map.remove(key, entry); // as in publish
      return false;
    }
    return true;
  }

  /** Replaces an entry, if it is still there. */
  void replace(K key, Entry<V> known, Entry<V> by) {
    writes();
    map.replace(key, known, by);
  }

  /** Forgets a key; nothing that was read before will be kept for it. */
  void remove(K key) {
    loads.remove(key);
    stamps.changed(key);
    map.remove(key);
  }

  /** Forgets all keys for which that is so; it looks at every one. */
  void removeIf(Predicate<K> which) {
    forgetLoads();
    map.keySet().removeIf(which);
  }

  /**
   * Forgets what has a tag. Of loads that are running nobody knows which have it, so none of them
   * will be kept.
   */
  void removeTag(String tag) {
    tags.invalidate(tag);
    forgetLoads();
  }

  /** None of the loads that are running will be kept. */
  void forgetLoads() {
    loads.clear();
    stamps.allChanged();
  }

  /** Makes a reservation in the place of any other. */
  void reserveAnew(K key, Load<V> load) {
    stamps.changed(key);
    loads.put(key, load);
  }

  /** Forgets everything. */
  void clear() {
    forgetLoads();
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
}
