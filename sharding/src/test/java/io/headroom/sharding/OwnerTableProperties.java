package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class OwnerTableProperties {

  @Property
  void holdsWhatItWasGiven(
      @ForAll @IntRange(max = 3000) int slots,
      @ForAll("shardCounts") int shards,
      @ForAll long seed) {
    int[] owners = owners(slots, shards, seed);
    OwnerTable table = OwnerTable.of(owners);

    assertThat(table.size()).isEqualTo(slots);
    assertThat(table.toArray()).isEqualTo(owners);
    for (int slot = 0; slot < slots; slot++) {
      assertThat(table.at(slot)).isEqualTo(owners[slot]);
    }
  }

  @Property
  void isEqualIfAllOwnersAre(
      @ForAll @IntRange(min = 1, max = 300) int slots,
      @ForAll("shardCounts") int shards,
      @ForAll long seed,
      @ForAll("bits") int bit) {
    int[] owners = owners(slots, shards, seed);
    OwnerTable table = OwnerTable.of(owners);

    assertThat(OwnerTable.of(owners.clone())).isEqualTo(table).hasSameHashCodeAs(table);
    owners[(int) Math.floorMod(seed, (long) slots)] ^= 1 << bit;
    assertThat(OwnerTable.of(owners)).isNotEqualTo(table);
  }

  /** The last slots of the largest map, whose bits lie furthest. */
  @Example
  void holdsTheLargestMap() {
    int[] owners = new int[ShardMap.MAX_SLOTS];
    owners[owners.length - 1] = Integer.MAX_VALUE;
    owners[owners.length - 2] = 1 << 16;

    assertThat(OwnerTable.of(owners).toArray()).isEqualTo(owners);
  }

  @Example
  void refusesASlotWithoutOwner() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OwnerTable.of(new int[] {0, -1}))
        .withMessageContaining("no owner");
  }

  @Provide
  Arbitrary<Integer> shardCounts() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 1 << 21),
        Arbitraries.integers().between((1 << 16) - 2, (1 << 16) + 2),
        Arbitraries.integers().between((1 << 17) - 2, (1 << 17) + 2));
  }

  @Provide
  Arbitrary<Integer> bits() {
    return Arbitraries.integers().between(0, 30);
  }

  private static int[] owners(int slots, int shards, long seed) {
    return new SplittableRandom(seed).ints(slots, 0, shards).toArray();
  }
}
