package io.headroom.sharding;

import java.nio.file.Path;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Where the processes of a fleet share their shard map: memory, a file, or a table of PostgreSQL.
 *
 * <pre>{@code
 * try (ShardMapStore store = ShardMapStore.file(Path.of("shard-map.json"))) {
 *   ShardMap map = store.current().orElseThrow();
 *   boolean won = store.compareAndSet(map.epoch(), map.withPin(42L, "shard-b"));
 * }
 * }</pre>
 *
 * <p>A store holds one map. A writer wins an epoch by {@link #compareAndSet}, or another has won it
 * and the writer reads again. Implementations are thread-safe.
 */
public interface ShardMapStore extends AutoCloseable {

  /**
   * A store in this process's memory, for tests and for routers that share a map in one process.
   *
   * @return an empty store
   */
  static ShardMapStore inMemory() {
    return new InMemoryShardMapStore();
  }

  /**
   * A JSON file, polled every five seconds or so.
   *
   * @param path the file; it need not exist yet, its folder must
   * @return a store on this file
   */
  static FileShardMapStore file(Path path) {
    return FileShardMapStore.builder(path).build();
  }

  /**
   * A table of PostgreSQL, polled every five seconds or so and woken by NOTIFY.
   *
   * @param dataSource connections to the database with the table; may be pooled
   * @return a store on the table {@value JdbcShardMapStore#DEFAULT_TABLE}
   */
  static JdbcShardMapStore jdbc(DataSource dataSource) {
    return JdbcShardMapStore.builder(dataSource).build();
  }

  /**
   * Reads the map.
   *
   * @return the map, or nothing if none was stored yet
   * @throws ShardMapStoreException if the store cannot be read
   * @throws ShardMapException if what it holds is not a valid map; the message says why
   */
  Optional<ShardMap> current();

  /**
   * Replaces the map if it is still of an expected epoch.
   *
   * @param expectedEpoch the epoch of the map to replace, 0 for a store that is empty
   * @param next the new map, of a higher epoch
   * @return whether the store holds {@code next} now; false if another writer was first
   * @throws IllegalArgumentException if {@code next} is not of a higher epoch
   * @throws ShardMapStoreException if the store cannot be read or written; then it may or may not
   *     hold {@code next}
   */
  boolean compareAndSet(long expectedEpoch, ShardMap next);

  /**
   * Starts to tell an observer about the map, until the watch or the store is closed. The first
   * report comes soon, whether the map has changed or not.
   *
   * @param observer who is told, on a thread of the store
   * @return the watch, to close
   */
  Watch watch(Observer observer);

  /** Ends all watches. Idempotent. What was passed in stays open. */
  @Override
  void close();

  /** A running watch. */
  interface Watch extends AutoCloseable {

    /** Ends the watch: no call starts after this one returns. Idempotent. */
    @Override
    void close();
  }

  /** Is told how the store's map fares. Exceptions thrown here are logged by the store. */
  interface Observer {

    /**
     * The store holds another map than at the last report.
     *
     * @param map the map
     */
    void changed(ShardMap map);

    /** The store was read, and holds what it held at the last report. */
    default void unchanged() {}

    /**
     * The store could not be read, is empty, or holds no valid map.
     *
     * @param cause why
     */
    void failed(ShardingException cause);
  }
}
