package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A limit far above what is asked for refuses nobody, however late Redis answers. */
class AmpleLeaseTest {

  private static final int THREADS = 10;
  private static final Duration PATIENCE = Duration.ofMillis(40);

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
  private final LongAdder asked = new LongAdder();
  private final LongAdder alone = new LongAdder();
  private volatile boolean over;

  @Test
  void nobodyIsRefusedWhileAnswersComeTooLateOrAllAtOnce() throws InterruptedException {
    String name = "ample-" + UUID.randomUUID();
    try (FaultProxy way = FaultProxy.to(server.get());
        RedisLimits one = connected(way);
        RedisLimits other = connected(way)) {
      List<Thread> threads = new ArrayList<>();
      try {
        for (int i = 0; i < THREADS; i++) {
          RateLimiter<String> limiter = limiter(name, i % 2 == 0 ? one : other);
          Thread thread = new Thread(() -> ask(limiter));
          thread.start();
          threads.add(thread);
        }
        for (int round = 0; round < 8; round++) {
          way.latency(Duration.ofMillis(10 + (round % 5) * 20)); // within patience, and beyond
          awaitMoreAsked(150);
          server.get().stop();
          awaitMoreAsked(10 + (round % 3) * 60); // some wait in vain, or many go by
          server.get().resume();
          awaitMoreAsked(100);
        }
      } finally {
        over = true;
        for (Thread thread : threads) {
          thread.join();
        }
      }
    }
    assertThat(refused).isEmpty();
    assertThat(asked.sum()).isPositive();
    assertThat(alone.sum()).as("decided without Redis, or it was not late").isPositive();
  }

  private void awaitMoreAsked(int times) {
    long before = asked.sum();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> asked.sum() >= before + times);
  }

  private static RedisLimits connected(FaultProxy way) {
    return Ask.connected(
        RedisLimits.builder("redis://127.0.0.1:" + way.port()).timeout(PATIENCE).build());
  }

  private static RateLimiter<String> limiter(String name, RedisLimits redis) {
    return RateLimiter.<String>builder(name)
        .policy("address", Limit.perSecond(100).burst(50), address -> address)
        .leased("all", Limit.perSecond(50_000))
        .shared(redis)
        .build();
  }

  /** About a hundred times a second, each time from another address. */
  private void ask(RateLimiter<String> limiter) {
    for (int i = 0; !over; i++) {
      Decision decision = limiter.tryAcquire(Thread.currentThread().getName() + "-" + i);
      asked.increment();
      if (decision.isAlone()) {
        alone.increment();
      }
      if (!decision.allowed()) {
        refused.add(decision.toString());
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
