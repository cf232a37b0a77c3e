package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several policies in one decision: all of them are debited, or none. */
class SharedCompositeTest {

  private static final int THREADS = 6;

  /** So long that next to nothing flows in while a test runs. */
  private static final Duration AGES = Duration.ofDays(300);

  private static final Limit WIDE = Limit.of(10_000, AGES);
  private static final Limit NARROW = Limit.of(40, AGES);

  @RegisterExtension static final RedisExtension<RedisServer> single = RedisExtension.single();
  @RegisterExtension static final RedisExtension<RedisCluster> cluster = RedisExtension.cluster();

  private static RedisLimits onOne;
  private static RedisLimits onCluster;

  private final String name = "door-" + UUID.randomUUID();
  private final BucketNames names = new BucketNames(name);
  private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

  /** How the buckets of a request lie. */
  enum Where {
    ONE_SERVER,
    TAGGED,
    ANYWHERE
  }

  @BeforeAll
  static void connect() {
    Duration patience = Duration.ofSeconds(30);
    onOne = RedisLimits.builder(single.get().uri()).timeout(patience).build();
    onCluster =
        RedisLimits.builder(cluster.get().uris().toArray(new String[0]))
            .cluster()
            .timeout(patience)
            .build();
    Ask.connected(onOne);
    Ask.connected(onCluster);
    awaitNodes();
  }

  /** Lettuce connects to a node when it is first asked, and from 7.0 on rejects until then. */
  private static void awaitNodes() {
    RateLimiter<Integer> limiter =
        RateLimiter.<Integer>builder("nodes").limit(WIDE).shared(onCluster).build();
    Ask.eventually("all nodes to answer")
        .until(
            () ->
                IntStream.range(0, 200).noneMatch(key -> limiter.tryAcquire(key).isAlone())
                    && onCluster.isUp());
  }

  @AfterAll
  static void close() {
    onOne.close();
    onCluster.close();
  }

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  /** All ask for all, a half also for its own; the last bucket is the narrow one. */
  private RateLimiter<Integer> limiter(Where where) {
    return limiter(where, LoadSignal.normal());
  }

  private RateLimiter<Integer> limiter(Where where, LoadSignal load) {
    RateLimiterBuilder<Integer> builder =
        RateLimiter.<Integer>builder(name)
            .policy("all", WIDE)
            .policy("half", WIDE, key -> key % 2 == 0 ? "even" : "odd")
            .policy("key", NARROW, key -> key)
            .shared(where == Where.ONE_SERVER ? onOne : onCluster)
            .whenAway(WhenAway.CLOSED)
            .loadSignal(load, "orders");
    return (where == Where.TAGGED ? builder.tag(key -> "acme") : builder).build();
  }

  private List<String> buckets(Where where, int key) {
    Object tag = where == Where.TAGGED ? "acme" : null;
    return List.of(
        names.bucket("all", null, tag),
        names.bucket("half", key % 2 == 0 ? "even" : "odd", tag),
        names.bucket("key", key, tag));
  }

  private static RedisServer serverOf(Where where, String bucket) {
    return where == Where.ONE_SERVER ? single.get() : cluster.get().primaryOf(bucket);
  }

  private List<String> written(Where where, int key) {
    return buckets(where, key).stream()
        .map(bucket -> String.valueOf(Written.text(serverOf(where, bucket), bucket)))
        .toList();
  }

  private static long used(Where where, String bucket, Limit limit) {
    MicroLimit micro = new MicroLimit(new Policy("law", limit));
    long debt = Written.read(serverOf(where, bucket), bucket).debt();
    return (debt + micro.cost - 1) / micro.cost;
  }

  @ParameterizedTest
  @EnumSource(
      value = Where.class,
      names = {"ONE_SERVER", "TAGGED"})
  void whatIsRefusedInOneStepWritesNothing(Where where) {
    RateLimiter<Integer> limiter = limiter(where);
    assertThat(limiter.tryAcquire(1, 39).allowed()).isTrue();
    List<String> before = written(where, 1);

    Decision refused = limiter.tryAcquire(1, 2);

    assertThat(refused.allowed()).isFalse();
    assertThat(refused.policy().orElseThrow().name()).isEqualTo("key");
    assertThat(written(where, 1)).isEqualTo(before);
    assertThat(limiter.tryAcquire(1).allowed()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Where.class)
  void whatIsAdmittedIsDebitedFromAllAndWhatIsRefusedFromNone(Where where) throws Exception {
    RateLimiter<Integer> limiter = limiter(where);
    int keys = 8;
    long[] admitted = new long[keys];
    List<Future<long[]>> work = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      work.add(pool.submit(() -> demand(limiter, keys)));
    }
    for (Future<long[]> each : work) {
      long[] some = each.get();
      Arrays.setAll(admitted, key -> admitted[key] + some[key]);
    }
    assertThat(admitted).containsOnly(NARROW.capacity());
    long all = NARROW.capacity() * keys;
    // What flows in while permits are away is not given back: some microseconds' worth each time.
    long inexact = where == Where.ANYWHERE ? 1 : 0;
    Awaitility.await()
        .untilAsserted(
            () -> {
              List<String> even = buckets(where, 0);
              List<String> odd = buckets(where, 1);
              assertThat(used(where, even.get(0), WIDE)).isBetween(all, all + inexact);
              assertThat(used(where, even.get(1), WIDE)).isBetween(all / 2, all / 2 + inexact);
              assertThat(used(where, odd.get(1), WIDE)).isBetween(all / 2, all / 2 + inexact);
            });
  }

  private static long[] demand(RateLimiter<Integer> limiter, int keys) {
    long[] admitted = new long[keys];
    for (int i = 0; i < 60 * keys; i++) {
      long permits = 1L + i / keys % 2;
      boolean allowed = limiter.tryAcquire(i % keys, permits).allowed();
      admitted[i % keys] += allowed ? permits : 0;
    }
    return admitted;
  }

  @Test
  void whatIsTaggedLiesInOneSlot() {
    for (int key = 0; key < 20; key++) {
      assertThat(buckets(Where.TAGGED, key).stream().map(cluster.get()::slotOf).distinct())
          .hasSize(1);
    }
  }

  /** As much as was taken, not as much as was wanted. */
  @Test
  void whatWasPaidForNothingIsGivenBack() {
    HandLoad load = new HandLoad().set(LoadLevel.CRITICAL);
    RateLimiter<Integer> limiter = limiter(Where.ANYWHERE, load);
    assertThat(limiter.tryAcquire(1, 37).allowed()).isTrue();
    for (int i = 0; i < 50; i++) {
      Decision refused = HandLoad.shed(() -> limiter.tryAcquire(1));
      assertThat(refused.price()).isEqualTo(4);
      assertThat(refused.policy().orElseThrow().name()).isEqualTo("key");
    }
    List<String> odd = buckets(Where.ANYWHERE, 1);
    Awaitility.await()
        .untilAsserted(
            () -> {
              assertThat(used(Where.ANYWHERE, odd.get(0), WIDE)).isBetween(37L, 38L);
              assertThat(used(Where.ANYWHERE, odd.get(1), WIDE)).isBetween(37L, 38L);
            });
  }

  /** A lease goes first, and has back what a bucket has refused. */
  @Test
  void whatALeaseHasGivenForNothingItHasBack() {
    RateLimiter<Integer> limiter =
        RateLimiter.<Integer>builder(name)
            .leased("all", Limit.of(100, AGES))
            .policy("key", NARROW, key -> key)
            .shared(onOne)
            .whenAway(WhenAway.CLOSED)
            .build();
    assertThat(limiter.tryAcquire(1, 40).allowed()).isTrue();
    for (int i = 0; i < 200; i++) {
      assertThat(limiter.tryAcquire(1, 1 + i % 20).allowed()).isFalse();
    }
    assertThat(limiter.tryAcquire(2, 40).allowed()).isTrue();
    assertThat(limiter.tryAcquire(3, 20).allowed()).isTrue();
    assertThat(limiter.tryAcquire(3).policy().orElseThrow().name()).isEqualTo("all");
  }
}
