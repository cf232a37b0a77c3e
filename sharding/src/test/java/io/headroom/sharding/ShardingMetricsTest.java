package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShardingMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void metersFollowTheRouter() {
    StubStore store = new StubStore(ShardMap.of("a", "b").withPin(1L, "a"));
    ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.hashedLongs()).name("orders").store(store).build();
    ShardingMetrics.of(router).bindTo(registry);
    assertThat(gauge("map.epoch")).isEqualTo(2);
    assertThat(gauge("map.shards")).isEqualTo(2);
    assertThat(gauge("map.age")).isGreaterThanOrEqualTo(0);
    assertThat(gauge("slots", "state", "owned")).isEqualTo(16_385);

    ShardMap moving =
        router.map().startMove(0, other(router, 0)).startMove(1, other(router, 1)).fence(1);
    router.update(moving);
    assertThat(gauge("slots", "state", "owned")).isEqualTo(16_383);
    assertThat(gauge("slots", "state", "moving")).isEqualTo(1);
    assertThat(gauge("slots", "state", "fenced")).isEqualTo(1);

    assertThat(gauge("hot.slot.share", "rank", "1")).isZero();
    for (int i = 0; i < 1_000; i++) {
      router.recordUse(3);
    }
    assertThat(gauge("hot.slot.share", "rank", "1")).isEqualTo(1);
    assertThat(gauge("hot.slot.share", "rank", "5")).isZero();
    assertThat(count("borrows")).isEqualTo(1_000);

    store.failure = new ShardMapStoreException("down");
    router.refresh();
    assertThat(count("store.failures")).isEqualTo(1);
    assertThat(gauge("store.lost")).isEqualTo(1);
    store.failure = null;
    store.map = moving.withPin(2L, "a");
    router.refresh();
    assertThat(gauge("store.lost")).isZero();
    assertThat(count("refreshes", "newer", "true")).isEqualTo(1);
    assertThat(count("refreshes", "newer", "false")).isEqualTo(1);
    assertThatThrownBy(() -> router.update(ShardMap.of("a", "b")))
        .isInstanceOf(ShardMapException.class);
    assertThat(count("map.refused")).isEqualTo(1);

    router.listeners().onFenced("a", 1);
    router.listeners().onStale("a", 2);
    router.listeners().onScattered(2, 1, 3_000_000_000L);
    assertThat(count("refused", "reason", "fenced")).isEqualTo(1);
    assertThat(count("refused", "reason", "stale")).isEqualTo(1);
    assertThat(count("scatter.failures")).isEqualTo(1);
    assertThat(registry.get("headroom.sharding.scatters").functionTimer().count()).isEqualTo(1);
  }

  @Test
  void anUpdateThatIsGivenUpIsCountedToo() {
    ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("a", "b"));
    ShardingMetrics.of(router).bindTo(registry);
    try (ShardedDataSource sharded =
            ShardedDataSource.builder(router)
                .dataSources(
                    shard -> {
                      throw new IllegalStateException("nothing is to be opened");
                    })
                .build();
        Scatter scatter = Scatter.builder(sharded).executor(task -> {}).build()) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> scatter.updateEachShardSeparately("DELETE FROM users").run())
          .isInstanceOf(ScatterException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(count("scatter.failures")).isEqualTo(2);
    assertThat(registry.get("headroom.sharding.scatters").functionTimer().count()).isEqualTo(1);
  }

  private static String other(ShardRouter<Long> router, int slot) {
    return router.map().ownerOf(slot).id().equals("a") ? "b" : "a";
  }

  @Test
  void noTagGrowsWithTheFleet() {
    ShardingMetrics.of(ShardRouter.forLongs(ShardMap.of("a", "b", "c"))).bindTo(registry);
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .allSatisfy(
            id -> {
              assertThat(id.getName()).startsWith("headroom.sharding.");
              assertThat(id.getTag("router")).isEqualTo("shards");
              assertThat(id.getTags())
                  .extracting(tag -> tag.getKey())
                  .isSubsetOf("router", "state", "rank", "newer", "reason");
            })
        .hasSize(21);
  }

  /** Prometheus shows one for each name, whichever comes first. */
  @Test
  void metersOfOneNameHaveOneDescription() {
    ShardingMetrics.of(ShardRouter.forLongs(ShardMap.of("a", "b"))).bindTo(registry);
    Map<String, Set<String>> descriptions = new HashMap<>();
    for (Meter meter : registry.getMeters()) {
      descriptions
          .computeIfAbsent(meter.getId().getName(), name -> new HashSet<>())
          .add(meter.getId().getDescription());
    }
    assertThat(descriptions).hasSize(13).allSatisfy((name, all) -> assertThat(all).hasSize(1));
  }

  /** Else its meters would stand for ever in the place of its successor's. */
  @Test
  void aRouterThatIsClosedLeavesRoomForAnotherOfItsName() {
    ShardRouter<Long> before = ShardRouter.forLongs(ShardMap.of("a", "b"));
    ShardingMetrics.of(before).bindTo(registry);
    ShardingMetrics.of(before).bindTo(registry); // twice changes nothing
    assertThat(registry.getMeters()).hasSize(21);
    before.close();
    assertThat(registry.getMeters()).isEmpty();
    ShardRouter<Long> after = ShardRouter.forLongs(ShardMap.of("a", "b", "c"));
    ShardingMetrics.of(after).bindTo(registry);
    before.close();
    assertThat(gauge("map.shards")).isEqualTo(3);
    after.recordUse(1);
    assertThat(count("borrows")).isEqualTo(1);
  }

  @Test
  void anotherOfItsNameTakesNothingFromTheFirst() {
    ShardRouter<Long> first = ShardRouter.forLongs(ShardMap.of("a", "b"));
    ShardingMetrics.of(first).bindTo(registry);
    ShardRouter<Long> second = ShardRouter.forLongs(ShardMap.of("a", "b", "c"));
    ShardingMetrics.of(second).bindTo(registry);
    second.close();
    assertThat(registry.getMeters()).hasSize(21);
    assertThat(gauge("map.shards")).isEqualTo(2);
    first.close();
  }

  @Test
  void metersKeepNoRouterAlive() {
    WeakReference<ShardRouter<Long>> forgotten = boundAndForgotten();
    await()
        .until(
            () -> {
              System.gc();
              return forgotten.get() == null;
            });
    assertThat(gauge("map.shards")).isNaN();
  }

  private WeakReference<ShardRouter<Long>> boundAndForgotten() {
    ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("a", "b"));
    ShardingMetrics.of(router).bindTo(registry);
    return new WeakReference<>(router);
  }

  private double gauge(String name, String... tags) {
    return registry.get("headroom.sharding." + name).tags(tags).gauge().value();
  }

  private double count(String name, String... tags) {
    return registry.get("headroom.sharding." + name).tags(tags).functionCounter().count();
  }
}
