package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * The laws that a shard router keeps, each a method over members and keys that throws an {@link
 * AssertionError} with the counter-example.
 *
 * <pre>{@code
 * ShardRouterContract<TenantId> contract = ShardRouterContract.of(subject);
 * contract.joiningTakesOnly(Membership.of("a", "b"), Shard.of("c"), keys);
 * }</pre>
 *
 * <p>This class knows no test engine. {@link ShardRouterTests} runs all laws under JUnit Jupiter,
 * {@link ShardRouterProperties} under jqwik. A law that is not asked of the subject ({@link
 * RouterSubject#excuseFrom}) throws an {@link IllegalStateException} with the reason, so that none
 * is passed in silence.
 *
 * <p>Statistical laws ({@link #balance}, {@link #movedShare}) raise a false alarm once in a million
 * calls for a router that keeps them; call them with fixed seeds. They assume keys spread by a good
 * hash; {@link ShardLaw} says for which routers each law holds.
 *
 * <p>Thread-safe, as long as the subject's functions are.
 *
 * @param <K> the type of the keys
 */
public final class ShardRouterContract<K> {

  private final RouterSubject<K> subject;
  private final PlacementLaws<K> placement;
  private final PlanLaws<K> plans;
  private final TextLaws<K> texts;
  private final JvmLaws<K> jvms;
  private final SqlLaws<K> sql;

  private ShardRouterContract(RouterSubject<K> subject) {
    this.subject = Objects.requireNonNull(subject, "subject");
    this.placement = new PlacementLaws<>(subject);
    this.plans = new PlanLaws<>(subject);
    this.texts = new TextLaws<>(subject);
    this.jvms = new JvmLaws<>(subject);
    this.sql = new SqlLaws<>(subject);
  }

  /**
   * Takes a router to be held to the laws.
   *
   * @param subject the router
   * @param <K> the type of the keys
   * @return its contract
   */
  public static <K> ShardRouterContract<K> of(RouterSubject<K> subject) {
    return new ShardRouterContract<>(subject);
  }

  /**
   * {@link ShardLaw#TOTAL}: every key is on a member; null and the subject's unknown keys are
   * refused by an exception.
   *
   * @param members the members
   * @param keys the keys
   */
  public void total(Membership members, Collection<? extends K> keys) {
    ask(ShardLaw.TOTAL);
    placement.total(members, keys);
  }

  /**
   * {@link ShardLaw#DETERMINISTIC}: the same for every order of the members, again, and in many
   * threads.
   *
   * @param members the members
   * @param keys the keys
   */
  public void deterministic(Membership members, Collection<? extends K> keys) {
    ask(ShardLaw.DETERMINISTIC);
    placement.deterministic(members, keys);
  }

  /**
   * {@link ShardLaw#SAME_IN_EVERY_JVM}: starts another JVM, of another locale, encoding and time
   * zone, and compares.
   *
   * @param source makes the same subject there as the one here
   * @param seed what the keys and members depend on
   */
  public void sameInAnotherJvm(Class<? extends RouterSubjectSource<?>> source, long seed) {
    ask(ShardLaw.SAME_IN_EVERY_JVM);
    jvms.sameElsewhere(source, seed);
  }

  /**
   * {@link ShardLaw#SAME_IN_EVERY_JVM}: the sample keys are where they were when the golden value
   * was taken; holds if none was.
   */
  public void sameAsGolden() {
    ask(ShardLaw.SAME_IN_EVERY_JVM);
    jvms.sameAsGolden();
  }

  /** Why nothing is compared with what was ever. */
  String noGoldenValue() {
    return "goldenValue(...) is not given; at present it is " + goldenValue();
  }

  /**
   * Computes the golden value, for {@link RouterSubjectBuilder#goldenValue}.
   *
   * @return a digest of where the sample keys are, of 16 characters
   */
  public String goldenValue() {
    return jvms.goldenValue();
  }

  /**
   * {@link ShardLaw#EQUAL_KEYS}: the equal forms of each key are on its shard.
   *
   * @param members the members
   * @param keys the keys
   */
  public void equalKeys(Membership members, Collection<? extends K> keys) {
    ask(ShardLaw.EQUAL_KEYS);
    placement.equalKeys(members, keys);
  }

  /**
   * {@link ShardLaw#MINIMAL_DISRUPTION}: a shard that joins takes keys and moves none elsewhere;
   * when it leaves again, only its own keys move.
   *
   * @param members the members before
   * @param joining the shard that joins them, and leaves
   * @param keys the keys
   */
  public void joiningTakesOnly(Membership members, Shard joining, Collection<? extends K> keys) {
    ask(ShardLaw.MINIMAL_DISRUPTION);
    placement.joining(members, joining, keys);
  }

  /**
   * {@link ShardLaw#MINIMAL_DISRUPTION}: a shard whose weight grows only takes keys, one whose
   * weight shrinks only gives some.
   *
   * @param members the members
   * @param id the shard whose weight changes
   * @param factor by how much
   * @param keys the keys
   */
  public void reweightingMovesOnly(
      Membership members, String id, double factor, Collection<? extends K> keys) {
    ask(ShardLaw.MINIMAL_DISRUPTION);
    placement.reweighting(members, id, factor, keys);
  }

  /**
   * {@link ShardLaw#MOVED_SHARE}: the share of keys that move to a joining shard is its share of
   * the weight, within what chance allows.
   *
   * @param members the members before
   * @param joining the shard that joins them
   * @param keys some thousand keys
   */
  public void movedShare(Membership members, Shard joining, Collection<? extends K> keys) {
    ask(ShardLaw.MOVED_SHARE);
    placement.movedShare(members, joining, keys);
  }

  /**
   * {@link ShardLaw#PLANS}: a rebalance gives each shard its weighted share within one slot, by the
   * fewest moves; no key moves before its slot has, or against the plan.
   *
   * @param members the members before
   * @param target the members after
   * @param keys the keys
   */
  public void plans(Membership members, Membership target, Collection<? extends K> keys) {
    ask(ShardLaw.PLANS);
    plans.plans(members, target, keys);
  }

  /**
   * {@link ShardLaw#BALANCE}: the keys' shares follow the weights, by a χ² test that takes into
   * account that the keys of a slot go together.
   *
   * @param members the members
   * @param keys some thousand keys
   */
  public void balance(Membership members, Collection<? extends K> keys) {
    ask(ShardLaw.BALANCE);
    placement.balance(members, keys);
  }

  /**
   * {@link ShardLaw#PINS}: keys pinned to shards that stay are on those through a rebalance.
   *
   * @param members the members before
   * @param target the members after
   * @param keys the keys to pin
   */
  public void pins(Membership members, Membership target, Collection<? extends K> keys) {
    ask(ShardLaw.PINS);
    plans.pins(members, target, keys);
  }

  /**
   * {@link ShardLaw#COLOCATION}: keys that belong together are on one shard before, during and
   * after a rebalance.
   *
   * @param members the members before
   * @param target the members after
   * @param keys the keys
   */
  public void colocation(Membership members, Membership target, Collection<? extends K> keys) {
    ask(ShardLaw.COLOCATION);
    plans.colocation(members, target, keys);
  }

  /**
   * {@link ShardLaw#TEXT_FORM}: written and read back, the layout is equal, keeps fields that this
   * version doesn't know, and routes the same.
   *
   * @param members the members
   * @param keys the keys
   */
  public void roundTrip(Membership members, Collection<? extends K> keys) {
    ask(ShardLaw.TEXT_FORM);
    texts.roundTrip(members, keys);
  }

  /**
   * {@link ShardLaw#TEXT_FORM}: text that was cut off is refused; text with a changed character is
   * refused or means the same.
   *
   * @param members the members
   * @param seed which damages are tried
   * @param keys the keys
   */
  public void damagedTextIsRefused(Membership members, long seed, Collection<? extends K> keys) {
    ask(ShardLaw.TEXT_FORM);
    texts.damagedTextIsRefused(members, seed, keys);
  }

  /**
   * {@link ShardLaw#RANGES}: the shards of a range include the shard of each key in it.
   *
   * @param members the members
   * @param keys the keys that ranges are made of
   */
  public void ranges(Membership members, Collection<? extends K> keys) {
    ask(ShardLaw.RANGES);
    texts.ranges(members, keys);
  }

  /**
   * {@link ShardLaw#GOLDEN_VECTORS}: the golden vectors of {@code KeyHash} that are keys of this
   * router have their golden slots.
   *
   * @param members the members, of which a map with a power of two of slots is made
   */
  public void goldenVectors(Membership members) {
    ask(ShardLaw.GOLDEN_VECTORS);
    sql.goldenVectors(members);
  }

  /**
   * {@link ShardLaw#SQL}: a running PostgreSQL computes the same slot for each key.
   *
   * @param members the members
   * @param keys the keys
   * @param postgres where to ask; nothing is created there
   * @throws SQLException if PostgreSQL can't be asked
   */
  public void sqlAgrees(Membership members, Collection<? extends K> keys, DataSource postgres)
      throws SQLException {
    ask(ShardLaw.SQL);
    sql.sqlAgrees(members, keys, postgres);
  }

  private void ask(ShardLaw law) {
    subject
        .excuseFrom(law)
        .ifPresent(
            reason -> {
              throw new IllegalStateException(reason);
            });
  }
}
