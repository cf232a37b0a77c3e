package io.headroom.sharding;

import static io.headroom.sharding.Refusals.contradicts;
import static io.headroom.sharding.Refusals.refused;
import static io.headroom.sharding.Refusals.unknown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Look-ups, layouts, regions, doubling; and what is refused, in which words. */
class ShardMapTest {

  private static final ShardMap MAP = ShardMap.of("a", "b", "c");

  @Test
  void looksUp() {
    assertThat(MAP.epoch()).isEqualTo(1);
    assertThat(MAP.slotCount()).isEqualTo(16_384).isEqualTo(MAP.slotsPerRegion());
    assertThat(MAP.shards()).extracting(Shard::id).containsExactly("a", "b", "c");
    assertThat(MAP.shard("b")).isEqualTo(Shard.of("b")).isSameAs(MAP.shardAt(1));
    assertThat(MAP.contains("b")).isTrue();
    assertThat(MAP.contains("d")).isFalse();
    assertThat(MAP.contains("\ud800")).isFalse();
    assertThat(MAP.regions()).isEmpty();
    assertThat(MAP.hasPins()).isFalse();
    assertThat(MAP.slotOfPin(5L)).isEqualTo(-1);
    assertThat(MAP.hasMovingSlots()).isFalse();
    assertThat(MAP.slotStatus(0))
        .isEqualTo(new SlotStatus(SlotState.OWNED, MAP.ownerOf(0).id(), null, 0, Map.of()));
    assertThat(MAP)
        .hasToString("ShardMap[epoch 1, 16384 slots, 3 shards, 0 slots in motion, 0 pins]");
    assertThat(MAP).isNotEqualTo(ShardMap.of("a", "b")).isNotEqualTo("a");
  }

  @Test
  void takesOverAnyLayout() {
    ShardMap map = ShardMap.ofOwners(List.of("x", "y", "x"));
    assertThat(map.slotCount()).isEqualTo(3);
    assertThat(map.owners().toArray()).containsExactly(0, 1, 0);
    assertThat(ShardMap.builder().shard("x", 2).shard("y").owners(List.of("y")).build().shards())
        .extracting(Shard::weight)
        .containsExactly(2.0, 1.0);
  }

  @Test
  void regionsHaveBlocksOfTheirOwn() {
    ShardMap map =
        ShardMap.builder()
            .slots(64)
            .regions("us", "eu")
            .shard(Shard.of("e1").withRegion("eu"))
            .shard(Shard.of("u1").withRegion("us"))
            .shard(Shard.of("u2").withRegion("us"))
            .build();
    assertThat(map.slotCount()).isEqualTo(128);
    assertThat(map.slotsPerRegion()).isEqualTo(64);
    for (int slot = 0; slot < 128; slot++) {
      assertThat(map.ownerOf(slot).region()).isEqualTo(slot < 64 ? "us" : "eu");
    }
    ShardMap doubled = map.doubled();
    for (int slot = 0; slot < 64; slot++) {
      assertThat(doubled.ownerOf(slot)).isEqualTo(map.ownerOf(slot));
      assertThat(doubled.ownerOf(slot + 64)).isEqualTo(map.ownerOf(slot));
      assertThat(doubled.ownerOf(slot + 128).id()).isEqualTo("e1");
    }
    assertThatThrownBy(() -> map.startMove(100, "u1"))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("slot 100")
        .hasMessageContaining("region 'eu'");
    assertThatThrownBy(() -> map.rebalance(map.membership().with(Shard.of("x"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shard 'x' is in region none");
    assertThatThrownBy(() -> map.rebalance(map.membership().without("e1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("region 'eu' has no ACTIVE shard");
    assertThatThrownBy(() -> map.rebalance(map.membership().with(Shard.of("u1").withRegion("eu"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("drain it first");
  }

  @Test
  void refusesRegionsThatDoNotFit() {
    ShardMapBuilder builder = ShardMap.builder().slots(64).regions("us", "eu");
    builder.shard(Shard.of("u").withRegion("us"));
    refused(builder::build, "region 'eu' has no ACTIVE shard");
    builder.shard(Shard.of("e").withRegion("eu")).shard("homeless");
    refused(builder::build, "shard 'homeless' is in region none");
    refused(() -> ShardMap.builder().regions("us", "us"), "region 'us' is given twice");
    contradicts(
        () -> ShardMap.builder().regions("us").regions("eu"),
        "map: regions is set twice: set it once");
    contradicts(
        () -> ShardMap.builder().slots(1 << 20).regions("us", "eu").shard("u").build(),
        "slots(1048576) for each of 2 regions");
  }

  @Test
  void refusesBadIds() {
    refused(() -> ShardMap.of(), "no shards");
    refused(() -> ShardMap.of("a", "b", "a"), "shard 'a' is given twice");
    refused(() -> ShardMap.of("a", " "), "shard id ' ' is blank");
    refused(() -> ShardMap.of("a "), "white space");
    refused(() -> ShardMap.of("a\u0000b"), "U+0000 at index 1");
    refused(() -> ShardMap.of("a\ud800"), "U+D800 at index 1");
    refused(() -> ShardMap.of("x".repeat(256)), "256 characters");
    refused(() -> Shard.of("a").withRegion(" "), "region of shard 'a'");
    refused(() -> Shard.of("a").withZone(""), "zone of shard 'a'");
    refused(() -> Shard.of("a").withLabels(Map.of("", "x")), "label of shard 'a'");
    refused(() -> Shard.of("a").withLabels(Map.of("l", "\udc00")), "label 'l' of shard 'a'");
    assertThatThrownBy(() -> Shard.of(null)).isInstanceOf(NullPointerException.class);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        0,
        -0.0,
        -1,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        1e-10,
        1e16
      })
  void refusesBadWeights(double weight) {
    refused(() -> ShardMap.builder().shard("heavy", weight), "shard 'heavy' has weight " + weight);
    refused(() -> MAP.membership().withWeight("a", weight), "shard 'a' has weight " + weight);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 3, 1000, 1 << 21, Integer.MIN_VALUE})
  void refusesSlotCountsThatAreNoPowerOfTwo(int slots) {
    refused(() -> ShardMap.builder().slots(slots), "slots(" + slots + ")");
  }

  @Test
  void refusesBadOptions() {
    contradicts(() -> ShardMap.builder().slots(4).slots(8), "map: slots is set twice: set it once");
    refused(() -> ShardMap.builder().epoch(0), "epoch(0)");
    contradicts(() -> ShardMap.builder().epoch(1).epoch(2), "map: epoch is set twice: set it once");
    refused(() -> ShardMap.ofOwners(List.of()), "owners(…) of 0 slots");
    contradicts(
        () -> ShardMap.builder().owners(List.of("a")).owners(List.of("a")),
        "map: owners is set twice: set it once");
    contradicts(() -> ShardMap.builder().slots(2).owners(List.of("a")).build(), "leave slots out");
    refused(
        () -> ShardMap.builder().shard(Shard.of("a").withState(ShardState.DRAINING)).build(),
        "no ACTIVE shard");
    contradicts(() -> ShardMap.builder().pin(5, "a").pin(5L, "a"), "integer '5' is pinned twice");
    unknown(() -> ShardMap.builder().shard("a").owners(List.of("a", "b")).build(), "b");
    unknown(() -> ShardMap.builder().shard("a").pin(1, "z").build(), "z");
  }

  @Test
  void namesAnUnknownShardAndWhatIsThere() {
    unknown(() -> MAP.shard("d"), "d");
    unknown(() -> MAP.startMove(0, "d"), "d");
    unknown(() -> MAP.withoutShard("d"), "d");
    unknown(() -> MAP.membership().without("d"), "d");
    assertThatThrownBy(() -> MAP.shard("d")).hasMessageContaining("3 shards: 'a', 'b', 'c'");
  }

  @Test
  void namesASlotThatIsNotThere() {
    refused(() -> MAP.ownerOf(16_384), "slot 16384 is not in the map, which has 0 to 16383");
    refused(() -> MAP.ownerOrdinal(-1), "slot -1 is not in the map");
    refused(() -> MAP.fence(1 << 20), "slot 1048576");
    refused(() -> MAP.withPin("k", "a").slotStatus(1 << 21), "1048576 to 1048576 for pins");
  }
}
