package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis is gone, hangs, or is cut off: decisions come all the same, and from it afterwards. */
class RedisAwayTest {

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private final ThreadLeaks leaks = ThreadLeaks.watch("headroom-limits", "lettuce-");
  private FaultProxy way;
  private RedisLimits redis;
  private RateLimiter<String> limiter;

  @BeforeEach
  void begin() {
    server.get().flush();
    way = FaultProxy.to(server.get());
    redis = RedisLimits.connect("redis://127.0.0.1:" + way.port());
    limiter = limiter(redis);
  }

  private static RateLimiter<String> limiter(RedisLimits redis) {
    return RateLimiter.<String>builder("door")
        .limit(Limit.of(100, Duration.ofHours(1)))
        .shared(redis)
        .build();
  }

  @AfterEach
  void end() {
    redis.close();
    way.close();
    server.heal();
    leaks.assertNone();
  }

  /** As another process finds it, which has the time. */
  private static long remaining(long permits) {
    try (RedisLimits patient =
        RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(30)).build()) {
      Decision decision = limiter(patient).tryAcquire("a", permits);
      assertThat(decision.isAlone()).isFalse();
      return decision.remaining();
    }
  }

  private void assertDoesWithout(Runnable begin, Runnable end) {
    Ask.assertDoesWithout(redis, limiter, begin, end);
  }

  @Test
  void killedAndEmptyAfterwards() {
    assertThat(remaining(60)).isEqualTo(40);
    assertDoesWithout(() -> server.get().kill(), () -> server.get().restart());
    assertThat(remaining(60)).isEqualTo(40);
  }

  @Test
  void stopped() {
    assertThat(remaining(60)).isEqualTo(40);
    assertDoesWithout(() -> server.get().stop(), () -> server.get().resume());
    assertThat(remaining(1)).as("it has forgotten nothing").isEqualTo(39);
  }

  @Test
  void asleep() {
    assertDoesWithout(() -> server.get().sleep(Duration.ofSeconds(5)), () -> {});
  }

  @Test
  void busyWithAnothersScript() {
    server.get().config("busy-reply-threshold", "50");
    CompletableFuture<?>[] endless = new CompletableFuture<?>[1];
    assertDoesWithout(
        () ->
            endless[0] =
                CompletableFuture.runAsync(
                        () -> server.get().command("EVAL", "while true do end", "0"),
                        task -> new Thread(task).start())
                    .exceptionally(killed -> null),
        () -> {
          server.get().command("SCRIPT", "KILL");
          Ask.done(endless[0]);
        });
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void nothingArrives(Direction direction) {
    assertDoesWithout(() -> way.blackHole(direction), way::heal);
  }

  @Test
  void connectionsAreBrokenOffAndRefused() {
    assertDoesWithout(
        () -> {
          way.refuse();
          way.resetAll();
        },
        way::heal);
  }

  @Test
  void aReplicaCountsAsAwayUntilItIsPromoted() {
    try (RedisServer primary = RedisServer.start()) {
      assertDoesWithout(() -> server.get().follow(primary), () -> server.get().promote());
    }
  }

  /** One after the other; each of them waits for as long as is configured, and no more wait. */
  @Test
  void fewCallersWaitBeforeItIsKnown() {
    Ask.awaitShared(limiter, "before");
    server.get().stop();
    long trips = redis.buckets().trips();
    for (int i = 0; i < 500; i++) {
      Ask.inTime(() -> limiter.tryAcquire("a")); // presence is told meanwhile, too
    }
    assertThat(redis.isUp()).isFalse();
    assertThat(redis.buckets().trips() - trips).isLessThanOrEqualTo(Ask.MOST_WAIT);
  }

  /** The time that is configured is what counts, and not when the server answers. */
  @Test
  void oneIsDecidedForWhileAnotherStillWaits() {
    try (RedisLimits patient =
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofMinutes(1)).build();
        RedisLimits hasty =
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofMillis(5)).build()) {
      RateLimiter<String> late = limiter(patient);
      RateLimiter<String> early = limiter(hasty);
      Ask.awaitShared(late, "a");
      server.get().stop();

      CompletableFuture<Decision> waiting = late.tryAcquireAsync("a");
      for (int i = 0; i < 100; i++) {
        assertThat(early.tryAcquire("a").isAlone()).isTrue();
        assertThat(Ask.done(early.tryAcquireAsync("a")).isAlone()).isTrue();
      }
      assertThat(waiting).isNotDone();

      server.get().resume();
      assertThat(Ask.done(waiting).isAlone()).isFalse();
    }
  }

  /** The permits of who has waited in vain may be taken; those of who stood behind him are not. */
  @Test
  void whoHasGoneFromTheLineTakesNothing() {
    Ask.awaitShared(limiter, "before");
    way.blackHole(Direction.TO_CLIENT);
    CompletableFuture<Decision> first = limiter.tryAcquireAsync("a", 10);
    CompletableFuture<Decision> second = limiter.tryAcquireAsync("a", 20);
    assertThat(Ask.done(first).isAlone()).isTrue();
    assertThat(Ask.done(second).isAlone()).isTrue();
    way.heal();
    Ask.awaitShared(limiter, "b");
    assertThat(remaining(1)).isEqualTo(89);
  }

  @Test
  void anInterruptedCallerIsDecidedForAndStaysInterrupted() {
    Ask.awaitShared(limiter, "before");
    server.get().stop();
    Thread.currentThread().interrupt();
    Decision decision = limiter.tryAcquire("a");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(decision.isAlone()).isTrue();
  }

  @Test
  void awayAtTheStartAndThereLater() {
    way.refuse();
    try (Warnings log = new Warnings(RedisLimits.class);
        RedisLimits later = RedisLimits.connect("redis://127.0.0.1:" + way.port())) {
      assertThat(later.isUp()).isFalse();
      assertThat(later).asString().contains("not connected");
      RateLimiter<String> four =
          RateLimiter.<String>builder("four")
              .limit(Limit.of(100, Duration.ofHours(1)))
              .shared(later)
              .processes(4)
              .build();
      assertThat(four.decider().processes()).hasValue(4);
      for (int i = 0; i < 25; i++) {
        assertThat(four.tryAcquire("a").allowed()).isTrue();
      }
      assertThat(four.tryAcquire("a").allowed()).isFalse();
      Ask.assertDecidesAlone(later, four);
      assertThat(log.said())
          .singleElement()
          .asString()
          .startsWith("WARN Redis at 127.0.0.1:" + way.port() + " cannot be reached yet: rate")
          .doesNotContain("Exception:\n");

      way.heal();
      Ask.awaitShared(four, "b");
      Ask.eventually("the processes to be counted")
          .until(() -> four.decider().processes().getAsLong() == 1);
      assertThat(log.said()).hasSize(2).last().asString().endsWith("answers");
    }
  }
}
