package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisSentinels;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Another server takes over in the middle of decisions, which may not have heard of the last. */
class SharedFailoverTest {

  private static final int THREADS = 4;
  private static final int KEYS = 50;

  @RegisterExtension
  static final RedisExtension<RedisSentinels> sentinels = RedisExtension.sentinel();

  @RegisterExtension static final RedisExtension<RedisCluster> cluster = RedisExtension.cluster();

  private final ThreadLeaks leaks = ThreadLeaks.watch("headroom-limits", "lettuce-");

  @AfterEach
  void heal() {
    sentinels.heal();
    cluster.heal();
    leaks.assertNone();
  }

  private static RedisLimits onCluster() {
    return RedisLimits.builder(cluster.get().uris().toArray(String[]::new))
        .cluster()
        .timeout(Duration.ofSeconds(1))
        .build();
  }

  private static RateLimiter<String> limiter(RedisLimits redis) {
    return RateLimiter.<String>builder("door")
        .policy("user", Limit.of(1_000_000, Duration.ofHours(10)), user -> user)
        .policy("all", Limit.of(10_000_000, Duration.ofHours(10)))
        .leased("leased", Limit.perSecond(1_000_000))
        .shared(redis)
        .build();
  }

  private static boolean isShared(RateLimiter<String> limiter) {
    boolean shared = true;
    for (int i = 0; i < KEYS; i++) {
      shared &= !limiter.tryAcquire("key-" + i).isAlone();
    }
    return shared;
  }

  private static void awaitAllShared(RateLimiter<String> limiter) {
    Ask.eventually("Redis to decide for all keys").until(() -> isShared(limiter));
  }

  /** Whatever happens, threads that ask get decisions all the time. */
  private static void assertSurvives(RateLimiter<String> limiter, Runnable failOver) {
    awaitAllShared(limiter);
    AtomicBoolean over = new AtomicBoolean();
    LongAdder decided = new LongAdder();
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int call = 0; !over.get(); call++) {
                  limiter.tryAcquire("key-" + call % KEYS);
                  Ask.done(limiter.tryAcquireAsync("key-" + call % KEYS));
                  decided.increment();
                }
              });
      thread.setUncaughtExceptionHandler((ended, why) -> thrown.add(why));
      threads.add(thread);
      thread.start();
    }
    try {
      failOver.run();
      long before = decided.sum();
      Ask.eventually("decisions").until(() -> decided.sum() > before + THREADS);
      awaitAllShared(limiter);
    } finally {
      over.set(true);
    }
    threads.forEach(SharedFailoverTest::join);
    assertThat(thrown).isEmpty();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Test
  void sentinelsReplaceADeadPrimary() {
    try (RedisLimits redis = RedisLimits.connect(sentinels.get().uri())) {
      RateLimiter<String> limiter = limiter(redis);
      assertSurvives(limiter, () -> sentinels.get().failOver());
      assertThat(buckets(sentinels.get().primary())).isPositive();
    }
  }

  /** It ends no connection, and answers as ever; only the sentinels know better. */
  @Test
  void sentinelsReplaceAPrimaryThatIsNotTold() {
    RedisServer old = sentinels.get().primary();
    old.command("ACL", "SETUSER", "default", "-slaveof", "-replicaof");
    try (RedisLimits redis = RedisLimits.connect(sentinels.get().uri())) {
      RateLimiter<String> limiter = limiter(redis);
      awaitAllShared(limiter);
      RedisServer next = sentinels.get().switchOver();
      next.flush();
      Ask.eventually("the new one to be asked")
          .until(() -> !limiter.tryAcquire("new").isAlone() && buckets(next) > 0);
    } finally {
      old.command("ACL", "SETUSER", "default", "+slaveof", "+replicaof");
    }
  }

  private static long buckets(RedisServer server) {
    return server.command("KEYS", "headroom:limit:{door:*").elements().size();
  }

  @Test
  void aClusterReplacesADeadPrimary() {
    try (RedisLimits redis = onCluster()) {
      RateLimiter<String> limiter = limiter(redis);
      RedisServer primary = cluster.get().primaryOf("headroom:limit:{door:user:key-1}");
      assertSurvives(limiter, () -> cluster.get().failOver(primary)); // which kills it
    }
  }

  @Test
  void aClusterSwitchesOver() {
    try (RedisLimits redis = onCluster()) {
      RateLimiter<String> limiter = limiter(redis);
      String bucket = "headroom:limit:{door:user:kept}";
      awaitAllShared(limiter);
      limiter.tryAcquire("kept", 900_000);
      cluster
          .get()
          .replicaOf(cluster.get().primaryOf(bucket))
          .awaitReplayOf(cluster.get().primaryOf(bucket));
      assertSurvives(limiter, () -> cluster.get().switchOver(cluster.get().primaryOf(bucket)));
      Ask.awaitShared(limiter, "kept");
      Decision refused = limiter.tryAcquire("kept", 200_000);
      assertThat(refused.isAlone()).isFalse();
      assertThat(refused.allowed()).as("nothing is lost").isFalse();
    }
  }
}
