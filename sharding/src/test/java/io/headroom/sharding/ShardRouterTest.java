package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.KeyHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ShardRouterTest {

  private static final ShardMap MAP = ShardMap.of("a", "b", "c", "d");

  @Test
  void routesByTheHashesLowBits() {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP);
    int slot = (int) (KeyHash.of(42) & 16383);
    assertThat(router.slotFor(42)).isEqualTo(slot);
    assertThat(router.slotFor(Long.valueOf(42))).isEqualTo(slot);
    assertThat(router.shardFor(42)).isEqualTo(MAP.ownerOf(slot));
    assertThat(router.shardFor(Long.valueOf(42))).isEqualTo(MAP.ownerOf(slot));
    assertThat(router.ordinalFor(42)).isEqualTo(MAP.ownerOrdinal(slot));
    assertThat(router.ordinalFor(Long.valueOf(42))).isEqualTo(MAP.ownerOrdinal(slot));
  }

  @Test
  void integersOfOneValueRouteAlikeWhateverTheirJavaType() {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP.withPin(7L, "b"));
    for (Object five : List.of(5, (short) 5, (byte) 5, 5L)) {
      assertThat(router.slotForObject(five)).isEqualTo(router.slotFor(5));
    }
    for (Object seven : List.of(7, (short) 7, (byte) 7, 7L)) {
      assertThat(router.slotForObject(seven)).isEqualTo(ShardMap.FIRST_PINNED_SLOT);
    }
  }

  @Test
  void routesStringsAndUuids() {
    assertThat(ShardRouter.forStrings(MAP).slotFor("alice"))
        .isEqualTo((int) (KeyHash.of("alice") & 16383));
    assertThat(ShardRouter.forStrings(MAP).ordinalFor("alice"))
        .isEqualTo(MAP.ownerOrdinal((int) (KeyHash.of("alice") & 16383)));
    UUID uuid = new UUID(1, 2);
    assertThat(ShardRouter.forUuids(MAP).slotFor(uuid)).isEqualTo((int) (KeyHash.of(uuid) & 16383));
  }

  @Test
  void theShortFormsOfTheBuilderRouteAlike() {
    ShardRouter<Long> longs = ShardRouter.builder(ShardStrategy.hashedLongs()).map(MAP).build();
    ShardRouter<String> texts = ShardRouter.builder(ShardStrategy.hashedStrings()).map(MAP).build();
    ShardRouter<UUID> uuids = ShardRouter.builder(ShardStrategy.hashedUuids()).map(MAP).build();
    UUID uuid = new UUID(1, 2);
    assertThat(longs.slotFor(42)).isEqualTo(ShardRouter.forLongs(MAP).slotFor(42));
    assertThat(texts.slotFor("alice")).isEqualTo(ShardRouter.forStrings(MAP).slotFor("alice"));
    assertThat(uuids.slotFor(uuid)).isEqualTo(ShardRouter.forUuids(MAP).slotFor(uuid));
  }

  @Test
  void aNullKeyIsAnErrorThatNamesTheRouter() {
    ShardRouter<String> router =
        ShardRouter.builder(ShardStrategy.hashedStrings()).name("users").map(MAP).build();
    assertThatThrownBy(() -> router.shardFor(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage(
            "router 'users': the key must not be null, since no shard owns null; give each row a"
                + " key");
    assertThatThrownBy(() -> router.group(Arrays.asList("x", null)))
        .hasMessage("router 'users': the key at index 1 must not be null");
    assertThatThrownBy(() -> router.shardsBetween(null, "x")).hasMessageContaining("from");
  }

  @Test
  void aKeyOfTheWrongTypeIsAnErrorThatNamesItsClass() {
    ShardRouter<String> strings = ShardRouter.forStrings(MAP);
    assertThatThrownBy(() -> strings.shardFor(5L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hashed(TEXT) takes keys of type String, not java.lang.Long");
    assertThatThrownBy(() -> strings.slotForObject(new Object()))
        .hasMessageContaining("java.lang.Object")
        .hasMessageContaining("String");
    assertThatThrownBy(() -> ShardRouter.forLongs(MAP).slotForObject("x"))
        .hasMessageContaining("Long, Integer, Short or Byte")
        .hasMessageContaining("java.lang.String");
    assertThatThrownBy(() -> ShardRouter.forUuids(MAP).slotForObject("x"))
        .hasMessageContaining("java.util.UUID");
  }

  @Test
  void pinsWin() {
    ShardMap pinned = MAP.withPin(42L, "c").withPin("alice", "d");
    ShardRouter<Long> longs = ShardRouter.forLongs(pinned);
    assertThat(longs.shardFor(42).id()).isEqualTo("c");
    assertThat(longs.shardFor(Long.valueOf(42)).id()).isEqualTo("c");
    assertThat(longs.slotFor(43)).isEqualTo((int) (KeyHash.of(43) & 16383));
    assertThat(ShardRouter.forStrings(pinned).shardFor("alice").id()).isEqualTo("d");
  }

  @Test
  void aPinOfAnotherTypeMeetsNoKeyAndHidesNoMistake() {
    ShardMap mixed = MAP.withPin(5L, "c").withPin("alice", "d");
    ShardRouter<String> strings = ShardRouter.forStrings(mixed);
    for (Object wrong : List.of(5L, 5, 1.5, new Object())) {
      assertThatThrownBy(() -> strings.slotForObject(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("hashed(TEXT) takes keys of type String");
    }
    assertThatThrownBy(() -> strings.shardFor(5L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hashed(TEXT)");
    assertThatThrownBy(() -> ShardRouter.forLongs(mixed).slotForObject("alice"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hashed(INTEGER)");
  }

  @Test
  void groupsKeepTheInputsOrder() {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP);
    List<Long> keys = new ArrayList<>();
    for (long key = 100; key > -100; key--) {
      keys.add(key);
    }
    Map<Shard, List<Long>> groups = router.group(keys);
    groups.forEach(
        (shard, group) ->
            assertThat(group)
                .containsExactlyElementsOf(
                    keys.stream().filter(key -> router.shardFor(key).equals(shard)).toList()));
    assertThat(groups.keySet())
        .containsExactlyElementsOf(
            keys.stream().map(key -> router.shardFor(key)).distinct().toList());
    assertThat(router.group(List.of())).isEmpty();
  }

  @Test
  void aLowerEpochIsRefusedAndTheMapInForceStays() {
    ShardMap newer = MAP.withPin(1L, "a");
    ShardRouter<Long> router = ShardRouter.forLongs(newer);
    assertThatThrownBy(() -> router.update(MAP))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("epoch 1")
        .hasMessageContaining("epoch 2");
    assertThat(router.map()).isSameAs(newer);
  }

  @Test
  void theSameEpochWithOtherContentIsRefused() {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP);
    ShardMap edited = ShardMap.of("a", "b", "c", "d", "e");
    assertThatThrownBy(() -> router.update(edited))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining(MAP.fingerprint())
        .hasMessageContaining(edited.fingerprint());
    router.update(ShardMap.of("d", "c", "b", "a"));
    assertThat(router.map()).isSameAs(MAP);
  }

  @Test
  void doublingTheSlotsKeepsEveryKeyWhereItIs() {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP);
    ShardRouter<Long> doubled = ShardRouter.forLongs(MAP);
    doubled.update(MAP.doubled());
    for (long key = 0; key < 10_000; key++) {
      assertThat(doubled.ordinalFor(key)).isEqualTo(router.ordinalFor(key));
    }
  }

  @Test
  void aMapThatTheStrategyDoesNotFitIsRefusedAtTheStartAndLater() {
    ShardMap odd = ShardMap.ofOwners(List.of("a", "b", "a"));
    assertThatThrownBy(() -> ShardRouter.forLongs(odd))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("hashed(INTEGER)")
        .hasMessageContaining("3 slots");
    ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("a", "b"));
    ShardMap later = odd.withPin(1L, "a");
    assertThatThrownBy(() -> router.update(later)).hasMessageContaining("3 slots");
    assertThat(router.map().epoch()).isEqualTo(1);
  }

  @Test
  void theBuilderWantsOneSourceOfMaps() {
    ShardRouterBuilder<Long> builder = ShardRouter.builder(ShardStrategy.modulo(2));
    assertThatThrownBy(builder::build).hasMessageContaining("neither");
    builder.map(ShardMap.ofOwners(List.of("a", "b"))).store(ShardMapStore.inMemory());
    assertThatThrownBy(builder::build).hasMessageContaining("both");
    assertThatThrownBy(() -> builder.name(" ")).hasMessageContaining("name");
  }

  @Test
  void withoutAStoreARefreshBringsNothing() {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP);
    assertThat(router.refresh()).isFalse();
    assertThat(router.refreshBeyond(0)).isTrue();
    router.close();
    router.close();
    assertThat(router.toString()).contains("shards", "hashed(INTEGER)");
  }
}
