package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Limits that processes share; each connection to Redis stands for a process. */
class SharedLimiterTest {

  @RegisterExtension static final RedisExtension<RedisServer> server = RedisExtension.single();

  /** None of these is about time, and the machine may be busy. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static RedisLimits here;
  private static RedisLimits there;

  private final String name = "door-" + UUID.randomUUID();

  @BeforeAll
  static void connect() {
    here = Ask.connected(RedisLimits.builder(server.get().uri()).timeout(PATIENCE).build());
    there = Ask.connected(RedisLimits.builder(server.get().uri()).timeout(PATIENCE).build());
  }

  @AfterAll
  static void close() {
    here.close();
    there.close();
  }

  private RateLimiter<String> limiter(RedisLimits redis, Limit limit) {
    return RateLimiter.<String>builder(name).limit(limit).shared(redis).build();
  }

  @Test
  void processesShareABucket() {
    Limit limit = Limit.of(3, Duration.ofHours(1));
    RateLimiter<String> one = limiter(here, limit);
    RateLimiter<String> other = limiter(there, limit);

    assertThat(one.tryAcquire("a", 2).remaining()).isEqualTo(1);
    assertThat(other.tryAcquire("a").remaining()).isZero();
    Decision refused = one.tryAcquire("a");
    assertThat(refused.allowed()).isFalse();
    assertThat(refused.isAlone()).isFalse();
    assertThat(refused.retryAfter()).isBetween(Duration.ofMinutes(19), Duration.ofMinutes(20));
    assertThat(other.tryAcquire("b").allowed()).isTrue();
  }

  @Test
  void manyThreadsGetExactlyTheBurst() throws Exception {
    RateLimiter<String> limiter = limiter(here, Limit.of(1000, Duration.ofHours(10)));
    AtomicInteger admitted = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int j = 0; j < 100; j++) {
                  if (limiter.tryAcquire("a").allowed()) {
                    admitted.incrementAndGet();
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(Ask.alone(limiter)).as("decided without Redis").isZero();
    assertThat(admitted).hasValue(1000);
  }

  @Test
  void aLeaseIsGivenOutFromMemory() {
    RateLimiter<String> limiter =
        RateLimiter.<String>builder(name)
            .leased("all", Limit.perSecond(1_000_000))
            .shared(here)
            .build();
    long before = here.buckets().trips();
    for (int i = 0; i < 100_000; i++) {
      assertThat(limiter.tryAcquire("a").allowed()).isTrue();
    }
    assertThat(here.buckets().trips() - before).isLessThan(100);
  }
}
