package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.ThreadLeaks;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** Two processes that share a cache, and what must hold of them around a fault. */
final class Pair implements AutoCloseable {

  /** The shortest time that may be set. */
  static final Duration MAX_STALENESS = Duration.ofSeconds(3);

  private static final int MAXIMUM_ENTRIES = 200;
  private static final int ASKED_WHILE_AWAY = 300;

  /** Ten are enough for the breaker; a call may be on its way before the last failure is noted. */
  private static final int MOST_WAIT = 20;

  private final ThreadLeaks leaks =
      ThreadLeaks.watch("headroom-redis", "lettuce-", "cache-letters");
  private final AtomicInteger numbers = new AtomicInteger();
  private final Fleet fleet;
  final RedisTier hereTier;
  final RedisTier thereTier;
  final TieredCache<String, String> here;
  final TieredCache<String, String> there;

  /** Both reach the server the same way. */
  Pair(String uri) {
    this(new Fleet(false, uri), options -> options, options -> options);
  }

  /** What the options say applies to the second alone. */
  Pair(
      Fleet fleet,
      UnaryOperator<RedisTierBuilder> thereOptions,
      UnaryOperator<SharedTierBuilder<String, String>> sharedOptions) {
    this(fleet, null, thereOptions, sharedOptions);
  }

  /** The first one reaches the server by another way, if there is one. */
  Pair(
      Fleet fleet,
      @Nullable String hereUri,
      UnaryOperator<RedisTierBuilder> thereOptions,
      UnaryOperator<SharedTierBuilder<String, String>> sharedOptions) {
    this.fleet = fleet;
    hereTier = hereUri == null ? fleet.tier(builder -> builder) : fleet.tier(hereUri);
    thereTier = fleet.tier(thereOptions);
    here = process(hereTier, sharedOptions);
    there = process(thereTier, sharedOptions);
    eventually("values to be shared").until(this::shares); // the first commands may come late
  }

  private TieredCache<String, String> process(
      RedisTier tier, UnaryOperator<SharedTierBuilder<String, String>> sharedOptions) {
    return fleet.process(
        tier,
        cache -> cache.maximumEntries(MAXIMUM_ENTRIES).ttl(Duration.ofMinutes(10)),
        shared -> sharedOptions.apply(shared.maximumStaleness(MAX_STALENESS)));
  }

  Fleet fleet() {
    return fleet;
  }

  /** Faults take their time, on a busy machine too. */
  static ConditionFactory eventually(String what) {
    return await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }

  static long count(TieredCache<?, ?> cache, Count what) {
    SharedStats shared = cache.stats().shared();
    assertThat(shared).isNotNull();
    return shared.count(what);
  }

  static int open(TieredCache<?, ?> cache) {
    SharedStats shared = cache.stats().shared();
    assertThat(shared).isNotNull();
    return shared.invalidationsOpen();
  }

  /** A key that nobody has asked for, in the database. */
  String newKey() {
    String key = "key-" + numbers.incrementAndGet();
    fleet.table().put(key, "old");
    return key;
  }

  /** Both have it. */
  String sharedKey() {
    String key = newKey();
    assertThat(here.get(key)).isEqualTo("old");
    assertThat(there.get(key)).isEqualTo("old");
    return key;
  }

  /**
   * Callers find out that Redis is away, and are answered by the loader all the same: few of them
   * after having waited for Redis.
   */
  void awaitAway(TieredCache<String, String> cache, RedisTier tier) {
    int[] waited = new int[1];
    eventually("Redis to be known to be away")
        .until(
            () -> {
              long failures = count(cache, Count.FAILURES);
              assertThat(cache.get(newKey())).isEqualTo("old");
              waited[0] += count(cache, Count.FAILURES) > failures ? 1 : 0;
              return !tier.isUp();
            });
    assertThat(waited[0]).as("calls that waited").isLessThanOrEqualTo(MOST_WAIT);
  }

  void awaitAway() {
    awaitAway(here, hereTier);
    awaitAway(there, thereTier);
  }

  /** Nobody waits for a server that is known to be away, and nothing piles up. */
  void assertLoadsAlone(TieredCache<String, String> cache) {
    long failures = count(cache, Count.FAILURES);
    long alone = count(cache, Count.LOADED_UNSHARED);
    int loads = fleet.loads();
    for (int i = 0; i < ASKED_WHILE_AWAY; i++) {
      assertThat(cache.get(newKey())).isEqualTo("old");
    }
    assertThat(fleet.loads() - loads).isEqualTo(ASKED_WHILE_AWAY);
    assertThat(count(cache, Count.LOADED_UNSHARED) - alone).isEqualTo(ASKED_WHILE_AWAY);
    assertThat(count(cache, Count.FAILURES)).as("time-outs").isEqualTo(failures);
    Leaks.assertNoLoads(cache);
    eventually("entries to be bounded").until(() -> cache.stats().entries() <= MAXIMUM_ENTRIES);
  }

  /** Changes a key and invalidates it here. */
  void change(String key) {
    fleet.table().put(key, "new");
    here.invalidate(key);
    assertThat(here.get(key)).as("in the process that has invalidated it").isEqualTo("new");
  }

  /** Within {@link #MAX_STALENESS} and what a busy machine adds. */
  void awaitNew(TieredCache<String, String> cache, String key) {
    eventually("the new value").until(() -> "new".equals(cache.get(key)));
  }

  /** All that is promised of a time without Redis, for both. */
  void assertDoesWithout(Runnable begin, Runnable end) {
    String known = sharedKey();
    String changed = sharedKey();
    begin.run();
    awaitAway();

    assertLoadsAlone(here);
    assertThat(here.get(known)).isEqualTo("old");
    change(changed);
    assertThat(open(here)).isOne();
    assertThat(count(here, Count.INVALIDATIONS_DELAYED)).isOne();
    awaitNew(there, changed); // though nobody tells it: it trusts nothing for ever

    end.run();
    assertRecovers();
    assertThat(here.get(changed)).isEqualTo("new");
    awaitNew(there, changed);
  }

  /** Whatever a failover lost, neither goes back behind what it was told. */
  void assertSurvives(Runnable failOver) {
    String before = sharedKey();
    String after = sharedKey();
    change(before);

    failOver.run();

    change(after); // which may be delayed
    awaitNew(there, before);
    awaitNew(there, after);
    assertRecovers();
    assertThat(here.get(before)).isEqualTo("new");
  }

  /** What was begun meanwhile has been done, values are shared and invalidations heard of. */
  void assertRecovers() {
    eventually("Redis to be known to be back").until(() -> hereTier.isUp() && thereTier.isUp());
    eventually("invalidations to be told again").until(() -> open(here) + open(there) == 0);
    eventually("values to be shared").until(this::shares);
    String key = sharedKey();
    change(key);
    awaitNew(there, key);
    eventually("news to be trusted").until(() -> isTrusted(here) && isTrusted(there));
  }

  private boolean shares() {
    String key = newKey();
    assertThat(here.get(key)).isEqualTo("old");
    long fromRedis = there.stats().served(Served.SHARED);
    assertThat(there.get(key)).isEqualTo("old");
    return there.stats().served(Served.SHARED) > fromRedis;
  }

  private static boolean isTrusted(TieredCache<?, ?> cache) {
    SharedStats shared = cache.stats().shared();
    return shared != null && shared.suspectNanos() < MAX_STALENESS.toNanos();
  }

  @Override
  public void close() {
    Leaks.assertNoLoads(here);
    Leaks.assertNoLoads(there);
    fleet.close();
    leaks.assertNone();
  }
}
