package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Law 6: what is written is read back equal; what is damaged is refused. */
class ShardMapJsonProperties {

  @Provide
  Arbitrary<ShardMap> maps() {
    return ShardMaps.maps();
  }

  @Property(tries = 500)
  void writtenAndReadBackIsEqual(@ForAll("maps") ShardMap map) {
    String json = map.toJson();
    ShardMap read = ShardMap.parse(json);
    assertThat(read).isEqualTo(map).hasSameHashCodeAs(map);
    assertThat(read.toJson()).isEqualTo(json);
    assertThat(read.fingerprint()).isEqualTo(map.fingerprint());
    assertThat(read.pins()).isEqualTo(map.pins());
    for (int slot = 0; slot < map.slotCount(); slot++) {
      assertThat(read.slotStatus(slot)).isEqualTo(map.slotStatus(slot));
    }
  }

  @Property(tries = 300)
  void equalMapsAndOnlyTheyHaveOneText(@ForAll long one, @ForAll long other) {
    ShardMap a = ShardMaps.map(new Random(one));
    ShardMap b = ShardMaps.map(new Random(other));
    assertThat(a.toJson().equals(b.toJson())).isEqualTo(a.equals(b));
    assertThat(ShardMaps.map(new Random(one))).isEqualTo(a);
    ShardMap next = ShardMaps.step(a, new Random(other));
    assertThat(next.toJson().equals(a.toJson())).isEqualTo(next.equals(a));
  }

  @Property(tries = 3000)
  void flippedBytesNeverGiveAnotherMap(@ForAll("maps") ShardMap map, @ForAll long seed) {
    byte[] bytes = map.toJson().getBytes(StandardCharsets.UTF_8);
    Random random = new Random(seed);
    for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
      int at = random.nextInt(bytes.length);
      bytes[at] =
          (byte) (random.nextBoolean() ? bytes[at] ^ 1 << random.nextInt(8) : random.nextInt());
    }
    assertRefusedOrEqual(new String(bytes, StandardCharsets.UTF_8), map);
  }

  @Property(tries = 1000)
  void cutTextsAreRefused(@ForAll("maps") ShardMap map, @ForAll long seed) {
    String json = map.toJson().strip();
    String cut = json.substring(0, new Random(seed).nextInt(json.length()));
    String message = refusal(cut);
    assertThat(message).contains("line ").containsAnyOf("cut off", "empty");
  }

  @Property(tries = 1000)
  void transplantedPiecesNeverGiveAnotherMap(@ForAll("maps") ShardMap map, @ForAll long seed) {
    StringBuilder json = new StringBuilder(map.toJson());
    Random random = new Random(seed);
    int from = random.nextInt(json.length());
    int to = from + random.nextInt(Math.min(40, json.length() - from));
    String piece = json.substring(from, to);
    if (random.nextBoolean()) {
      json.delete(from, to);
    }
    json.insert(random.nextInt(json.length()), piece);
    assertRefusedOrEqual(json.toString(), map);
  }

  private static void assertRefusedOrEqual(String json, ShardMap map) {
    try {
      assertThat(ShardMap.parse(json)).isEqualTo(map);
    } catch (ShardMapException refused) {
      assertThat(refused.getMessage()).contains("shard map");
    }
  }

  private static String refusal(String json) {
    try {
      return "accepted: " + ShardMap.parse(json);
    } catch (ShardMapException refused) {
      return refused.getMessage();
    }
  }
}
