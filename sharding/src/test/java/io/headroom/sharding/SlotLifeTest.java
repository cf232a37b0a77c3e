package io.headroom.sharding;

import static io.headroom.sharding.Refusals.refused;
import static io.headroom.sharding.Refusals.wrongState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A slot moves, is fenced and changes hands; what it forbids meanwhile, and what it carries. */
class SlotLifeTest {

  private static final ShardMap MAP = ShardMap.of("a", "b", "c");

  private static ShardMap small() {
    return ShardMap.ofOwners(List.of("a", "b", "a", "b"));
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
}
