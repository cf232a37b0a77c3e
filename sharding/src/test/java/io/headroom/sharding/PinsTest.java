package io.headroom.sharding;

import static io.headroom.sharding.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Keys that live where the map says: one pin for each logical key, with a slot of its own. */
class PinsTest {

  private static final ShardMap MAP = ShardMap.of("a", "b", "c");

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
}
