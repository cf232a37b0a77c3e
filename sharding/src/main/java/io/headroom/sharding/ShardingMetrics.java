package io.headroom.sharding;

import io.headroom.BoundMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * A router's meters.
 *
 * <pre>{@code
 * ShardingMetrics.of(router).bindTo(registry);
 * }</pre>
 *
 * <p>Every meter has the tag {@code router}, the router's name; none has a key, a slot or a shard
 * as a tag, so that their number does not grow with the fleet.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>what</th></tr>
 * <tr><td>{@code headroom.sharding.map.epoch}</td><td>epoch of the map in force</td></tr>
 * <tr><td>{@code headroom.sharding.map.shards}</td><td>shards in it</td></tr>
 * <tr><td>{@code headroom.sharding.map.age}</td><td>time since it was last known to be the newest,
 *     which grows while the store is lost</td></tr>
 * <tr><td>{@code headroom.sharding.map.refused}</td><td>maps refused</td></tr>
 * <tr><td>{@code headroom.sharding.slots}</td><td>slots by {@code state}: owned, moving, fenced;
 *     pinned keys' slots included</td></tr>
 * <tr><td>{@code headroom.sharding.hot.slot.share}</td><td>share of recent use, 0 to 1, of the
 *     hottest slots by {@code rank}, 1 to 5</td></tr>
 * <tr><td>{@code headroom.sharding.borrows}</td><td>connections borrowed for a slot</td></tr>
 * <tr><td>{@code headroom.sharding.refused}</td><td>connections and statements turned away, by {@code
 *     reason}: fenced, stale</td></tr>
 * <tr><td>{@code headroom.sharding.scatters}</td><td>scatters, with the time they took</td></tr>
 * <tr><td>{@code headroom.sharding.scatter.failures}</td><td>shards that failed in them, or had not
 *     answered by the deadline</td></tr>
 * <tr><td>{@code headroom.sharding.store.failures}</td><td>reads of the store that failed</td></tr>
 * <tr><td>{@code headroom.sharding.store.lost}</td><td>1 while the store gives no usable map, else
 *     0</td></tr>
 * <tr><td>{@code headroom.sharding.refreshes}</td><td>reloads asked for, as after a stale map, by
 *     whether a {@code newer} map was found</td></tr>
 * </table>
 *
 * <p>Give each a name of its own: of two of one name in one registry the first has the meters, and
 * the second a warning in the log. They go from the registry when the router is closed, so that
 * another of its name may be bound there. Thread-safe. Needs micrometer-core, which nothing else in
 * this module does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class ShardingMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.sharding.";
  private static final int HOTTEST = 5;

  /** Of one name, so of one description: Prometheus has no other for each reason. */
  private static final String REFUSED =
      "connections and statements turned away, at a slot's cut-over or since the map was behind";

  private final ShardRouter<?> router;

  private ShardingMetrics(ShardRouter<?> router) {
    this.router = Objects.requireNonNull(router, "router must not be null");
  }

  /**
   * Creates the binder.
   *
   * @param router whose meters
   * @return its binder
   */
  public static ShardingMetrics of(ShardRouter<?> router) {
    return new ShardingMetrics(router);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    BoundMetrics meters =
        BoundMetrics.in(registry, PREFIX, ShardRouter.class, "router '" + router.name() + "'");
    Bound bound = new Bound(router, meters);
    Tags tags = Tags.of("router", router.name());
    bindMap(bound, tags);
    bindUse(bound, tags);
    bindConnections(bound, tags);
    bindStore(bound, tags);
    router.onClose(meters.removal());
  }

  private static void bindMap(Bound bound, Tags tags) {
    bound.gauge("map.epoch", "epoch of the shard map in force", tags, r -> r.map().epoch());
    bound.gauge("map.shards", "shards in the map in force", tags, r -> r.map().shardCount());
    bound.age("map.age", "time since the map was last known to be the newest", tags);
    bound.counter("map.refused", "maps refused", tags, r -> r.counts().mapsRefused());
    for (SlotState state : SlotState.values()) {
      bound.gauge(
          "slots",
          "slots by state",
          tags.and("state", state.name().toLowerCase(Locale.ROOT)),
          r -> slotsIn(state, r.map()));
    }
  }

  private static int slotsIn(SlotState state, ShardMap map) {
    int inMotion = map.states().inMotion().length;
    int fenced = map.states().fencedCount();
    if (state == SlotState.OWNED) {
      return map.slotCount() + map.pinTable().size() - inMotion;
    }
    return state == SlotState.FENCED ? fenced : inMotion - fenced;
  }

  private static void bindUse(Bound bound, Tags tags) {
    bound.counter("borrows", "connections borrowed for a slot", tags, r -> r.use().uses());
    for (int i = 0; i < HOTTEST; i++) {
      int rank = i;
      bound.gauge(
          "hot.slot.share",
          "share of recent use of the hottest slots",
          tags.and("rank", Integer.toString(rank + 1)),
          r -> shareOf(rank, r.hotSlots()));
    }
  }

  private static double shareOf(int rank, List<HotSlot> hottest) {
    return rank < hottest.size() ? hottest.get(rank).share() : 0;
  }

  private static void bindConnections(Bound bound, Tags tags) {
    bound.counter("refused", REFUSED, tags.and("reason", "fenced"), r -> r.counts().fenced());
    bound.counter("refused", REFUSED, tags.and("reason", "stale"), r -> r.counts().stale());
    bound.timed("scatters", "scatters over many shards", tags);
    bound.counter(
        "scatter.failures",
        "shards that failed in a scatter, or had not answered by its deadline",
        tags,
        r -> r.counts().scatterShardsFailed());
  }

  private static void bindStore(Bound bound, Tags tags) {
    bound.counter(
        "store.failures", "reads of the store that failed", tags, r -> r.counts().readsFailed());
    bound.gauge(
        "store.lost",
        "1 while the store gives no usable map, else 0",
        tags,
        r -> r.counts().storeLost() ? 1 : 0);
    for (boolean newer : new boolean[] {true, false}) {
      bound.counter(
          "refreshes",
          "reloads asked for, as after a stale map",
          tags.and("newer", Boolean.toString(newer)),
          r -> r.counts().refreshes(newer));
    }
  }

  /** The meters of one router, all of whose figures are taken from itself. */
  private record Bound(ShardRouter<?> router, BoundMetrics meters) {

    void gauge(String name, String what, Tags tags, ToDoubleFunction<ShardRouter<?>> value) {
      meters.gauge(name, what, tags, router, value);
    }

    void counter(String name, String what, Tags tags, ToDoubleFunction<ShardRouter<?>> count) {
      meters.counter(name, what, tags, router, count);
    }

    void age(String name, String what, Tags tags) {
      meters.time(name, what, tags, router, r -> (double) r.mapAgeNanos());
    }

    void timed(String name, String what, Tags tags) {
      meters.timer(
          name, what, tags, router, r -> r.counts().scatters(), r -> r.counts().scatterNanos());
    }
  }
}
