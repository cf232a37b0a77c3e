package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections break time and again while many threads ask. */
class ReconnectStormTest {

  private static final int THREADS = 16;
  private static final int BREAKS = 30;

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private final ThreadLeaks leaks = ThreadLeaks.watch("headroom-limits", "lettuce-");
  private FaultProxy way;
  private RedisLimits redis;

  @BeforeEach
  void begin() {
    server.get().flush();
    way = FaultProxy.to(server.get());
    redis = RedisLimits.connect("redis://127.0.0.1:" + way.port());
  }

  @AfterEach
  void end() {
    redis.close();
    way.close();
    server.heal();
    leaks.assertNone();
    Ask.eventually("connections to end").until(() -> server.get().clients() == 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void decisionsComeAllTheTime(boolean leased) throws InterruptedException {
    Limit limit = Limit.of(1_000, Duration.ofHours(1));
    RateLimiterBuilder<String> builder =
        RateLimiter.<String>builder("door").whenAway(WhenAway.CLOSED).shared(redis);
    if (leased) {
      builder.leased("user", limit, user -> user);
    } else {
      builder.policy("user", limit, user -> user);
    }
    RateLimiter<String> limiter = builder.build();
    RateLimiter<String> other = builder.build();
    AtomicBoolean over = new AtomicBoolean();
    LongAdder decided = new LongAdder();
    LongAdder ofHot = new LongAdder();
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      String own = "key-" + i;
      Thread thread =
          new Thread(
              () -> {
                while (!over.get()) {
                  CompletableFuture<Decision> async = limiter.tryAcquireAsync(own);
                  ofHot.add(limiter.tryAcquire("hot").allowed() ? 1 : 0);
                  Ask.done(async);
                  decided.add(2);
                }
              });
      thread.setUncaughtExceptionHandler((ended, why) -> thrown.add(why));
      threads.add(thread);
      thread.start();
    }
    for (int i = 0; i < BREAKS; i++) {
      long before = decided.sum();
      if (i % 2 == 0) {
        way.resetAll();
      } else {
        server.get().killClients("normal");
      }
      Ask.eventually("decisions").until(() -> decided.sum() >= before + 2 * THREADS);
      if (i % 3 == 0) {
        Ask.awaitShared(other, "between"); // or none of them would have a connection
      }
    }
    over.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(thrown).isEmpty();
    assertThat(ofHot.sum()).as("from Redis alone").isLessThanOrEqualTo(1_000L);
    PolicyCounts counts = limiter.decider().counts().get(0);
    assertThat(counts.admitted() + counts.refused()).as("counted once").isEqualTo(decided.sum());
    Ask.awaitShared(limiter, "after");
  }
}
