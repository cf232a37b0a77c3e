package io.headroom.sharding;

import io.headroom.SetOnce;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.BorrowHook;
import io.headroom.jdbc.BorrowTarget;
import io.headroom.jdbc.ConnectionSource;
import io.headroom.jdbc.LazyDataSource;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.ShardingKeyBuilder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * One data source over the shards of a router: the key says where a connection goes.
 *
 * <pre>{@code
 * ShardedDataSource sharded =
 *     ShardedDataSource.builder(router).dataSources(poolByShardId).build();
 *
 * try (Connection connection = sharded.forKey(userId).getConnection()) {
 *   return ordersOf(userId, connection);
 * }
 * }</pre>
 *
 * <p>There are three ways to give the key: {@link #forKey}, a data source to hand to anything;
 * JDBC's own {@link #createConnectionBuilder()}; and a scope for code that can't pass a key, by
 * {@link #call} or {@link #open}. A statement without one throws {@link MissingShardKeyException}:
 * there is no default shard.
 *
 * <p>Connections are lazy: the map is asked, and the pool, at a connection's first statement. The
 * first on a shard asks a PostgreSQL server whether it hashes as Java does, and fails with SQLSTATE
 * 0A000 if not: text keys take a database of encoding UTF8. No SQL is parsed or rewritten, and no
 * proxy stacked on another: a lazy data source of a shard is asked for its physical connection.
 *
 * <p>Thread-safe; its connections belong to one thread at a time.
 */
public final class ShardedDataSource extends LazyDataSource implements AutoCloseable {

  /** A cut-over takes a fraction of a second; a caller that comes sooner only adds to the load. */
  private static final Duration FENCE_RETRY = Duration.ofMillis(100);

  private final ShardRouter<?> router;
  private final ShardPools pools;
  private final @Nullable BorrowHook borrowHook;
  private final @Nullable MetadataShard metadataShard;
  private final OpenScopes scopes = new OpenScopes(this);
  private final Scatter scatter;

  private ShardedDataSource(Builder builder) {
    this.router = builder.router;
    this.borrowHook = builder.borrowHook;
    this.metadataShard = builder.metadataShard;
    ShardMap map = router.map();
    this.pools = new ShardPools(builder.given, builder.opener, router.keyType(), map);
    this.scatter = Scatter.builder(this).build();
    if (metadataShard != null) {
      metadataShard.requireIn(map);
    }
    pools.follow(router);
  }

  /**
   * Starts to build a sharded data source.
   *
   * @param router which shard owns which key; stays the caller's to close
   * @return a builder that wants a data source for each shard
   */
  public static Builder builder(ShardRouter<?> router) {
    return new Builder(Objects.requireNonNull(router, "router must not be null"));
  }

  /**
   * A data source for one key: each of its connections goes to the shard that owns the key at the
   * connection's first statement, so it may be kept.
   *
   * @param key the shard key, of a type that the router takes
   * @return a view of this data source
   * @throws UnknownKeyException if no shard owns the key
   * @throws NullPointerException if it is null
   * @throws IllegalArgumentException if the router can't route keys of this class
   */
  public DataSource forKey(Object key) {
    return view(key);
  }

  private KeyView view(Object key) {
    return new KeyView(
        this,
        Objects.requireNonNull(
            key,
            () ->
                this
                    + ": the shard key must not be null, since no shard owns null; work without a"
                    + " key goes to forShard(id)"));
  }

  /**
   * A data source for one shard, picked by name: for work on the shard itself, like a migration. A
   * fence knows nothing of it, since it stands for no key.
   *
   * @param id the shard's id
   * @return a view of this data source
   * @throws UnknownShardException if the map has no such shard
   */
  public DataSource forShard(String id) {
    return new IdView(this, Objects.requireNonNull(id, "id must not be null"));
  }

  /**
   * Does something in a scope in which plain {@link #getConnection()} goes to the shard of a key:
   * {@link #open} for work that fits in a lambda, where no scope can be left open.
   *
   * <pre>{@code
   * Order saved = sharded.call(userId, () -> orders.save(order));
   * }</pre>
   *
   * @param key the shard key, of a type that the router takes
   * @param work what to do, on this thread
   * @param <T> what the work returns
   * @param <X> what the work throws, which comes through as it is
   * @return what the work returned
   * @throws X if the work threw it; the scope is closed then as well
   * @throws UnknownKeyException if no shard owns the key
   * @throws NullPointerException if it is null
   * @throws IllegalArgumentException if the router can't route keys of this class
   * @throws IllegalStateException as {@link #open}, before the work, and as {@link
   *     ShardScope#close()}, after it
   */
  @SuppressWarnings("try") // the scope is open for what the work does
  public <T extends @Nullable Object, X extends Exception> T call(
      Object key, ShardScope.Work<? extends T, X> work) throws X {
    Objects.requireNonNull(work, "work must not be null");
    try (ShardScope scope = open(key)) {
      return work.call();
    }
  }

  /**
   * Opens a scope in which plain {@link #getConnection()} goes to the shard of a key; where the
   * work fits in a lambda, {@link #call} closes it by itself.
   *
   * @param key the shard key, of a type that the router takes
   * @return the scope, to close on this thread; best with try-with-resources
   * @throws UnknownKeyException if no shard owns the key
   * @throws NullPointerException if it is null
   * @throws IllegalArgumentException if the router can't route keys of this class
   * @throws IllegalStateException if a connection of a scope around this one, or one that was bound
   *     without a key on this thread, is still open on another shard
   */
  public ShardScope open(Object key) {
    return scopes.open(view(key));
  }

  /**
   * JDBC's builder of a connection for a sharding key, as Spring's {@code
   * ShardingKeyDataSourceAdapter} uses it.
   *
   * @return a builder that takes keys from {@link #createShardingKeyBuilder()}
   */
  @Override
  public ConnectionBuilder createConnectionBuilder() {
    return new StandardConnectionBuilder(this);
  }

  /**
   * JDBC's builder of a sharding key: one subkey, the shard key; for the strategy {@code
   * regionFirst} two, the region's name and the key.
   *
   * @return a builder
   */
  @Override
  public ShardingKeyBuilder createShardingKeyBuilder() {
    return new StandardShardingKeyBuilder();
  }

  /**
   * The router that says which shard owns which key.
   *
   * @return the router given to the builder
   */
  public ShardRouter<?> router() {
    return router;
  }

  /**
   * A scatter over all shards, with the defaults: 8 shards at a time, 32 threads for all calls, 30
   * seconds.
   *
   * @return always the same one; closed with this data source
   */
  public Scatter scatter() {
    return scatter;
  }

  /** Binds a connection that was opened without a key: within a scope, or not at all. */
  @Override
  public Binding bind(BindRequest request) throws SQLException {
    ShardScope scope = scopes.current(request.context());
    if (scope != null) {
      return scopes.bind(scope, request);
    }
    ShardMap map = router.map();
    if (metadataShard != null) {
      return metadataShard.bind(this, map, request, scopes);
    }
    if (request.forMetadata()) {
      return borrow(map, IdView.NO_SLOT, 0, request); // the databases' constants are the same
    }
    throw new MissingShardKeyException(
        "no shard key for a statement on "
            + this
            + ". Give one in one of three ways: forKey(key).getConnection(); JDBC's"
            + " createConnectionBuilder().shardingKey(k).build(); or call(key, () -> ...) or try"
            + " (ShardScope scope = open(key)) { ... } around the statement. What has none by"
            + " nature (health checks, migrations) goes to forShard(id), or to a metadataShard(id)"
            + " named at the builder");
  }

  /** Takes a connection of one shard, by one map. */
  Binding borrow(ShardMap map, int slot, int ordinal, BindRequest request) throws SQLException {
    ConnectionSource source = pools.source(map, ordinal);
    if (request.forMetadata()) {
      return source.bind(request);
    }
    Shard shard = map.shardAt(ordinal);
    if (slot != IdView.NO_SLOT) {
      if (map.hasMovingSlots()) {
        refuseIfFenced(map, slot, shard);
      }
      router.recordUse(slot);
    }
    if (borrowHook != null) {
      long slotVersion = slot == IdView.NO_SLOT ? 0 : map.slotVersion(slot);
      borrowHook.beforeBorrow(
          new BorrowTarget(shard.id(), slot, map.epoch(), slotVersion, request.readOnly()));
    }
    return source.bind(request).within(new ShardHooks(router, shard, slot, map.epoch()));
  }

  ShardPools pools() {
    return pools;
  }

  void refuseIfFenced(ShardMap map, int slot, Shard shard) throws SlotFencedException {
    if (map.states().state(slot) == SlotState.FENCED) {
      router.listeners().onFenced(shard.id(), slot);
      throw new SlotFencedException(
          "slot "
              + slot
              + " is at its cut-over from shard '"
              + shard.id()
              + "' (map of epoch "
              + map.epoch()
              + "): try again in "
              + FENCE_RETRY.toMillis()
              + " ms",
          shard.id(),
          slot,
          map.epoch(),
          FENCE_RETRY);
    }
  }

  /**
   * Closes the data sources that were opened here, by {@code dataSources(Function)}, and no others.
   * Idempotent.
   */
  @Override
  public void close() {
    scatter.close();
    pools.close();
  }

  @Override
  public String toString() {
    return "ShardedDataSource '" + router.name() + "'";
  }

  /** Options of a sharded data source. Each is set at most once. Not thread-safe. */
  public static final class Builder {

    private final ShardRouter<?> router;
    private final Map<String, DataSource> given = new LinkedHashMap<>();
    private boolean mapGiven;
    private @Nullable Function<? super Shard, ? extends DataSource> opener;
    private @Nullable MetadataShard metadataShard;
    private @Nullable BorrowHook borrowHook;

    private Builder(ShardRouter<?> router) {
      this.router = router;
    }

    /**
     * Sets the data source of one shard. It stays the caller's to close.
     *
     * @param shardId the shard's id
     * @param dataSource its pool, or any other data source
     * @return this
     * @throws IllegalStateException if the shard has one already
     */
    public Builder dataSource(String shardId, DataSource dataSource) {
      Objects.requireNonNull(shardId, "shardId must not be null");
      Objects.requireNonNull(
          dataSource, () -> "data source of shard '" + shardId + "' must not be null");
      SetOnce.refuseSecond(
          "data source",
          "dataSource of shard '" + shardId + "'",
          given.putIfAbsent(shardId, dataSource) != null);
      return this;
    }

    /**
     * Sets the data sources of many shards. They stay the caller's to close.
     *
     * @param byShardId a data source for each shard's id
     * @return this
     * @throws IllegalStateException if a shard has one already, or this was called before
     */
    public Builder dataSources(Map<String, ? extends DataSource> byShardId) {
      SetOnce.refuseSecond("data source", "dataSources(Map)", mapGiven);
      mapGiven = true;
      byShardId.forEach(this::dataSource);
      return this;
    }

    /**
     * Opens the data source of a shard that has none when the shard is first used: for fleets, and
     * for shards that come with a later map. What is opened here is closed by {@link
     * ShardedDataSource#close()}, if it is {@link AutoCloseable}.
     *
     * @param opener opens a shard's data source; one that throws is asked again by the next borrow
     * @return this
     * @throws IllegalStateException if this was called before
     */
    public Builder dataSources(Function<? super Shard, ? extends DataSource> opener) {
      SetOnce.refuseSecond("data source", "dataSources(Function)", this.opener != null);
      this.opener = Objects.requireNonNull(opener, "opener must not be null");
      return this;
    }

    /**
     * Sends statements without a key to one shard, read-only: for what runs at start, like the
     * bootstrap of JPA, and for health checks. A write there fails with SQLSTATE 25006.
     *
     * @param shardId the shard's id
     * @return this
     * @throws IllegalStateException if a metadata shard is set already
     */
    public Builder metadataShard(String shardId) {
      return metadataShard(shardId, true);
    }

    /**
     * Sends statements without a key to one shard, writes too: rows that were meant for another
     * shard can then end there unnoticed, so prefer {@link #metadataShard}.
     *
     * @param shardId the shard's id
     * @return this
     * @throws IllegalStateException if a metadata shard is set already
     */
    public Builder writableMetadataShard(String shardId) {
      return metadataShard(shardId, false);
    }

    private Builder metadataShard(String shardId, boolean readOnly) {
      SetOnce.refuseSecond("data source", "metadataShard", metadataShard != null);
      metadataShard =
          new MetadataShard(Objects.requireNonNull(shardId, "shardId must not be null"), readOnly);
      return this;
    }

    /**
     * Sets what is asked before a connection is taken from a shard's pool.
     *
     * @param hook the hook; several are composed with {@link BorrowHook#andThen}
     * @return this
     * @throws IllegalStateException if one is set already
     */
    public Builder borrowHook(BorrowHook hook) {
      borrowHook = Options.once("data source", "borrowHook", borrowHook, hook);
      return this;
    }

    /**
     * Builds the data source. Opens no connection.
     *
     * @return the data source
     * @throws IllegalStateException if shards are without a data source, data sources without a
     *     shard, or the metadata shard is not in the map; the message names them all
     */
    public ShardedDataSource build() {
      return new ShardedDataSource(this);
    }
  }
}
