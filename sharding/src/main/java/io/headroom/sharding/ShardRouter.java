package io.headroom.sharding;

import io.headroom.CloseActions;
import io.headroom.KeyType;
import io.headroom.Spans;
import io.headroom.TimeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which shard owns this key? A {@link ShardStrategy} over the {@link ShardMap} in force.
 *
 * <pre>{@code
 * ShardRouter<Long> users = ShardRouter.forLongs(ShardMap.of("a", "b", "c", "d"));
 * Shard home = users.shardFor(42L);
 * Map<Shard, List<Long>> perShard = users.group(List.of(1L, 2L, 3L));
 * }</pre>
 *
 * <p>A look-up takes one hash and one array read (beyond 65,536 shards a second one), allocates
 * nothing and never locks. Pins in the map win, whatever the strategy. There is no default shard:
 * an unknown key is an error that names it.
 *
 * <p>Thread-safe. A new map comes into force by one volatile write: by {@link #update}, or from the
 * store that the router follows. Ordinals are positions in {@link ShardMap#shards()} of the map
 * that is in force at the call; who needs several facts of one map takes {@link #map()} first.
 *
 * @param <K> the type of the keys
 */
public final class ShardRouter<K> implements AutoCloseable {

  private final String name;
  private final ShardStrategy<K> strategy;
  private final Listeners listeners;
  private final CloseActions closing = new CloseActions();
  private final ScatterSpans scatterSpans;
  private final TimeSource time;
  private final SlotUse use = new SlotUse();
  private final RouterCounts counts = new RouterCounts();
  private final @Nullable StoreFollower follower;
  private volatile RouterSnapshot<K> snapshot;

  /** Since when the map is in force, or was last confirmed by the store. */
  private volatile long confirmedNanos;

  ShardRouter(
      String name,
      ShardStrategy<K> strategy,
      ShardMap first,
      @Nullable ShardMapStore store,
      List<ShardingListener> listeners,
      Spans spans,
      TimeSource time) {
    this.name = name;
    this.strategy = strategy;
    this.listeners = new Listeners(name, counts, listeners);
    this.scatterSpans = new ScatterSpans(name, spans);
    this.time = time;
    strategy.checkFits(first);
    this.snapshot = new RouterSnapshot<>(name, strategy, first);
    this.confirmedNanos = time.nanoTime();
    this.follower = store == null ? null : new StoreFollower(this, store, this.listeners, time);
    if (follower != null) {
      closing.add(follower::close);
    }
  }

  /**
   * Makes a router of integer keys by hash.
   *
   * @param map the map to start with
   * @return a router without a store
   * @throws ShardMapException if the map's slot count is not a power of two
   */
  public static ShardRouter<Long> forLongs(ShardMap map) {
    return builder(ShardStrategy.hashedLongs()).map(map).build();
  }

  /**
   * Makes a router of text keys by hash.
   *
   * @param map the map to start with
   * @return a router without a store
   * @throws ShardMapException if the map's slot count is not a power of two
   */
  public static ShardRouter<String> forStrings(ShardMap map) {
    return builder(ShardStrategy.hashedStrings()).map(map).build();
  }

  /**
   * Makes a router of UUID keys by hash.
   *
   * @param map the map to start with
   * @return a router without a store
   * @throws ShardMapException if the map's slot count is not a power of two
   */
  public static ShardRouter<UUID> forUuids(ShardMap map) {
    return builder(ShardStrategy.hashedUuids()).map(map).build();
  }

  /**
   * Starts to build a router.
   *
   * @param strategy how keys become slots
   * @param <K> the type of the keys
   * @return a builder that wants a map or a store
   */
  public static <K> ShardRouterBuilder<K> builder(ShardStrategy<K> strategy) {
    return new ShardRouterBuilder<>(strategy);
  }

  /**
   * Answers the shard that owns a key.
   *
   * @param key the key
   * @return its shard
   * @throws UnknownKeyException if no shard owns it
   * @throws NullPointerException if the key is null
   * @throws IllegalArgumentException if the strategy cannot route keys of this class
   */
  public Shard shardFor(K key) {
    RouterSnapshot<K> now = snapshot;
    return now.map().shardAt(now.ordinalFor(key));
  }

  /**
   * Answers the shard that owns an integer key, without boxing it.
   *
   * @param key the key
   * @return its shard
   * @throws UnknownKeyException if no shard owns it
   * @throws IllegalArgumentException if this router's keys are not integers
   */
  public Shard shardFor(long key) {
    RouterSnapshot<K> now = snapshot;
    return now.map().shardAt(now.ordinalFor(key));
  }

  /**
   * Answers the position of a key's shard in {@link ShardMap#shards()}.
   *
   * @param key the key
   * @return the ordinal of its shard
   * @throws UnknownKeyException if no shard owns it
   * @throws NullPointerException if the key is null
   * @throws IllegalArgumentException if the strategy cannot route keys of this class
   */
  public int ordinalFor(K key) {
    return snapshot.ordinalFor(key);
  }

  /**
   * Answers the position of an integer key's shard in {@link ShardMap#shards()}.
   *
   * @param key the key
   * @return the ordinal of its shard
   * @throws UnknownKeyException if no shard owns it
   * @throws IllegalArgumentException if this router's keys are not integers
   */
  public int ordinalFor(long key) {
    return snapshot.ordinalFor(key);
  }

  /**
   * Answers the slot of a key; a pinned key's lies at {@link ShardMap#FIRST_PINNED_SLOT} or above.
   *
   * @param key the key
   * @return its slot
   * @throws UnknownKeyException if it has none
   * @throws NullPointerException if the key is null
   * @throws IllegalArgumentException if the strategy cannot route keys of this class
   */
  public int slotFor(K key) {
    return snapshot.slotFor(key);
  }

  /**
   * Answers the slot of an integer key.
   *
   * @param key the key
   * @return its slot
   * @throws UnknownKeyException if it has none
   * @throws IllegalArgumentException if this router's keys are not integers
   */
  public int slotFor(long key) {
    return snapshot.slotFor(key);
  }

  /**
   * Answers the slot of a key whose type is only known at run time, as from a JDBC sharding key.
   *
   * @param key the key
   * @return its slot
   * @throws UnknownKeyException if it has none
   * @throws NullPointerException if the key is null
   * @throws IllegalArgumentException if the strategy cannot route keys of this class
   */
  @SuppressWarnings("unchecked")
  public int slotForObject(Object key) {
    // unchecked, but strategies read their keys by class and say which ones they take
    return snapshot.slotFor((K) key);
  }

  /**
   * Sorts keys by the shard that owns them, all by one map.
   *
   * @param keys the keys
   * @return the keys of each shard in the order given, shards in the order of their first key
   * @throws UnknownKeyException if no shard owns one of them
   * @throws NullPointerException if one of them is null; the message says which
   * @throws IllegalArgumentException if the strategy cannot route keys of this class
   */
  public Map<Shard, List<K>> group(Collection<? extends K> keys) {
    RouterSnapshot<K> now = snapshot;
    Map<Integer, List<K>> byOrdinal = new HashMap<>();
    Map<Shard, List<K>> groups = new LinkedHashMap<>();
    int index = 0;
    for (K key : keys) {
      if (key == null) {
        throw new NullPointerException(
            "router '" + name + "': the key at index " + index + " must not be null");
      }
      int ordinal = now.ordinalFor(key);
      List<K> group = byOrdinal.get(ordinal);
      if (group == null) {
        group = new ArrayList<>();
        byOrdinal.put(ordinal, group);
        groups.put(now.map().shardAt(ordinal), group);
      }
      group.add(key);
      index++;
    }
    return groups;
  }

  /**
   * Answers the shards that a range query must ask: at least every shard that owns a key in it.
   *
   * <p>Exact for ranges, and for few enough consecutive integers with modulo and slots in ids;
   * every shard that owns slots where the order of keys says nothing, as with hashes.
   *
   * @param from the lowest key, inclusive
   * @param to the highest key, inclusive
   * @return the shards in the order of the map
   * @throws NullPointerException if one of them is null
   * @throws IllegalArgumentException if {@code from} is above {@code to} in an order that matters
   */
  public Set<Shard> shardsBetween(K from, K to) {
    requireBound("from", from);
    requireBound("to", to);
    return snapshot.shardsBetween(from, to);
  }

  private void requireBound(String which, K bound) {
    if (bound == null) {
      throw new NullPointerException("router '" + name + "': " + which + " must not be null");
    }
  }

  /**
   * Writes the SQL expression whose value on PostgreSQL is {@link #slotFor(Object)} of the row's
   * key under the map in force, pins included; NULL where the key is unknown.
   *
   * <pre>{@code
   * String misplaced = "SELECT count(*) FROM users WHERE " + router.slotSql("user_id")
   *     + " NOT BETWEEN 0 AND 4095";
   * }</pre>
   *
   * @param columns the column that holds the key, or the columns where the strategy has several;
   *     put into the text as they are, so never what a user typed
   * @return an integer expression
   * @throws IllegalArgumentException if the strategy takes another number of columns
   */
  public String slotSql(String... columns) {
    return snapshot.slotSql(List.of(columns));
  }

  /**
   * Returns the map in force.
   *
   * @return the map
   */
  public ShardMap map() {
    return snapshot.map();
  }

  /**
   * Returns the name given to the builder.
   *
   * @return the name, which messages and metrics carry
   */
  public String name() {
    return name;
  }

  /** One map with what look-ups on it need, for callers in this package that want several facts. */
  RouterSnapshot<K> snapshot() {
    return snapshot;
  }

  /**
   * Puts a newer map into force. The map in force again is accepted and changes nothing.
   *
   * @param map the map
   * @throws ShardMapException if its epoch is lower than that of the map in force, or the same with
   *     other content, or the strategy doesn't fit it; the map in force stays
   */
  public void update(ShardMap map) {
    try {
      replace(map);
    } finally {
      listeners.tellNoted(); // outside the lock: a listener may wait for another updater
    }
  }

  private synchronized void replace(ShardMap map) {
    RouterSnapshot<K> before = snapshot;
    long epoch = before.map().epoch();
    try {
      if (isSame(map, before.map())) {
        confirmed();
        return;
      }
      checkSuccessor(epoch, map);
      strategy.checkFits(map);
    } catch (ShardMapException refused) {
      listeners.note(listener -> listener.onMapRefused(name, refused));
      throw refused;
    }
    if (map.slotCount() != before.map().slotCount()) {
      // a slot's number means other keys now
      use.reset();
    }
    snapshot = new RouterSnapshot<>(name, strategy, map);
    confirmed();
    listeners.note(listener -> listener.onMapChanged(name, epoch, map.epoch()));
  }

  /** Whether they are one map; of the very same object no fingerprint need be made. */
  @SuppressWarnings("ReferenceEquality")
  static boolean isSame(ShardMap map, ShardMap inForce) {
    return map == inForce
        || (map.epoch() == inForce.epoch() && map.fingerprint().equals(inForce.fingerprint()));
  }

  private void checkSuccessor(long epoch, ShardMap map) {
    if (map.epoch() < epoch) {
      throw new ShardMapException(
          "router '"
              + name
              + "' refuses the map of epoch "
              + map.epoch()
              + ", since epoch "
              + epoch
              + " is in force; a map that takes back a change needs a higher epoch");
    }
    if (map.epoch() == epoch) {
      throw new ShardMapException(
          "router '"
              + name
              + "' refuses another map of epoch "
              + epoch
              + ": its fingerprint is "
              + map.fingerprint()
              + ", that of the map in force "
              + snapshot.map().fingerprint()
              + "; a changed list of shards must not reroute data that did not move. Change the"
              + " map by rebalance, which gives it a new epoch");
    }
  }

  /** The store, or the caller, says that the map in force is the newest. */
  void confirmed() {
    confirmedNanos = time.nanoTime();
  }

  /** How long ago the map in force was last known to be the newest. */
  long mapAgeNanos() {
    return time.nanoTime() - confirmedNanos;
  }

  /**
   * Reads the store now, as after an error that says the map is stale. However many callers come at
   * once, they share one read, or a second one if the first had begun before they came.
   *
   * @return whether a newer map is in force than at the call; false without a store, and if the
   *     store cannot be read, which the listener hears
   */
  public boolean refresh() {
    return refreshBeyond(map().epoch());
  }

  /**
   * Reads the store unless a map beyond a stale epoch is in force already.
   *
   * @param staleEpoch the epoch that proved stale
   * @return whether a map of a higher epoch is in force
   */
  public boolean refreshBeyond(long staleEpoch) {
    if (map().epoch() <= staleEpoch && follower != null) {
      follower.refresh();
    }
    boolean newer = map().epoch() > staleEpoch;
    listeners.onRefreshed(newer);
    return newer;
  }

  /**
   * Counts one use of a slot, for {@link #hotSlots}: called once for each JDBC connection that is
   * borrowed, not for each look-up. Never blocks.
   *
   * @param slot the slot used, pinned ones included
   */
  public void recordUse(int slot) {
    use.record(slot);
  }

  /** What kind of key is routed. */
  KeyType keyType() {
    return strategy.keyType();
  }

  /** Those who hear what becomes of connections, too. */
  Listeners listeners() {
    return listeners;
  }

  /** What stands around scatters. */
  ScatterSpans scatterSpans() {
    return scatterSpans;
  }

  /** The counters behind {@link #recordUse}. */
  SlotUse use() {
    return use;
  }

  /** What has happened to the map so far. */
  RouterCounts counts() {
    return counts;
  }

  /**
   * Answers the slots with the largest shares of recent use.
   *
   * @return at most 128 slots, the hottest first; none that is not certainly among the uses
   */
  public List<HotSlot> hotSlots() {
    return use.hottest(map());
  }

  /**
   * Answers recent use in the form that {@link ShardMap#rebalance(Membership, SlotLoads)} weighs
   * by: what the hot slots certainly have each, and the rest spread evenly.
   *
   * @return loads as shares of all uses
   */
  public SlotLoads slotLoads() {
    Map<Integer, Double> certain = new HashMap<>();
    double others = 1;
    for (HotSlot hot : hotSlots()) {
      double share = hot.share() - hot.error();
      certain.put(hot.slot(), share);
      others -= share;
    }
    return SlotLoads.of(certain, Math.max(0, others));
  }

  /** Has something more done at {@link #close}, once. */
  void onClose(Runnable more) {
    closing.add(more);
  }

  /**
   * Stops to follow the store, and takes {@link ShardingMetrics} out of their registries.
   * Idempotent. The router goes on with its last map.
   */
  @Override
  public void close() {
    closing.run();
  }

  @Override
  public String toString() {
    return "ShardRouter '" + name + "': " + strategy + " over " + map();
  }
}
