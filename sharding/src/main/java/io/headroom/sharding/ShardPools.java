package io.headroom.sharding;

import io.headroom.KeyType;
import io.headroom.jdbc.ConnectionSource;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data sources of the shards: those given, and those opened on first use. Thread-safe.
 *
 * <p>What a borrow reads is an array by the map's ordinals, begun anew for each map and filled as
 * shards are used; so a new map costs one allocation, whatever the number of shards. A shard is
 * there once its server has been found to hash as Java does ({@link UncheckedShard}).
 */
final class ShardPools implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ShardedDataSource.class);

  /** The sources by the ordinals of one map. */
  private record Targets(ShardMap map, AtomicReferenceArray<@Nullable ConnectionSource> sources) {
    static Targets of(ShardMap map) {
      return new Targets(map, new AtomicReferenceArray<>(map.shardCount()));
    }
  }

  private final Map<String, ConnectionSource> given = new TreeMap<>();
  private final @Nullable Function<? super Shard, ? extends DataSource> opener;
  private final ConcurrentHashMap<String, OpenedOnUse> opened = new ConcurrentHashMap<>();
  private final Set<String> missing = ConcurrentHashMap.newKeySet();
  private final Set<String> checked = ConcurrentHashMap.newKeySet();
  private final KeyType keys;
  private volatile Targets targets;
  private volatile boolean closed;

  ShardPools(
      Map<String, ? extends DataSource> given,
      @Nullable Function<? super Shard, ? extends DataSource> opener,
      KeyType keys,
      ShardMap map) {
    given.forEach((id, dataSource) -> this.given.put(id, ConnectionSource.of(dataSource)));
    this.opener = opener;
    this.keys = keys;
    checkComplete(map);
    this.targets = Targets.of(map);
  }

  private void checkComplete(ShardMap map) {
    Set<String> without = opener == null ? shardsWithout(map) : Set.of();
    Set<String> strangers = new TreeSet<>();
    for (String id : given.keySet()) {
      if (!map.contains(id)) {
        strangers.add(id);
      }
    }
    if (without.isEmpty() && strangers.isEmpty()) {
      return;
    }
    List<String> faults = new ArrayList<>();
    if (!without.isEmpty()) {
      faults.add("shards without a data source: " + without);
    }
    if (!strangers.isEmpty()) {
      faults.add(
          "data sources without a shard: "
              + strangers
              + " (check their spelling, or leave them out)");
    }
    throw new IllegalStateException(
        String.join("; ", faults)
            + "; the map of epoch "
            + map.epoch()
            + " has "
            + map.shardCount()
            + " shards, and dataSource(id, ...) must be set for each, or dataSources(Function)");
  }

  /**
   * Looks at each new map when it comes, so that an operator hears of a shard without a data source
   * before a request does. A router that outlives this object holds on to none of it.
   */
  void follow(ShardRouter<?> router) {
    router.listeners().add(new MapWatch(router, new WeakReference<>(this)));
  }

  private record MapWatch(ShardRouter<?> router, WeakReference<ShardPools> watching)
      implements ShardingListener {
    @Override
    public void onMapChanged(String name, long fromEpoch, long toEpoch) {
      ShardPools pools = watching.get();
      if (pools == null || pools.closed) {
        router.listeners().remove(this);
      } else {
        pools.targetsFor(router.map());
      }
    }
  }

  /** The shards that have been warned of. */
  Set<String> missing() {
    return Set.copyOf(missing);
  }

  private Set<String> shardsWithout(ShardMap map) {
    Set<String> without = new TreeSet<>();
    ShardTable table = map.table();
    for (int ordinal = 0; ordinal < table.size(); ordinal++) {
      String id = table.readId(ordinal); // a Shard would keep its text, for every shard of a fleet
      if (!given.containsKey(id)) {
        without.add(id);
      }
    }
    return without;
  }

  @SuppressWarnings("ReferenceEquality") // is it the very map that the array was made for?
  ConnectionSource source(ShardMap map, int ordinal) throws SQLException {
    Targets now = targets;
    if (now.map != map) {
      now = targetsFor(map);
    }
    ConnectionSource source = now.sources.getAcquire(ordinal);
    return source != null ? source : find(now, ordinal);
  }

  @SuppressWarnings("ReferenceEquality")
  private Targets targetsFor(ShardMap map) {
    synchronized (this) {
      Targets now = targets;
      if (now.map == map) {
        return now;
      }
      Targets made = Targets.of(map);
      if (map.epoch() >= now.map.epoch()) { // else a borrow that began before the last change
        targets = made;
        warnOfMissing(map);
      }
      return made;
    }
  }

  private void warnOfMissing(ShardMap map) {
    if (opener != null) {
      return;
    }
    Set<String> news = shardsWithout(map);
    news.removeIf(id -> !missing.add(id));
    if (!news.isEmpty()) {
      LOG.warn(
          "the shard map of epoch {} has shards without a data source: {}; what is asked of them"
              + " fails until the application is started with one for each",
          map.epoch(),
          news);
    }
  }

  private ConnectionSource find(Targets now, int ordinal) throws SQLException {
    Shard shard = now.map.shardAt(ordinal);
    if (closed) {
      throw closedAlready(shard);
    }
    ConnectionSource source = given.get(shard.id());
    if (source == null) {
      source = open(shard);
    }
    String id = shard.id();
    boolean ready = checked.contains(id);
    if (ready) {
      now.sources.setRelease(ordinal, source);
    }
    if (closed) { // while this was being opened
      now.sources.setRelease(ordinal, null);
      throw closedAlready(shard);
    }
    return ready ? source : new UncheckedShard(id, source, keys, () -> checked.add(id));
  }

  private ConnectionSource open(Shard shard) throws SQLException {
    if (opener == null) {
      throw new SQLNonTransientConnectionException(
          "shard '"
              + shard.id()
              + "' has no data source: give the builder one with dataSource(\""
              + shard.id()
              + "\", ...), or open them on first use with dataSources(Function)",
          "08001");
    }
    OpenedOnUse pool = opened.computeIfAbsent(shard.id(), id -> new OpenedOnUse());
    return pool.source(shard, opener);
  }

  private static SQLException closedAlready(Shard shard) {
    return new SQLNonTransientConnectionException(
        "the ShardedDataSource is closed; shard '" + shard.id() + "' cannot be reached through it",
        "08003");
  }

  /** Closes what was opened here, and nothing that was given. */
  @Override
  public void close() {
    closed = true;
    targets = Targets.of(targets.map);
    opened.forEach((id, pool) -> pool.close(id));
  }

  /** One data source of ours; opening it holds up nobody who wants another. */
  private static final class OpenedOnUse {

    private @Nullable DataSource dataSource;
    private @Nullable ConnectionSource source;
    private boolean closed;

    synchronized ConnectionSource source(
        Shard shard, Function<? super Shard, ? extends DataSource> opener) throws SQLException {
      if (closed) {
        throw closedAlready(shard);
      }
      ConnectionSource open = source;
      if (open == null) {
        DataSource made = made(shard, opener);
        open = ConnectionSource.of(made);
        dataSource = made;
        source = open;
      }
      return open;
    }

    private static DataSource made(
        Shard shard, Function<? super Shard, ? extends DataSource> opener) throws SQLException {
      try {
        @Nullable DataSource made = opener.apply(shard);
        if (made != null) {
          return made;
        }
      } catch (RuntimeException e) {
        throw new SQLNonTransientConnectionException(
            "the data source of shard '" + shard.id() + "' could not be opened: " + e, "08001", e);
      }
      throw new SQLNonTransientConnectionException(
          "the function given to dataSources(Function) returned null for shard '"
              + shard.id()
              + "': return a data source, or throw what is wrong",
          "08001");
    }

    synchronized void close(String id) {
      closed = true;
      if (dataSource instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception e) {
          LOG.warn("the data source of shard '{}' could not be closed", id, e);
        }
      }
      dataSource = null;
      source = null;
    }
  }
}
