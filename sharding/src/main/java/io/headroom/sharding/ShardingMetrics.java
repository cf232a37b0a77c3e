package io.headroom.sharding;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A router's meters.
 *
 * <pre>{@code
 * new ShardingMetrics(router).bindTo(registry);
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
 * <p>Thread-safe. Needs micrometer-core, which nothing else in this module does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class ShardingMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.sharding.";
  private static final int HOTTEST = 5;

  private final ShardRouter<?> router;

  /**
   * Creates the binder.
   *
   * @param router whose meters
   */
  public ShardingMetrics(ShardRouter<?> router) {
    this.router = Objects.requireNonNull(router, "router must not be null");
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Tags tags = Tags.of("router", router.name());
    bindMap(registry, tags);
    bindUse(registry, tags);
    bindConnections(registry, tags);
    bindStore(registry, tags);
  }

  private void bindMap(MeterRegistry registry, Tags tags) {
    Gauge.builder(PREFIX + "map.epoch", router, r -> r.map().epoch())
        .description("epoch of the shard map in force")
        .tags(tags)
        .register(registry);
    Gauge.builder(PREFIX + "map.shards", router, r -> r.map().shardCount())
        .description("shards in the map in force")
        .baseUnit("shards")
        .tags(tags)
        .register(registry);
    TimeGauge.builder(PREFIX + "map.age", router, TimeUnit.NANOSECONDS, ShardRouter::mapAgeNanos)
        .description("time since the map was last known to be the newest")
        .tags(tags)
        .register(registry);
    FunctionCounter.builder(PREFIX + "map.refused", router, r -> r.counts().mapsRefused())
        .description("maps refused")
        .baseUnit("maps")
        .tags(tags)
        .register(registry);
    for (SlotState state : SlotState.values()) {
      Gauge.builder(PREFIX + "slots", router, r -> slotsIn(state, r.map()))
          .description("slots by state")
          .baseUnit("slots")
          .tags(tags.and("state", state.name().toLowerCase(Locale.ROOT)))
          .register(registry);
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

  private void bindUse(MeterRegistry registry, Tags tags) {
    FunctionCounter.builder(PREFIX + "borrows", router, r -> r.use().uses())
        .description("connections borrowed for a slot")
        .baseUnit("connections")
        .tags(tags)
        .register(registry);
    for (int i = 0; i < HOTTEST; i++) {
      int rank = i;
      Gauge.builder(PREFIX + "hot.slot.share", router, r -> shareOf(rank, r.hotSlots()))
          .description("share of recent use of the hottest slots")
          .tags(tags.and("rank", Integer.toString(rank + 1)))
          .register(registry);
    }
  }

  private static double shareOf(int rank, List<HotSlot> hottest) {
    return rank < hottest.size() ? hottest.get(rank).share() : 0;
  }

  private void bindConnections(MeterRegistry registry, Tags tags) {
    FunctionCounter.builder(PREFIX + "refused", router, r -> r.counts().fenced())
        .description("connections refused, since their slot was at its cut-over")
        .tags(tags.and("reason", "fenced"))
        .register(registry);
    FunctionCounter.builder(PREFIX + "refused", router, r -> r.counts().stale())
        .description("statements that a shard turned away, since the map was behind")
        .tags(tags.and("reason", "stale"))
        .register(registry);
    FunctionTimer.builder(
            PREFIX + "scatters",
            router,
            r -> r.counts().scatters(),
            r -> r.counts().scatterNanos(),
            TimeUnit.NANOSECONDS)
        .description("scatters over many shards")
        .tags(tags)
        .register(registry);
    FunctionCounter.builder(
            PREFIX + "scatter.failures", router, r -> r.counts().scatterShardsFailed())
        .description("shards that failed in a scatter, or had not answered by its deadline")
        .baseUnit("shards")
        .tags(tags)
        .register(registry);
  }

  private void bindStore(MeterRegistry registry, Tags tags) {
    FunctionCounter.builder(PREFIX + "store.failures", router, r -> r.counts().readsFailed())
        .description("reads of the store that failed")
        .baseUnit("reads")
        .tags(tags)
        .register(registry);
    Gauge.builder(PREFIX + "store.lost", router, r -> r.counts().storeLost() ? 1 : 0)
        .description("1 while the store gives no usable map")
        .tags(tags)
        .register(registry);
    for (boolean newer : new boolean[] {true, false}) {
      FunctionCounter.builder(PREFIX + "refreshes", router, r -> r.counts().refreshes(newer))
          .description("reloads asked for, as after a stale map")
          .baseUnit("refreshes")
          .tags(tags.and("newer", Boolean.toString(newer)))
          .register(registry);
    }
  }
}
