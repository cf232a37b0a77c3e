package io.headroom.sharding;

import io.headroom.Spans;
import io.headroom.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Options of a {@link ShardRouter}: a strategy, a map or a store, and what to call it.
 *
 * <pre>{@code
 * ShardRouter<Long> router =
 *     ShardRouter.builder(ShardStrategy.hashedLongs())
 *         .name("orders")
 *         .store(ShardMapStore.jdbc(routingDatabase))
 *         .build();
 * }</pre>
 *
 * <p>Not thread-safe.
 *
 * @param <K> the type of the keys
 */
public final class ShardRouterBuilder<K> {

  private final ShardStrategy<K> strategy;
  private final List<ShardingListener> listeners = new ArrayList<>();
  private @Nullable String name;
  private @Nullable Spans spans;
  private @Nullable TimeSource time;
  private @Nullable ShardMap map;
  private @Nullable ShardMapStore store;

  ShardRouterBuilder(ShardStrategy<K> strategy) {
    this.strategy = Objects.requireNonNull(strategy, "strategy must not be null");
  }

  /**
   * Sets the map to start with; without a store, {@link ShardRouter#update} brings later ones.
   *
   * @param map the map
   * @return this
   * @throws IllegalStateException if it is set already
   */
  public ShardRouterBuilder<K> map(ShardMap map) {
    this.map = Options.once("router", "map", this.map, map);
    return this;
  }

  /**
   * Sets the store to load the map from, and to follow.
   *
   * @param store the store; stays the caller's to close
   * @return this
   * @throws IllegalStateException if it is set already
   */
  public ShardRouterBuilder<K> store(ShardMapStore store) {
    this.store = Options.once("router", "store", this.store, store);
    return this;
  }

  /**
   * Names the router in messages and metrics, "shards" unless set; where there are several in a
   * process, each has a name of its own, or the first has the meters alone.
   *
   * @param name a name that is not blank
   * @return this
   * @throws IllegalArgumentException if it is blank
   * @throws IllegalStateException if it is set already
   */
  public ShardRouterBuilder<K> name(String name) {
    this.name = Options.notBlank("name", Options.once("router", "name", this.name, name));
    return this;
  }

  /**
   * Sets the clock, the system's unless set.
   *
   * @param time the clock
   * @return this
   * @throws IllegalStateException if it is set already
   */
  public ShardRouterBuilder<K> time(TimeSource time) {
    this.time = Options.once("router", "time", this.time, time);
    return this;
  }

  /**
   * Adds a listener.
   *
   * @param listener hears what happens to the map
   * @return this
   */
  public ShardRouterBuilder<K> listener(ShardingListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener must not be null"));
    return this;
  }

  /**
   * Has each scatter made a span, {@code headroom.sharding.scatter}, and what it does on each shard
   * one below that, {@code headroom.sharding.scatter.shard}, which is current on the thread that
   * asks the shard; none unless set.
   *
   * @param spans makes them
   * @return this
   * @throws IllegalStateException if it is set already
   */
  public ShardRouterBuilder<K> spans(Spans spans) {
    this.spans = Options.once("router", "spans", this.spans, spans);
    return this;
  }

  /**
   * Builds the router; with a store, reads its map first and then follows it.
   *
   * @return the router
   * @throws IllegalStateException if neither a map nor a store is set, or both
   * @throws ShardMapException if the map, or the store's, is not valid or doesn't fit the strategy
   * @throws ShardMapStoreException if the store cannot be read or is empty
   */
  public ShardRouter<K> build() {
    String routerName = Options.orElse(name, "shards");
    ShardMapStore followed = store;
    ShardMap first = map;
    if ((first == null) == (followed == null)) {
      throw new IllegalStateException(
          "router '"
              + routerName
              + "' needs either map(...) or store(...); "
              + (first == null ? "neither is" : "both are")
              + " set");
    }
    if (followed != null) {
      first = StoreFollower.load(routerName, followed);
    }
    return new ShardRouter<>(
        routerName,
        strategy,
        Objects.requireNonNull(first),
        followed,
        listeners,
        Options.orElse(spans, Spans.NONE),
        Options.orElse(time, TimeSource.system()));
  }
}
