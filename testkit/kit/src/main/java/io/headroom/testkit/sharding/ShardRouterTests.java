package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * All laws of {@link ShardRouterContract} as tests of JUnit Jupiter: extend it and say what your
 * router is.
 *
 * <pre>{@code
 * class TenantRouterTest extends ShardRouterTests<TenantId> {
 *   @Override
 *   public RouterSubject<TenantId> subject() {
 *     return RouterSubject.<TenantId>overMaps("tenants", map -> new TenantRouter(map)::shardIdOf)
 *         .keys(SampleKeys.sequentialIds().map(TenantId::new))
 *         .build();
 *   }
 * }
 * }</pre>
 *
 * <p>Members and keys come from fixed seeds, so that a failure is the same everywhere. A law that
 * is not asked of the subject is a skipped test with the reason. The class needs a constructor
 * without parameters, of any visibility, since another JVM makes the subject as well.
 *
 * @param <K> the type of the keys
 */
@SuppressWarnings("exports") // whoever extends this has JUnit
public abstract class ShardRouterTests<K> implements RouterSubjectSource<K> {

  private static final long SEED = 20_260_101;
  private static final int FEW_KEYS = 500;
  private static final int MANY_KEYS = 20_000;

  private final RouterSubject<K> subject = subject();
  private final ShardRouterContract<K> contract = ShardRouterContract.of(subject);

  /** For subclasses. */
  protected ShardRouterTests() {}

  /**
   * A running PostgreSQL to compare slots with.
   *
   * @return where to ask, or null, as unless overridden, to skip that law
   */
  protected @Nullable DataSource postgres() {
    return null;
  }

  /** {@link ShardLaw#TOTAL}. */
  @Test
  public void everyKeyHasAShardAndNoOtherHas() {
    asked(ShardLaw.TOTAL);
    Samples.memberships(SEED).forEach(members -> contract.total(members, fewKeys()));
  }

  /** {@link ShardLaw#DETERMINISTIC}. */
  @Test
  public void sameAnswerInEveryOrderAndThread() {
    asked(ShardLaw.DETERMINISTIC);
    Samples.memberships(SEED).forEach(members -> contract.deterministic(members, fewKeys()));
  }

  /** {@link ShardLaw#SAME_IN_EVERY_JVM}. */
  @Test
  @SuppressWarnings("unchecked") // this class is one
  public void sameAnswerInAnotherJvm() {
    asked(ShardLaw.SAME_IN_EVERY_JVM);
    contract.sameInAnotherJvm((Class<? extends RouterSubjectSource<?>>) getClass(), SEED);
  }

  /** {@link ShardLaw#SAME_IN_EVERY_JVM}. */
  @Test
  public void sameAnswerAsEver() {
    asked(ShardLaw.SAME_IN_EVERY_JVM);
    Assumptions.assumeTrue(subject.goldenValue != null, contract::noGoldenValue);
    contract.sameAsGolden();
  }

  /** {@link ShardLaw#EQUAL_KEYS}. */
  @Test
  public void equalKeysOfDifferentTypesShareAShard() {
    asked(ShardLaw.EQUAL_KEYS);
    Samples.memberships(SEED).forEach(members -> contract.equalKeys(members, fewKeys()));
  }

  /** {@link ShardLaw#MINIMAL_DISRUPTION}. */
  @Test
  public void aShardThatJoinsOrLeavesMovesOnlyItsOwnKeys() {
    asked(ShardLaw.MINIMAL_DISRUPTION);
    Samples.memberships(SEED)
        .forEach(members -> contract.joiningTakesOnly(members, Samples.newcomer(SEED), fewKeys()));
  }

  /** {@link ShardLaw#MINIMAL_DISRUPTION}. */
  @Test
  public void anotherWeightMovesKeysOnlyToOrFromItsShard() {
    asked(ShardLaw.MINIMAL_DISRUPTION);
    forEachMember(id -> members -> contract.reweightingMovesOnly(members, id, 2.5, fewKeys()));
    forEachMember(id -> members -> contract.reweightingMovesOnly(members, id, 0.25, fewKeys()));
  }

  /** {@link ShardLaw#MOVED_SHARE}. */
  @Test
  public void aShardThatJoinsTakesItsShare() {
    asked(ShardLaw.MOVED_SHARE);
    Samples.memberships(SEED)
        .forEach(members -> contract.movedShare(members, Samples.newcomer(SEED), manyKeys()));
  }

  /** {@link ShardLaw#PLANS}. */
  @Test
  public void aPlanBalancesWithTheFewestMoves() {
    asked(ShardLaw.PLANS);
    forEachChange((members, target) -> contract.plans(members, target, fewKeys()));
  }

  /** {@link ShardLaw#BALANCE}. */
  @Test
  public void sharesFollowTheWeights() {
    asked(ShardLaw.BALANCE);
    Samples.memberships(SEED).forEach(members -> contract.balance(members, manyKeys()));
  }

  /** {@link ShardLaw#PINS}. */
  @Test
  public void pinnedKeysStayThroughEveryRebalance() {
    asked(ShardLaw.PINS);
    forEachChange((members, target) -> contract.pins(members, target, subject.keys.draw(SEED, 30)));
  }

  /** {@link ShardLaw#COLOCATION}. */
  @Test
  public void whatBelongsTogetherStaysTogether() {
    asked(ShardLaw.COLOCATION);
    forEachChange((members, target) -> contract.colocation(members, target, fewKeys()));
  }

  /** {@link ShardLaw#TEXT_FORM}. */
  @Test
  public void whatIsWrittenReadsBackEqual() {
    asked(ShardLaw.TEXT_FORM);
    Samples.memberships(SEED).forEach(members -> contract.roundTrip(members, fewKeys()));
  }

  /** {@link ShardLaw#TEXT_FORM}. */
  @Test
  public void damagedTextIsRefused() {
    asked(ShardLaw.TEXT_FORM);
    contract.damagedTextIsRefused(Samples.membership(SEED, 5, true), SEED, fewKeys());
  }

  /** {@link ShardLaw#RANGES}. */
  @Test
  public void aRangeCoversItsKeys() {
    asked(ShardLaw.RANGES);
    Samples.memberships(SEED).forEach(members -> contract.ranges(members, fewKeys()));
  }

  /** {@link ShardLaw#GOLDEN_VECTORS}. */
  @Test
  public void goldenKeysHaveTheirGoldenSlots() {
    asked(ShardLaw.GOLDEN_VECTORS);
    contract.goldenVectors(Samples.membership(SEED, 5, true));
  }

  /**
   * {@link ShardLaw#SQL}.
   *
   * @throws SQLException if PostgreSQL can't be asked
   */
  @Test
  public void postgresComputesTheSameSlots() throws SQLException {
    asked(ShardLaw.SQL);
    DataSource postgres = postgres();
    Assumptions.assumeTrue(postgres != null, "postgres() gives no running PostgreSQL to ask");
    contract.sqlAgrees(Samples.membership(SEED, 5, true), fewKeys(), RouterSubject.given(postgres));
  }

  private void asked(ShardLaw law) {
    String excuse = subject.excuseFrom(law).orElse("");
    Assumptions.assumeTrue(excuse.isEmpty(), excuse);
  }

  private Collection<K> fewKeys() {
    return subject.keys.drawWithEdgeCases(SEED, FEW_KEYS);
  }

  private Collection<K> manyKeys() {
    return subject.keys.draw(SEED, MANY_KEYS);
  }

  private static void forEachMember(java.util.function.Function<String, Consumer<Membership>> law) {
    Membership members = Samples.membership(SEED, 7, true);
    for (Shard shard : members.shards()) {
      law.apply(shard.id()).accept(members);
    }
  }

  private static void forEachChange(java.util.function.BiConsumer<Membership, Membership> law) {
    for (Membership members : Samples.memberships(SEED)) {
      for (Membership target : changesOf(members)) {
        law.accept(members, target);
      }
    }
  }

  /** A shard more, a shard fewer, another weight, a shard draining. */
  private static List<Membership> changesOf(Membership members) {
    Membership more = members.with(Samples.newcomer(SEED));
    String first = members.shards().get(0).id();
    return List.of(
        more, more.without(first), more.withWeight(first, 4), more.draining(first), members);
  }
}
