package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * What jqwik properties of sharding are made of: shards, memberships, maps and keys.
 *
 * <pre>{@code
 * @Provide
 * Arbitrary<Membership> fleets() {
 *   return ShardingArbitraries.memberships(1, 50);
 * }
 * }</pre>
 *
 * <p>With {@code @Domain(ShardingDomain.class)} parameters get them by their type. Thread-safe.
 */
@SuppressWarnings("exports") // whoever calls this has jqwik
public final class ShardingArbitraries {

  private static final int ID_LENGTH = 12;
  private static final double LIGHTEST = 0.25;
  private static final double HEAVIEST = 8;

  private ShardingArbitraries() {}

  /**
   * Ids of shards: short and plain for the most part, with spaces and scripts among the edge cases.
   *
   * @return ids that maps accept
   */
  public static Arbitrary<String> shardIds() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .numeric()
        .withChars("-_.")
        .ofMinLength(1)
        .ofMaxLength(ID_LENGTH)
        .edgeCases(
            config -> config.add("0", "A", "shard 1", "\u5206\u7247-1", "\ud83d\ude80", "\u00e4"));
  }

  /**
   * Shards of weights from a quarter to eight.
   *
   * @return shards that are ACTIVE, without region
   */
  public static Arbitrary<Shard> shards() {
    Arbitrary<Double> weights =
        Arbitraries.oneOf(
            Arbitraries.just(1.0), Arbitraries.doubles().between(LIGHTEST, HEAVIEST).ofScale(2));
    return Combinators.combine(shardIds(), weights)
        .as((id, weight) -> Shard.of(id).withWeight(weight));
  }

  /**
   * Shards with distinct ids.
   *
   * @param least the smallest number of them
   * @param most the largest number of them
   * @return memberships of weighted shards
   */
  public static Arbitrary<Membership> memberships(int least, int most) {
    return shards()
        .list()
        .uniqueElements(Shard::id)
        .ofMinSize(least)
        .ofMaxSize(most)
        .map(Membership::of);
  }

  /**
   * Maps of 256 slots that are made from memberships.
   *
   * @return maps of up to eight shards
   */
  public static Arbitrary<ShardMap> maps() {
    return memberships(1, 8)
        .map(members -> ShardMap.builder().slots(256).shards(members.shards()).build());
  }

  /**
   * Lists of keys, of which each may be an edge case.
   *
   * @param keys where they come from
   * @param <K> the type of the keys
   * @return lists of 1 to 50 keys, which shrink to fewer keys
   */
  public static <K> Arbitrary<List<K>> keyLists(SampleKeys<K> keys) {
    return keys(keys).list().ofMinSize(1).ofMaxSize(50);
  }

  /**
   * Keys, edge cases included.
   *
   * @param keys where they come from
   * @param <K> the type of the keys
   * @return single keys
   */
  public static <K> Arbitrary<K> keys(SampleKeys<K> keys) {
    Arbitrary<K> drawn = Arbitraries.longs().map(seed -> keys.draw(seed, 1).get(0));
    return keys.edgeCases().isEmpty()
        ? drawn
        : Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(9, drawn),
            net.jqwik.api.Tuple.of(1, Arbitraries.of(keys.edgeCases())));
  }
}
