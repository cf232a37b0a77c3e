package io.headroom.testkit.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.KeyHash;
import io.headroom.KeyType;
import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.SlotStatus;
import io.headroom.testkit.servers.PostgresExtension;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each law finds the router that breaks it, and shows a counter-example. */
class BrokenRoutersTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static final Membership MEMBERS =
      Membership.of(List.of(Shard.of("a"), Shard.of("b").withWeight(2), Shard.of("c")));

  private static final Shard NEWCOMER = Shard.of("d").withWeight(2);
  private static final Membership MORE = MEMBERS.with(NEWCOMER);
  private static final List<Long> KEYS = SampleKeys.longs().draw(1, 5_000);

  /** Another router in each process. */
  static final class DiffersByProcess implements RouterSubjectSource<Long> {
    @Override
    public RouterSubject<Long> subject() {
      long pid = ProcessHandle.current().pid();
      return overIds("differs by process", ids -> key -> pick(ids, key + pid)).build();
    }
  }

  /** No router in a process whose language is Turkish, as that of the other JVM. */
  static final class FailsElsewhere implements RouterSubjectSource<Long> {
    @Override
    public RouterSubject<Long> subject() {
      if (System.getProperty("user.language").equals("tr")) {
        throw new IllegalStateException("not in Turkish");
      }
      return modulo().build();
    }
  }

  /** Other keys in a process whose language is Turkish. */
  static final class GrowsElsewhere implements RouterSubjectSource<Long> {
    @Override
    public RouterSubject<Long> subject() {
      boolean turkish = System.getProperty("user.language").equals("tr");
      List<Long> edges = turkish ? List.of(-1L, -2L) : List.of(-1L);
      return modulo().keys(SampleKeys.sequentialIds().withEdgeCases(edges)).build();
    }
  }

  @Test
  void notTotal() {
    var stranger = contract(overIds("stranger", ids -> key -> "nobody"));
    var silent = contract(overIds("silent", ids -> key -> null));
    var refuser =
        contract(
            overIds(
                "refuser",
                ids ->
                    key -> {
                      throw new IllegalStateException("not today");
                    }));

    assertBroken(ShardLaw.TOTAL, () -> stranger.total(MEMBERS, KEYS), "'nobody'", "[a, b, c]");
    assertBroken(ShardLaw.TOTAL, () -> silent.total(MEMBERS, KEYS), "'null'");
    assertBroken(ShardLaw.TOTAL, () -> refuser.total(MEMBERS, KEYS), "was refused", "not today");
  }

  @Test
  void guessesWhereItShouldRefuse() {
    var lenient = contract(overIds("lenient", ids -> key -> ids.get(0)));
    var guesser = contract(modulo().unknownKeys(List.of(7L)));

    assertBroken(ShardLaw.TOTAL, () -> lenient.total(MEMBERS, KEYS), "key null was guessed");
    assertBroken(ShardLaw.TOTAL, () -> guesser.total(MEMBERS, KEYS), "key 7 (Long) was guessed");
  }

  @Test
  void notDeterministic() {
    var byListOrder =
        contract(
            RouterSubject.<Long>overMembers(
                    "by list order",
                    shards -> key -> pick(shards.stream().map(Shard::id).toList(), key))
                .keys(SampleKeys.longs()));
    AtomicLong calls = new AtomicLong();
    var byTime = contract(overIds("by time", ids -> key -> pick(ids, calls.getAndIncrement())));
    Thread main = Thread.currentThread();
    var byThread =
        contract(
            overIds(
                "by thread",
                ids -> key -> pick(ids, Thread.currentThread() == main ? key : key + 1)));

    assertBroken(
        ShardLaw.DETERMINISTIC,
        () -> byListOrder.deterministic(MEMBERS, KEYS),
        "with the members in the order",
        "b × 2.0");
    assertBroken(ShardLaw.DETERMINISTIC, () -> byTime.deterministic(MEMBERS, KEYS), "was on");
    assertBroken(
        ShardLaw.DETERMINISTIC,
        () -> byThread.deterministic(MEMBERS, KEYS),
        "while other threads ask");
  }

  @Test
  void notTheSameInAnotherJvm() {
    var differing = ShardRouterContract.of(new DiffersByProcess().subject());
    var failing = ShardRouterContract.of(new FailsElsewhere().subject());
    var growing = ShardRouterContract.of(new GrowsElsewhere().subject());

    assertBroken(
        ShardLaw.SAME_IN_EVERY_JVM,
        () -> differing.sameInAnotherJvm(DiffersByProcess.class, 1),
        "here key",
        "in the other JVM key");
    assertBroken(
        ShardLaw.SAME_IN_EVERY_JVM,
        () -> growing.sameInAnotherJvm(GrowsElsewhere.class, 1),
        "it must make the same subject");
    assertThatThrownBy(() -> failing.sameInAnotherJvm(FailsElsewhere.class, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("exit code 1")
        .hasMessageContaining("not in Turkish");
  }

  @Test
  void notAsEver() {
    var changed = contract(modulo().goldenValue("0123456789abcdef"));

    assertBroken(
        ShardLaw.SAME_IN_EVERY_JVM,
        changed::sameAsGolden,
        "the golden value was 0123456789abcdef and is " + changed.goldenValue());
  }

  @Test
  void distinguishesEqualKeys() {
    var byType =
        contract(
            RouterSubject.ofRouters("by type", ShardRouter::forLongs)
                .keys(SampleKeys.longs())
                .equalForms(
                    key -> List.of(key.intValue()), map -> form -> map.shardAt(0).id() + form));

    assertBroken(
        ShardLaw.EQUAL_KEYS, () -> byType.equalKeys(MEMBERS, List.of(5L)), "key 5 (Integer)");
  }

  @Test
  void movesMoreThanItMust() {
    var modulo = contract(modulo());

    assertBroken(
        ShardLaw.MINIMAL_DISRUPTION,
        () -> modulo.joiningTakesOnly(MEMBERS, NEWCOMER, KEYS),
        "moved from",
        "when 'd' joined; members were [a, b × 2.0, c]");
    var byWeights =
        contract(
            RouterSubject.<Long>overMembers(
                    "by weights", shards -> key -> pick(sortedIds(shards), key + total(shards)))
                .keys(SampleKeys.longs()));
    assertBroken(
        ShardLaw.MINIMAL_DISRUPTION,
        () -> byWeights.reweightingMovesOnly(MEMBERS, "a", 2, KEYS),
        "when 'a' had its weight times 2.0");
    assertThatThrownBy(() -> byWeights.reweightingMovesOnly(MEMBERS, "x", 2, KEYS))
        .hasMessageContaining("no member has the id 'x'");
  }

  @Test
  void ignoresWeights() {
    var weightBlind = contract(overIds("weight-blind", ids -> key -> rendezvous(ids, key)));

    weightBlind.joiningTakesOnly(MEMBERS, NEWCOMER, KEYS);
    assertBroken(
        ShardLaw.BALANCE,
        () -> weightBlind.balance(MEMBERS, KEYS),
        "χ² of 4418 keys on 3 shards",
        "farthest off is 'b'");
    assertBroken(
        ShardLaw.MOVED_SHARE,
        () -> weightBlind.movedShare(MEMBERS, NEWCOMER, KEYS),
        "when 'd' joined with 0.3333 of the weight");
  }

  @Test
  void movesKeysBeforeTheirRows() {
    var hasty =
        contract(
            RouterSubject.<Long>overMaps("hasty", map -> key -> targetOf(key, map))
                .keys(SampleKeys.longs()));
    var restless =
        contract(
            RouterSubject.<Long>overMaps(
                    "restless", map -> key -> pick(sortedIds(map.shards()), key + map.epoch() / 3))
                .keys(SampleKeys.longs()));

    assertBroken(
        ShardLaw.PLANS,
        () -> hasty.plans(MEMBERS, MORE, KEYS),
        "while its slot is moving, but its rows are still on");
    assertBroken(
        ShardLaw.PLANS,
        () -> restless.plans(MEMBERS, MEMBERS.withWeight("a", 3), KEYS),
        "which no move of the plan does");
  }

  @Test
  void forgetsPins() {
    var forgetful =
        contract(
            RouterSubject.<Long>overMaps("forgetful", map -> key -> ownerByHash(key, map))
                .pinnedBy(key -> key)
                .keys(SampleKeys.longs()));

    assertBroken(
        ShardLaw.PINS, () -> forgetful.pins(MEMBERS, MORE, KEYS), "pinned to", "was routed to");
  }

  @Test
  void separatesWhatBelongsTogether() {
    var separating = contract(modulo().colocated(key -> key + 1));

    assertBroken(
        ShardLaw.COLOCATION,
        () -> separating.colocation(MEMBERS, MORE, List.of(6L)),
        "key 6 (Long) is on 'a', and key 7 (Long), which belongs to it, on 'b'");
  }

  @Test
  void readsWhatItDidNotWrite() {
    var gullible =
        contract(
            modulo()
                .textForm(
                    shards -> String.join(",", sortedIds(shards)),
                    text -> key -> pick(Arrays.asList(text.split(",", -1)), key)));
    var mistaken =
        contract(
            modulo()
                .textForm(
                    shards -> String.join(",", sortedIds(shards)),
                    text -> key -> pick(Arrays.asList(text.split(",", -1)), key + 1)));

    gullible.roundTrip(MEMBERS, KEYS);
    assertBroken(
        ShardLaw.TEXT_FORM,
        () -> gullible.damagedTextIsRefused(MEMBERS, 1, KEYS),
        "as if they were the whole");
    assertBroken(
        ShardLaw.TEXT_FORM, () -> mistaken.roundTrip(MEMBERS, KEYS), "read back from its text");
  }

  @Test
  void overlooksShardsOfARange() {
    var endsOnly =
        contract(
            RouterSubject.ofRouters("ends only", ShardRouter::forLongs)
                .keys(SampleKeys.longs())
                .ranges(
                    Comparator.naturalOrder(),
                    map ->
                        (from, to) ->
                            Set.of(ownerByHash(from, map)).equals(Set.of(ownerByHash(to, map)))
                                ? Set.of(ownerByHash(to, map))
                                : Set.of(ownerByHash(from, map), ownerByHash(to, map))));

    assertBroken(
        ShardLaw.RANGES, () -> endsOnly.ranges(MEMBERS, KEYS), "is not among the shards [");
  }

  @Test
  void hashesInItsOwnWay() {
    var own =
        contract(
            RouterSubject.ofRouters("own way", ShardRouter::forLongs)
                .keys(SampleKeys.longs())
                .slots(map -> key -> (int) (key & (map.slotCount() - 1)))
                .goldenVectors(KeyType.INTEGER, value -> (Long) value)
                .column("bigint", key -> key));

    assertBroken(ShardLaw.GOLDEN_VECTORS, () -> own.goldenVectors(MEMBERS), "its golden hash");
    assertBroken(
        ShardLaw.SQL,
        () -> own.sqlAgrees(MEMBERS, List.of(42L), postgres.dataSource(0)),
        "key 42 (Long) has slot 42 in Java and 16072 on PostgreSQL",
        "hashint8extended");
  }

  @Test
  void whatIsNotAskedIsNotPassed() {
    var plain = contract(modulo().excuse(ShardLaw.BALANCE, "known to be uneven"));

    assertThatThrownBy(() -> plain.ranges(MEMBERS, KEYS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("law 7")
        .hasMessageContaining("is not asked of 'modulo': ranges(...) is not given");
    assertThatThrownBy(() -> plain.balance(MEMBERS, KEYS))
        .hasMessageContaining("known to be uneven");
    assertThat(ShardLaw.values()).extracting(ShardLaw::number).isSorted().contains(1, 8);
  }

  @Test
  void subjectsAreChecked() {
    assertThatThrownBy(() -> overIds("keyless", ids -> key -> "a").keys(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(
            () -> RouterSubject.<Long>overMembers("keyless", shards -> key -> "a").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'keyless' needs keys(...)");
    assertThatThrownBy(() -> modulo().slotsInTurn(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'modulo', which has no maps");
    assertThat(modulo().build()).hasToString("RouterSubject 'modulo'");
    assertThat(modulo().build().name()).isEqualTo("modulo");
  }

  private static ShardRouterContract<Long> contract(RouterSubjectBuilder<Long> subject) {
    return ShardRouterContract.of(subject.build());
  }

  private static RouterSubjectBuilder<Long> modulo() {
    return overIds("modulo", ids -> key -> pick(ids, key));
  }

  private static RouterSubjectBuilder<Long> overIds(
      String name, Function<List<String>, Function<Long, String>> routing) {
    return RouterSubject.<Long>overMembers(name, shards -> routing.apply(sortedIds(shards)))
        .keys(SampleKeys.longs());
  }

  private static List<String> sortedIds(List<Shard> shards) {
    return shards.stream().map(Shard::id).sorted().toList();
  }

  private static long total(List<Shard> shards) {
    return (long) shards.stream().mapToDouble(Shard::weight).sum();
  }

  private static String pick(List<String> ids, long key) {
    return ids.get((int) Math.floorMod(key, (long) ids.size()));
  }

  private static String rendezvous(List<String> ids, long key) {
    return ids.stream()
        .max(Comparator.comparingLong(id -> KeyHash.of(id + ":" + key)))
        .orElseThrow();
  }

  private static String ownerByHash(long key, ShardMap map) {
    return map.ownerOf((int) (KeyHash.of(key) & (map.slotCount() - 1))).id();
  }

  private static String targetOf(long key, ShardMap map) {
    SlotStatus status = map.slotStatus((int) (KeyHash.of(key) & (map.slotCount() - 1)));
    return status.target() == null ? status.owner() : status.target();
  }

  private static void assertBroken(ShardLaw law, ThrowingCallable check, String... counterExample) {
    assertThatThrownBy(check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("breaks " + law)
        .hasMessageContainingAll(counterExample);
  }
}
