package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookups, pins, doubling, the life of a slot; and what is refused, in which words. */
class ShardMapTest {

  private static final ShardMap MAP = ShardMap.of("a", "b", "c");

  private static ShardMap small() {
    return ShardMap.ofOwners(List.of("a", "b", "a", "b"));
  }

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
    assertThat(map.owners()).containsExactly(0, 1, 0);
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
    refused(() -> ShardMap.builder().regions("us").regions("eu"), "regions is set already");
    refused(
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
    refused(() -> ShardMap.builder().slots(4).slots(8), "slots is set already, to 4");
    refused(() -> ShardMap.builder().epoch(0), "epoch(0)");
    refused(() -> ShardMap.builder().epoch(1).epoch(2), "epoch is set already");
    refused(() -> ShardMap.ofOwners(List.of()), "owners(…) of 0 slots");
    refused(
        () -> ShardMap.builder().owners(List.of("a")).owners(List.of("a")),
        "owners is set already");
    refused(() -> ShardMap.builder().slots(2).owners(List.of("a")).build(), "leave slots out");
    refused(
        () -> ShardMap.builder().shard(Shard.of("a").withState(ShardState.DRAINING)).build(),
        "no ACTIVE shard");
    refused(() -> ShardMap.builder().pin(5, "a").pin(5L, "a"), "integer '5' is pinned twice");
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

  @Test
  void aPinIsOneWhateverTheIntegerType() {
    ShardMap map = MAP.withPin(5, "a");
    int slot = map.slotOfPin(5L);
    assertThat(slot).isEqualTo(ShardMap.FIRST_PINNED_SLOT);
    assertThat(map.slotOfPin((Object) 5)).isEqualTo(slot);
    assertThat(map.slotOfPin((short) 5)).isEqualTo(slot);
    assertThat(map.slotOfPin((Object) (byte) 5)).isEqualTo(slot);
    assertThat(map.slotOfPin(6)).isEqualTo(-1);
    assertThat(map.slotOfPin("5")).isEqualTo(-1);
    assertThat(map.ownerOf(slot).id()).isEqualTo("a");
    assertThat(map.withPin(5L, "a")).isSameAs(map);
    assertThatThrownBy(() -> map.withPin(5L, "b"))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("integer '5' is pinned to shard 'a'")
        .hasMessageContaining("startMove");
    refused(() -> MAP.withPin(1.5, "a"), "java.lang.Double");
    refused(() -> MAP.withPin("\ud800", "a"), "lone surrogate at index 0");
    refused(() -> MAP.withPins(Map.of(1, "a", 1L, "b")), "pinned twice");
    assertThatThrownBy(() -> PinKeys.normalized(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void pinsOfEveryTypeKeepTheirSlotsAndNumbersAreNotUsedAgain() {
    UUID uuid = new UUID(1, 2);
    byte[] bytes = {1, 2};
    ShardMap map =
        ShardMap.builder().shard("a").pin("t", "a").pin(uuid, "a").pin(bytes, "a").build();
    assertThat(map.slotOfPin("t")).isEqualTo(1 << 20);
    assertThat(map.slotOfPin(uuid)).isEqualTo((1 << 20) + 1);
    assertThat(map.slotOfPin(new byte[] {1, 2})).isEqualTo((1 << 20) + 2);
    assertThat(map.pins()).hasSize(3);
    assertThat((byte[]) map.pins().get(2).key()).containsExactly(1, 2);
    assertThat(map.pins().get(2))
        .isEqualTo(new Pin(bytes, (1 << 20) + 2, "a"))
        .hasSameHashCodeAs(new Pin(bytes, (1 << 20) + 2, "a"))
        .hasToString("Pin[bytes '0102' → a, slot 1048578]");
    ShardMap without = map.withoutPin(bytes);
    assertThat(without.slotOfPin(bytes)).isEqualTo(-1);
    assertThat(without.withPin(bytes, "a").slotOfPin(bytes)).isEqualTo((1 << 20) + 3);
    assertThatThrownBy(() -> without.withoutPin(bytes))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("bytes '0102' isn't pinned");
  }

  @Test
  void manyPinsGetTheirSlotsWhateverTheOrderOfTheGivenMap() {
    List<Object> keys =
        List.of(7, -3L, "b", "a", "\uffff", "😀", new UUID(2, 1), new UUID(1, 1), new byte[] {1});
    Map<Object, String> forward = new LinkedHashMap<>();
    keys.forEach(key -> forward.put(key, "a"));
    Map<Object, String> backward = new LinkedHashMap<>();
    for (int i = keys.size() - 1; i >= 0; i--) {
      backward.put(keys.get(i), "a");
    }
    ShardMap map = MAP.withPins(forward);
    assertThat(MAP.withPins(backward)).isEqualTo(map);
    assertThat(MAP.withPins(Map.copyOf(forward)).fingerprint()).isEqualTo(map.fingerprint());
    assertThat(map.slotOfPin(-3)).isLessThan(map.slotOfPin(7));
    assertThat(map.slotOfPin("\uffff")).isLessThan(map.slotOfPin("😀"));
  }

  @Test
  void aPinNeedsAKeyAndAShard() {
    assertThatThrownBy(() -> MAP.withPin(null, "a"))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("key must not be null");
    assertThatThrownBy(() -> MAP.withPin(5L, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("the shard of key integer '5' must not be null");
  }

  @Test
  void manyIntegerPinsAreFound() {
    Map<Long, String> pins = new HashMap<>();
    for (long key = -500; key < 500; key++) {
      pins.put(key << 40, "a");
    }
    ShardMap map = MAP.withPins(pins);
    assertThat(map.epoch()).isEqualTo(2);
    for (Pin pin : map.pins()) {
      assertThat(map.slotOfPin((long) pin.key())).isEqualTo(pin.slot());
    }
    assertThat(map.slotOfPin(1L)).isEqualTo(-1);
  }

  @Test
  void aSlotMovesIsFencedAndChangesHands() {
    ShardMap moving = small().startMove(1, "a");
    assertThat(moving.epoch()).isEqualTo(2);
    assertThat(moving.slotStatus(1))
        .isEqualTo(new SlotStatus(SlotState.MOVING, "b", "a", 1, Map.of()));
    assertThat(moving.ownerOf(1).id()).isEqualTo("b");
    ShardMap fenced = moving.fence(1);
    assertThat(fenced.slotStatus(1).state()).isEqualTo(SlotState.FENCED);
    assertThat(fenced.ownerOf(1).id()).isEqualTo("b");
    ShardMap done = fenced.completeMove(1);
    assertThat(done.slotStatus(1))
        .isEqualTo(new SlotStatus(SlotState.OWNED, "a", null, 3, Map.of()));
    assertThat(done.epoch()).isEqualTo(4);
    assertThat(small().ownerOf(1).id()).isEqualTo("b");
    assertThat(fenced.cancelMove(1).slotStatus(1))
        .isEqualTo(new SlotStatus(SlotState.OWNED, "b", null, 3, Map.of()));
    assertThat(done.fence()).isSameAs(done);
    assertThat(done.completeMove()).isSameAs(done);
    assertThat(done.cancelMove()).isSameAs(done);
  }

  @Test
  void thePinOfATenantMovesLikeAnySlot() {
    ShardMap map = small().withPin("whale", "a");
    int slot = map.slotOfPin("whale");
    ShardMap moving = map.startMove(slot, "b").fence(slot);
    assertThat(moving.movingSlots()).containsExactly(slot);
    assertThatThrownBy(() -> moving.withoutPin("whale"))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("is FENCED");
    ShardMap done = moving.completeMove(slot);
    assertThat(done.ownerOf(slot).id()).isEqualTo("b");
    assertThat(done.slotVersion(slot)).isEqualTo(3);
    assertThat(done.doubled().slotVersion(slot)).isEqualTo(3);
    ShardMap again = done.withoutPin("whale").withPin("whale", "b");
    assertThat(again.slotVersion(again.slotOfPin("whale"))).isZero();
  }

  @Test
  void refusesWhatTheStateOfASlotForbids() {
    ShardMap moving = small().startMove(1, "a");
    wrongState(() -> moving.startMove(1, "a"), "MOVING to 'a', owned by 'b'");
    wrongState(() -> moving.startMove(0, "a"), "'a' owns it already");
    wrongState(() -> moving.fence(0), "only a slot that is MOVING can be");
    wrongState(() -> moving.fence(1, 1), "it is FENCED to 'a'");
    wrongState(() -> moving.completeMove(0), "can't be completed");
    wrongState(() -> moving.completeMove(1, 1), "can't be completed");
    wrongState(() -> moving.cancelMove(0), "can't be called back");
    wrongState(() -> moving.rebalance(moving.membership()), "1 slots are MOVING and 0 FENCED");
    ShardMap draining = small().rebalance(small().membership().draining("b")).start();
    wrongState(() -> draining.cancelMove(1).startMove(0, "b"), "its target 'b' is DRAINING");
  }

  @Test
  void versionsCountOnBeyondAByte() {
    ShardMap map = small();
    for (int i = 0; i < 150; i++) {
      map = map.startMove(1, "a").cancelMove(1);
    }
    assertThat(map.slotVersion(1)).isEqualTo(300);
    assertThat(map.slotVersion(0)).isZero();
    assertThat(ShardMap.parse(map.toJson())).isEqualTo(map);
    assertThat(map.doubled().slotVersion(5)).isEqualTo(300);
  }

  @Test
  void aShardLeavesOnlyWhenItIsEmpty() {
    ShardMap map = small();
    wrongState(() -> map.withoutShard("b"), "still owns 2 slots of 4");
    ShardMap moving = map.rebalance(map.membership().without("b")).start();
    assertThat(moving.shard("b").state()).isEqualTo(ShardState.DRAINING);
    ShardMap empty = moving.completeMove(moving.movingSlots());
    assertThat(empty.withoutShard("b").shards()).extracting(Shard::id).containsExactly("a");
    ShardMap pinned = empty.withPin("k", "b");
    wrongState(() -> pinned.withoutShard("b"), "a key is pinned to it: text 'k'");
    wrongState(() -> pinned.rebalance(Membership.of("a")), "a key is pinned to it: text 'k'");
    ShardMap seven = empty;
    for (int i = 0; i < 7; i++) {
      seven = seven.withPin(i, "b");
    }
    ShardMap last = seven;
    wrongState(() -> last.withoutShard("b"), "7 keys are pinned to it");
    wrongState(() -> map.startMove(0, "b").withoutShard("a"), "still owns 2 slots");
    ShardMap target = ShardMap.builder().shard("a").shard("t").owners(List.of("a")).build();
    wrongState(() -> target.startMove(0, "t").withoutShard("t"), "is on its way to it");
    ShardMap onlyActive =
        ShardMap.builder()
            .shard("a")
            .shard(Shard.of("d").withState(ShardState.DRAINING))
            .owners(List.of("d"))
            .build();
    wrongState(() -> onlyActive.withoutShard("a"), "the last that is ACTIVE");
    refused(() -> map.rebalance(map.membership().draining("a").draining("b")), "are DRAINING");
  }

  @Test
  void doublingKeepsOwnersAndStates() {
    ShardMap map = small().startMove(1, "a").fence(1).withSlotFields(2, Map.of("token", "x"));
    ShardMap doubled = map.doubled();
    assertThat(doubled.slotCount()).isEqualTo(8);
    for (int slot = 0; slot < 4; slot++) {
      assertThat(doubled.slotStatus(slot)).isEqualTo(map.slotStatus(slot));
      assertThat(doubled.slotStatus(slot + 4)).isEqualTo(map.slotStatus(slot));
    }
    ShardMap largest = ShardMap.builder().slots(1 << 20).shard("a").build();
    wrongState(largest::doubled, "1048576 slots and can't be doubled");
  }

  @Test
  void slotFieldsAreKeptAndChecked() {
    Map<String, Object> fields = new HashMap<>();
    fields.put("token", null);
    fields.put("list", Arrays.asList(1, true, null, "x", Map.of("n", 2.50)));
    ShardMap map = small().withSlotFields(3, fields);
    assertThat(map.slotVersion(3)).isEqualTo(1);
    assertThat(ShardMap.parse(map.toJson()).slotStatus(3)).isEqualTo(map.slotStatus(3));
    assertThat(map.startMove(3, "a").completeMove(3).slotStatus(3).extra()).containsKey("token");
    assertThat(map.withSlotFields(3, Map.of()).slotStatus(3).extra()).isEmpty();
    refused(() -> small().withSlotFields(0, Map.of("state", 1)), "'state' of slot 0");
    refused(() -> small().withSlotFields(0, Map.of("x", Double.NaN)), "java.lang.Double");
    refused(() -> small().withSlotFields(0, Map.of("x", "\ud800")), "lone surrogate");
    refused(() -> small().withSlotFields(0, Map.of("x", Map.of(1, 1))), "give a String");
    refused(() -> small().withSlotFields(9, Map.of("x", 1)), "slot 9");
    Object deep = 1;
    for (int i = 0; i < 40; i++) {
      deep = List.of(deep);
    }
    Object tooDeep = deep;
    refused(() -> small().withSlotFields(0, Map.of("x", tooDeep)), "nested deeper than 32");
  }

  /** A map that could be stored and not read again would be lost. */
  @Test
  void whateverFieldsAreTakenAreReadAgain() {
    Object nested = 1;
    boolean tooDeep = false;
    for (int depth = 0; depth < 40; depth++) {
      Map<String, Object> fields = Map.of("x", nested);
      try {
        ShardMap map = small().withSlotFields(0, fields);
        assertThat(tooDeep).isFalse();
        assertThat(ShardMap.parse(map.toJson())).isEqualTo(map);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("nested deeper");
        tooDeep = true;
      }
      nested = depth % 2 == 0 ? List.of(nested) : Map.of("n", nested);
    }
    assertThat(tooDeep).isTrue();
    for (String number : List.of("1E+2147483646", "-1E-2147483646", "1e999", "7".repeat(1000))) {
      ShardMap map = small().withSlotFields(0, Map.of("x", new BigDecimal(number)));
      assertThat(ShardMap.parse(map.toJson())).isEqualTo(map);
    }
    for (BigDecimal number :
        List.of(
            new BigDecimal("7".repeat(1001)),
            new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE),
            new BigDecimal(BigInteger.TEN, Integer.MIN_VALUE),
            new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE))) {
      refused(() -> small().withSlotFields(0, Map.of("x", number)), "a number that takes more");
    }
    refused(
        () -> small().withSlotFields(0, Map.of("x", BigInteger.TEN.pow(1001).add(BigInteger.ONE))),
        "more than 1000 characters");
    wrongState(
        () -> ShardMapJson.requireReadable(MAP, JsonReader.MAX_LENGTH + 1),
        "takes 67108865 characters of JSON");
  }

  @Test
  void aPlanReadsWell() {
    ShardMap map = ShardMap.ofOwners(List.of("a", "a", "a", "a", "b", "b", "b", "b"));
    RebalancePlan plan = map.rebalance(map.membership().with(Shard.of("large-c").withWeight(2)));
    assertThat(plan.moves())
        .containsExactly(
            new SlotMove(2, "a", "large-c"),
            new SlotMove(3, "a", "large-c"),
            new SlotMove(6, "b", "large-c"),
            new SlotMove(7, "b", "large-c"));
    assertThat(plan.shareMoved()).isEqualTo(0.5);
    assertThat(plan.source()).isSameAs(map);
    assertThat(plan).hasToString("RebalancePlan[from epoch 1, 4 moves]");
    assertThat(plan.toTable())
        .isEqualTo(
            """
            shard       weight   before    after     share   → share       in      out
            a                1        4        2  50.000 %  25.000 %                -2
            b                1        4        2  50.000 %  25.000 %                -2
            large-c          2        0        4   0.000 %  50.000 %       +4        \s
            4 of 8 slots move, 50.000 % of the key space; exact balance, each shard's weighted share\
             rounded down or up; no plan to it has fewer moves than 4
            """);
  }

  @Test
  void aLongPlanIsSummarised() {
    ShardMapBuilder builder = ShardMap.builder().slots(1024);
    for (int i = 0; i < 300; i++) {
      builder.shard("s" + i);
    }
    RebalancePlan plan = builder.build().rebalance(Membership.of("s1", "s2"));
    assertThat(plan.toTable().lines()).hasSizeBetween(20, 45);
    assertThat(plan.toTable()).contains(" more shards: ");
    assertThat(plan.moves()).hasSize(plan.moveCount());
  }

  @Test
  void loadsAreChecked() {
    refused(() -> SlotLoads.of(Map.of(1, -1.0), 0), "the load of slot 1 is -1.0");
    refused(() -> SlotLoads.of(Map.of(), Double.NaN), "the load of the others is NaN");
    refused(() -> SlotLoads.of(Map.of(-1, 1.0), 0), "slot -1 has a load: slots begin at 0");
    RebalancePlan plan = MAP.rebalance(MAP.membership(), SlotLoads.of(Map.of(), 0));
    assertThat(plan.toTable()).contains("balanced by measured load");
  }

  @Test
  void theUnitOfLoadsDoesNotMatterHoweverLargeOrSmall() {
    Membership target = MAP.membership().with(Shard.of("d").withWeight(1e15));
    List<SlotMove> moves = MAP.rebalance(target, loads(1)).moves();
    assertThat(moves).isNotEmpty();
    for (double unit : new double[] {0x1p1015, 0x1p-1000, 0x1p-1040}) {
      assertThat(MAP.rebalance(target, loads(unit)).moves()).isEqualTo(moves);
    }
  }

  private static SlotLoads loads(double unit) {
    Map<Integer, Double> measured = new HashMap<>();
    for (int slot = 0; slot < MAP.slotCount(); slot++) {
      measured.put(slot, unit * (1 + slot % 16));
    }
    return SlotLoads.of(measured, 0);
  }

  @Test
  void membershipIsAValue() {
    Membership one = Membership.of("a", "b");
    assertThat(one).isEqualTo(Membership.of("b", "a")).hasSameHashCodeAs(Membership.of("b", "a"));
    assertThat(one).isNotEqualTo(one.draining("a")).isNotEqualTo(one.with(Shard.of("c")));
    assertThat(one.toString()).contains("id=a", "id=b");
    refused(() -> Membership.of("a").without("a"), "no shards");
    refused(() -> Membership.of("a", "a"), "given twice");
  }

  private static void refused(Runnable step, String words) {
    assertThatThrownBy(step::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  private static void wrongState(Runnable step, String words) {
    assertThatThrownBy(step::run).isInstanceOf(ShardMapException.class).hasMessageContaining(words);
  }

  private static void unknown(Runnable step, String id) {
    assertThatThrownBy(step::run)
        .isInstanceOf(UnknownShardException.class)
        .hasMessageContaining("shard '" + id + "' is not in the map")
        .satisfies(e -> assertThat(((UnknownShardException) e).shardId()).isEqualTo(id));
  }
}
