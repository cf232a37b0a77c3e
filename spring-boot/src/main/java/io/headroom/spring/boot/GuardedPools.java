package io.headroom.spring.boot;

import io.headroom.LoadLevel;
import io.headroom.guard.ConnectionGuard;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** The pools that a guard was given, and how loaded those are together. Thread-safe. */
final class GuardedPools {

  private record Pool(String name, boolean readFrom) {}

  private final ConnectionGuard guard;
  private final List<Pool> pools = new CopyOnWriteArrayList<>();

  /** Those that the application has by itself. */
  private final Map<String, DataSource> own = new ConcurrentSkipListMap<>();

  private final Set<String> excluded;
  private final boolean shadow;
  private final GivenBack givenBack;

  /**
   * For one guard.
   *
   * @param excluded names of pools that stay as they are
   * @param shadow whether the guard refuses nobody, so that all wait in the pool
   * @param givenBack what that guard's listener has heard
   */
  GuardedPools(
      ConnectionGuard guard, Collection<String> excluded, boolean shadow, GivenBack givenBack) {
    this.shadow = shadow;
    this.guard = guard;
    this.givenBack = givenBack;
    this.excluded = Set.copyOf(excluded);
  }

  /**
   * Guards a pool.
   *
   * @param readFrom whether read-only work goes there
   * @return the data source to use in its place; the pool itself if it is excluded
   */
  DataSource protect(String name, DataSource pool, boolean readFrom) {
    if (excluded.contains(name)) {
      return pool;
    }
    DataSource guarded = guard.protect(name, pool);
    pools.add(new Pool(name, readFrom));
    return guarded;
  }

  /** Guards a pool that the application has by itself. */
  DataSource protectOwn(String name, DataSource pool) {
    DataSource guarded = protect(name, pool, true);
    own.put(name, guarded); // also one that is excluded: health asks it
    return guarded;
  }

  Map<String, DataSource> own() {
    return Collections.unmodifiableMap(own);
  }

  /** Whether who asks a full pool is told so, and does not wait in it for as long as it likes. */
  boolean isRefusing(String name) {
    return !shadow && pools.stream().anyMatch(pool -> pool.name().equals(name));
  }

  /**
   * Whether a connection has come back lately while somebody waited for it.
   *
   * @param connections how many the pool has
   */
  boolean isGivingBack(String name, int connections, Duration within) {
    return givenBack.isLately(name, within) && connections >= guard.status(name).size();
  }

  ConnectionGuard guard() {
    return guard;
  }

  List<String> names() {
    return pools.stream().map(Pool::name).toList();
  }

  /** How loaded that pool is that is read from and has the least to do. */
  LoadLevel ofReads() {
    return least(pools.stream().filter(Pool::readFrom));
  }

  /** How loaded that pool is that has the least to do: as at the guard's own door. */
  LoadLevel ofAll() {
    return least(pools.stream());
  }

  private LoadLevel least(Stream<Pool> some) {
    return some.map(pool -> guard.levels().level(pool.name()))
        .min(LoadLevel::compareTo)
        .orElse(LoadLevel.NORMAL);
  }
}
