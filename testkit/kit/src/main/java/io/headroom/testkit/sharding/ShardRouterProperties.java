package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;

/**
 * All laws of {@link ShardRouterContract} as properties of jqwik: extend it and say what your
 * router is, as for {@link ShardRouterTests}.
 *
 * <p>Members and keys are jqwik's to draw and to shrink; the statistical laws have a fixed seed,
 * and raise a false alarm once in tens of thousands of changes to a router. A law that is not asked
 * of the subject is a skipped property with the reason. The class needs a constructor without
 * parameters. Agreement with a running PostgreSQL is left to {@link ShardRouterTests}.
 *
 * @param <K> the type of the keys
 */
@SuppressWarnings("exports") // whoever extends this has jqwik
@AddLifecycleHook(SkipUnaskedLaws.class)
public abstract class ShardRouterProperties<K> implements RouterSubjectSource<K> {

  private static final int TRIES = 30;
  private static final int STATISTICAL_TRIES = 10;
  private static final int MANY_KEYS = 10_000;
  private static final long SEED = 20_260_101;

  private final RouterSubject<K> subject = subject();
  private final ShardRouterContract<K> contract = ShardRouterContract.of(subject);

  /** For subclasses. */
  protected ShardRouterProperties() {}

  /**
   * Fleets to try.
   *
   * @return memberships of 1 to 10 weighted shards
   */
  @Provide
  public Arbitrary<Membership> memberships() {
    return ShardingArbitraries.memberships(1, 10);
  }

  /**
   * Shards that join.
   *
   * @return shards of any weight
   */
  @Provide
  public Arbitrary<Shard> newcomers() {
    return ShardingArbitraries.shards().map(shard -> Shard.of("+" + shard.id()));
  }

  /**
   * Keys to try.
   *
   * @return lists of the subject's keys, edge cases included
   */
  @Provide
  public Arbitrary<List<K>> keys() {
    return ShardingArbitraries.keyLists(subject.keys());
  }

  /**
   * {@link ShardLaw#TOTAL}.
   *
   * @param members the members
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.TOTAL)
  @Property(tries = TRIES)
  public void everyKeyHasAShardAndNoOtherHas(
      @ForAll("memberships") Membership members, @ForAll("keys") List<K> keys) {
    contract.total(members, keys);
  }

  /**
   * {@link ShardLaw#DETERMINISTIC}.
   *
   * @param members the members
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.DETERMINISTIC)
  @Property(tries = TRIES)
  public void sameAnswerInEveryOrderAndThread(
      @ForAll("memberships") Membership members, @ForAll("keys") List<K> keys) {
    contract.deterministic(members, keys);
  }

  /**
   * {@link ShardLaw#EQUAL_KEYS}.
   *
   * @param members the members
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.EQUAL_KEYS)
  @Property(tries = TRIES)
  public void equalKeysOfDifferentTypesShareAShard(
      @ForAll("memberships") Membership members, @ForAll("keys") List<K> keys) {
    contract.equalKeys(members, keys);
  }

  /**
   * {@link ShardLaw#MINIMAL_DISRUPTION}.
   *
   * @param members the members
   * @param newcomer a shard that joins
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.MINIMAL_DISRUPTION)
  @Property(tries = TRIES)
  public void aShardThatJoinsOrLeavesMovesOnlyItsOwnKeys(
      @ForAll("memberships") Membership members,
      @ForAll("newcomers") Shard newcomer,
      @ForAll("keys") List<K> keys) {
    contract.joiningTakesOnly(members, newcomer, keys);
  }

  /**
   * {@link ShardLaw#MINIMAL_DISRUPTION}.
   *
   * @param members the members
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.MINIMAL_DISRUPTION)
  @Property(tries = TRIES)
  public void anotherWeightMovesKeysOnlyToOrFromItsShard(
      @ForAll("memberships") Membership members, @ForAll("keys") List<K> keys) {
    String id = members.shards().get(members.shards().size() / 2).id();
    contract.reweightingMovesOnly(members, id, 2.5, keys);
    contract.reweightingMovesOnly(members, id, 0.25, keys);
  }

  /**
   * {@link ShardLaw#PLANS}.
   *
   * @param members the members
   * @param newcomer a shard that joins
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.PLANS)
  @Property(tries = TRIES)
  public void aPlanBalancesWithTheFewestMoves(
      @ForAll("memberships") Membership members,
      @ForAll("newcomers") Shard newcomer,
      @ForAll("keys") List<K> keys) {
    contract.plans(members, members.with(newcomer), keys);
    contract.plans(members.with(newcomer), members, keys);
  }

  /**
   * {@link ShardLaw#PINS}.
   *
   * @param members the members
   * @param newcomer a shard that joins
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.PINS)
  @Property(tries = TRIES)
  public void pinnedKeysStayThroughEveryRebalance(
      @ForAll("memberships") Membership members,
      @ForAll("newcomers") Shard newcomer,
      @ForAll("keys") List<K> keys) {
    contract.pins(members, members.with(newcomer), keys);
    contract.pins(members.with(newcomer), members, keys);
  }

  /**
   * {@link ShardLaw#COLOCATION}.
   *
   * @param members the members
   * @param newcomer a shard that joins
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.COLOCATION)
  @Property(tries = TRIES)
  public void whatBelongsTogetherStaysTogether(
      @ForAll("memberships") Membership members,
      @ForAll("newcomers") Shard newcomer,
      @ForAll("keys") List<K> keys) {
    contract.colocation(members, members.with(newcomer), keys);
  }

  /**
   * {@link ShardLaw#TEXT_FORM}.
   *
   * @param members the members
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.TEXT_FORM)
  @Property(tries = TRIES)
  public void whatIsWrittenReadsBackEqual(
      @ForAll("memberships") Membership members, @ForAll("keys") List<K> keys) {
    contract.roundTrip(members, keys);
  }

  /**
   * {@link ShardLaw#TEXT_FORM}.
   *
   * @param members the members
   * @param seed which damages
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.TEXT_FORM)
  @Property(tries = STATISTICAL_TRIES)
  public void damagedTextIsRefused(
      @ForAll("memberships") Membership members, @ForAll long seed, @ForAll("keys") List<K> keys) {
    contract.damagedTextIsRefused(members, seed, keys);
  }

  /**
   * {@link ShardLaw#RANGES}.
   *
   * @param members the members
   * @param keys the keys
   */
  @AsksLaw(ShardLaw.RANGES)
  @Property(tries = TRIES)
  public void aRangeCoversItsKeys(
      @ForAll("memberships") Membership members, @ForAll("keys") List<K> keys) {
    contract.ranges(members, keys);
  }

  /**
   * {@link ShardLaw#BALANCE}.
   *
   * @param members the members
   */
  @AsksLaw(ShardLaw.BALANCE)
  @Property(tries = STATISTICAL_TRIES, seed = "42", shrinking = ShrinkingMode.OFF)
  public void sharesFollowTheWeights(@ForAll("memberships") Membership members) {
    contract.balance(members, subject.keys().draw(SEED, MANY_KEYS));
  }

  /**
   * {@link ShardLaw#MOVED_SHARE}.
   *
   * @param members the members
   * @param newcomer a shard that joins
   */
  @AsksLaw(ShardLaw.MOVED_SHARE)
  @Property(tries = STATISTICAL_TRIES, seed = "42", shrinking = ShrinkingMode.OFF)
  public void aShardThatJoinsTakesItsShare(
      @ForAll("memberships") Membership members, @ForAll("newcomers") Shard newcomer) {
    contract.movedShare(members, newcomer, subject.keys().draw(SEED, MANY_KEYS));
  }

  /** {@link ShardLaw#SAME_IN_EVERY_JVM}. */
  @AsksLaw(ShardLaw.SAME_IN_EVERY_JVM)
  @Example
  @SuppressWarnings("unchecked") // this class is one
  public void sameAnswerInAnotherJvm() {
    contract.sameInAnotherJvm((Class<? extends RouterSubjectSource<?>>) getClass(), SEED);
  }

  /** {@link ShardLaw#SAME_IN_EVERY_JVM}; skipped without a golden value. */
  @AsksLaw(value = ShardLaw.SAME_IN_EVERY_JVM, takesGoldenValue = true)
  @Example
  public void sameAnswerAsEver() {
    contract.sameAsGolden();
  }

  /**
   * {@link ShardLaw#GOLDEN_VECTORS}.
   *
   * @param members the members
   */
  @AsksLaw(ShardLaw.GOLDEN_VECTORS)
  @Property(tries = STATISTICAL_TRIES)
  public void goldenKeysHaveTheirGoldenSlots(@ForAll("memberships") Membership members) {
    contract.goldenVectors(members);
  }
}
