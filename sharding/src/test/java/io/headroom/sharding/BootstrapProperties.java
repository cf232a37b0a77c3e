package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.KeyHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntToLongFunction;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Laws 1, 3 and 4 of maps made from a membership. */
class BootstrapProperties {

  private static ShardMap map(int slots, List<Shard> shards) {
    return ShardMap.builder().slots(slots).shards(shards).build();
  }

  @Property(tries = 100)
  void anyOrderOfTheListAndAnyThreadGiveOneMap(@ForAll long seed) {
    Random random = new Random(seed);
    List<Shard> shards = ShardMaps.shards(random, 1 + random.nextInt(20), List.of());
    List<Shard> shuffled = new ArrayList<>(shards);
    Collections.shuffle(shuffled, random);
    ShardMap here = map(256, shards);
    ShardMap there = CompletableFuture.supplyAsync(() -> map(256, shuffled)).join();
    assertThat(there).isEqualTo(here).hasSameHashCodeAs(here);
    assertThat(there.toJson()).isEqualTo(here.toJson());
  }

  @Property(tries = 100)
  void drainingShardsOwnNothing(@ForAll long seed) {
    List<Shard> shards = ShardMaps.shards(new Random(seed), 10, List.of());
    ShardMap map = map(512, shards);
    for (int slot = 0; slot < map.slotCount(); slot++) {
      assertThat(map.ownerOf(slot).state()).isEqualTo(ShardState.ACTIVE);
    }
  }

  @Property(tries = 100)
  void addingAShardMovesSlotsOnlyToItAndRemovingOnlyFromIt(@ForAll long seed) {
    Random random = new Random(seed);
    List<Shard> shards = ShardMaps.shards(random, 2 + random.nextInt(20), List.of());
    Shard added = Shard.of("added").withWeight(1 + random.nextInt(3));
    List<Shard> more = new ArrayList<>(shards);
    more.add(added);
    ShardMap before = map(1024, shards);
    ShardMap after = map(1024, more);
    for (int slot = 0; slot < 1024; slot++) {
      if (!after.ownerOf(slot).equals(added)) {
        assertThat(after.ownerOf(slot)).isEqualTo(before.ownerOf(slot));
      }
    }
  }

  @Property(tries = 100)
  void anotherWeightMovesSlotsOnlyToOrFromItsShard(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int quarters) {
    List<Shard> shards = ShardMaps.shards(new Random(seed), 8, List.of());
    ShardMap before = map(1024, shards);
    String changed = shards.get(0).id();
    List<Shard> others = new ArrayList<>(shards);
    others.set(0, shards.get(0).withWeight(quarters / 4.0));
    ShardMap after = map(1024, others);
    boolean heavier = quarters / 4.0 > shards.get(0).weight();
    for (int slot = 0; slot < 1024; slot++) {
      String was = before.ownerOf(slot).id();
      String is = after.ownerOf(slot).id();
      if (!was.equals(is)) {
        assertThat(heavier ? is : was).isEqualTo(changed);
      }
    }
  }

  @Property(tries = 30)
  void scalingAllWeightsChangesNothing(@ForAll long seed) {
    List<Shard> shards = ShardMaps.shards(new Random(seed), 9, List.of());
    List<Shard> scaled = shards.stream().map(s -> s.withWeight(s.weight() * 1024)).toList();
    assertThat(map(512, scaled).owners()).isEqualTo(map(512, shards).owners());
  }

  @Property(tries = 20, seed = "20261122")
  void sharesFollowTheWeights(@ForAll @IntRange(min = 2, max = 60) int count) {
    double[] weights = new double[count];
    ShardMapBuilder builder = ShardMap.builder().slots(16_384);
    for (int i = 0; i < count; i++) {
      weights[i] = 1 + i % 5;
      builder.shard("%s-%03d".formatted(Integer.toHexString(count), i), weights[i]);
    }
    ChiSquare.assertFits(ShardMaps.counts(builder.build()), weights);
  }

  @Example
  void theSlotsOfOneShardAreAsIfDrawnAtRandom() {
    // How many of the slots 2i and 2i+1 have one owner: binomial with p = 1/8 for 8 shards.
    ShardMap map = map(1 << 18, ids(8, "pair-"));
    int same = 0;
    for (int slot = 0; slot < map.slotCount(); slot += 2) {
      same += map.ownerOrdinal(slot) == map.ownerOrdinal(slot + 1) ? 1 : 0;
    }
    int pairs = map.slotCount() / 2;
    ChiSquare.assertFits(new int[] {same, pairs - same}, new double[] {1, 7});
  }

  @Example
  void whatAShardTakesIsItsWeightedShare() {
    List<Shard> before = ids(10, "take-");
    List<Shard> after = new ArrayList<>(before);
    after.add(Shard.of("new").withWeight(2));
    ShardMap map = map(1 << 16, after);
    int taken = ShardMaps.counts(map)[map.shards().indexOf(map.shard("new"))];
    ChiSquare.assertFits(new int[] {taken, (1 << 16) - taken}, new double[] {2, 10});
  }

  @Example
  void realKeysSpreadEvenly() {
    ShardMap made = map(16_384, ids(16, "db-"));
    ShardMap map = made.rebalance(made.membership()).assign();
    assertSpread(map, i -> KeyHash.of((long) i));
    assertSpread(map, i -> KeyHash.of(((1_700_000_000_000L + i / 3) << 22) | (i % 3)));
    Random random = new Random(7);
    assertSpread(map, i -> KeyHash.of(new UUID(random.nextLong(), random.nextLong())));
    assertSpread(map, i -> KeyHash.of("user" + i + "@example.com"));
    assertSpread(map, i -> KeyHash.of("com.example.app" + i % 317 + ".module" + i / 317));
  }

  /** 64 keys a slot, so that slots with none too many don't hide a skew. */
  private static void assertSpread(ShardMap map, IntToLongFunction hash) {
    int[] counts = new int[map.shardCount()];
    for (int i = 0; i < map.slotCount() * 64; i++) {
      counts[map.ownerOrdinal((int) (hash.applyAsLong(i) & (map.slotCount() - 1)))]++;
    }
    double[] weights = new double[counts.length];
    Arrays.fill(weights, 1);
    ChiSquare.assertFits(counts, weights);
  }

  @Example
  void idsOfOneKeyHashStillDrawDifferently() {
    SplitStream a = new SplitStream("a");
    SplitStream b = new SplitStream("b");
    assertThat(a.next()).isNotEqualTo(b.next());
    // The hash alone doesn't seed the stream: both names go in with all their characters.
    assertThat(new SplitStream("ab").next()).isNotEqualTo(new SplitStream("ba").next());
  }

  @Example
  void theSmallestAndTheLargestWeightStandSideBySide() {
    Shard tiny = Shard.of("tiny").withWeight(Shard.MIN_WEIGHT);
    Shard huge = Shard.of("huge").withWeight(Shard.MAX_WEIGHT);
    ShardMap map = map(1024, List.of(tiny, huge, Shard.of("usual")));
    assertThat(map.owners().toArray()).containsOnly(0);
    assertThat(map.shardAt(0)).isEqualTo(huge);
    assertThat(ShardMap.parse(map.toJson())).isEqualTo(map);
    assertThat(map.rebalance(map.membership()).moveCount()).isZero();
    ShardMap emptied = map.rebalance(Membership.of(List.of(tiny, tiny2()))).assign();
    assertThat(ShardMaps.counts(emptied)).containsExactly(512, 512);
    assertThat(ShardMaps.counts(map(1024, List.of(tiny, tiny2()))))
        .isEqualTo(ShardMaps.counts(map(1024, List.of(Shard.of("tiny"), Shard.of("tiny2")))));
  }

  private static Shard tiny2() {
    return Shard.of("tiny2").withWeight(Shard.MIN_WEIGHT);
  }

  @Example
  void aHundredThousandShardsOnAMillionSlots() {
    ShardMap map = map(1 << 20, ids(100_000, "shard-"));
    assertThat(map.shardCount()).isEqualTo(100_000);
    double[] weights = new double[100];
    int[] counts = new int[100];
    Arrays.fill(weights, 1);
    for (int owner : map.owners().toArray()) {
      counts[owner / 1000]++;
    }
    ChiSquare.assertFits(counts, weights);
  }

  private static List<Shard> ids(int count, String prefix) {
    List<Shard> shards = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      shards.add(Shard.of(prefix + i));
    }
    return shards;
  }
}
