package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nobody waits, nobody is told twice, and Lettuce's threads are left alone. */
class SharedAsyncTest {

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private final String name = "door-" + UUID.randomUUID();
  private final List<String> threads = new CopyOnWriteArrayList<>();
  private final List<Decision> heard = new CopyOnWriteArrayList<>();
  private RedisLimits redis;

  @BeforeEach
  void begin() {
    redis =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofMinutes(1)).build());
  }

  @AfterEach
  void end() {
    server.heal();
    redis.close();
  }

  private RateLimiterBuilder<String> door() {
    return RateLimiter.<String>builder(name)
        .policy(
            "user",
            Limit.of(100, Duration.ofHours(1)),
            user -> {
              noteThread();
              return user;
            })
        .shared(redis)
        .listener(
            new RateLimitListener() {
              @Override
              public void onAdmitted(String limiter, Decision decision) {
                noteThread();
                heard.add(decision);
              }

              @Override
              public void onRefused(String limiter, Decision decision) {
                noteThread();
                heard.add(decision);
              }
            });
  }

  private void noteThread() {
    threads.add(Thread.currentThread().getName());
  }

  private static CompletableFuture<Decision> toBeAnswered(RateLimiter<String> limiter) {
    server.get().stop();
    CompletableFuture<Decision> decision = limiter.tryAcquireAsync("a");
    assertThat(decision).isNotDone();
    return decision;
  }

  @Test
  void nobodyWaitsForAServerThatHangs() {
    RateLimiter<String> limiter = door().build();
    server.get().stop();
    List<CompletableFuture<Decision>> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(limiter.tryAcquireAsync("key-" + i % 10));
    }
    assertThat(all).as("for a minute, if it were so").noneMatch(CompletableFuture::isDone);
    assertThat(heard).isEmpty();

    server.get().resume();
    all.forEach(one -> assertThat(Ask.done(one).isAlone()).isFalse());
    assertThat(heard).hasSize(1_000);
    assertThat(all.stream().filter(one -> Ask.done(one).remaining() == 99)).hasSize(10);
  }

  @Test
  void neitherListenersNorKeysNorWhatFollowsAreOnThreadsOfTheClient() {
    RateLimiter<String> limiter = door().build();
    CompletableFuture<?> after = toBeAnswered(limiter).thenRun(this::noteThread);
    server.get().resume();
    Ask.done(after);
    assertThat(threads).hasSize(3).noneMatch(thread -> thread.startsWith("lettuce"));
  }

  /** Of those who wait on one of Lettuce's threads, none would ever get an answer. */
  @Test
  void whatFollowsMayAskAgainAndWait() {
    RateLimiter<String> limiter = door().build();
    CompletableFuture<Decision> second =
        toBeAnswered(limiter).thenApply(first -> limiter.tryAcquire("a"));
    server.get().resume();
    assertThat(Ask.done(second).isAlone()).isFalse();
    assertThat(Ask.done(second).remaining()).isEqualTo(98);
  }

  @Test
  void timeOutsAreNotToldByTheirTimerEither() {
    try (RedisLimits hasty =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofMillis(50)).build())) {
      RateLimiter<String> limiter = door().build();
      RateLimiter<String> early =
          RateLimiter.<String>builder(name)
              .policy(
                  "user",
                  Limit.of(100, Duration.ofHours(1)),
                  user -> {
                    noteThread();
                    return user;
                  })
              .shared(hasty)
              .build();
      CompletableFuture<Decision> late = toBeAnswered(limiter);
      Decision alone =
          Ask.done(
              early
                  .tryAcquireAsync("a")
                  .thenApply(
                      decision -> {
                        noteThread();
                        return decision;
                      }));
      assertThat(alone.isAlone()).isTrue();
      assertThat(late).isNotDone();
      assertThat(threads).noneMatch(thread -> thread.startsWith("lettuce"));
      assertThat(threads).noneMatch(thread -> thread.startsWith("CompletableFuture"));
      server.get().resume();
    }
  }

  @Test
  void whoCancelsLeavesTheDecisionToItself() {
    RateLimiter<String> limiter = door().build();
    CompletableFuture<Decision> decision = toBeAnswered(limiter);
    assertThat(decision.cancel(true)).isTrue();
    server.get().resume();

    Ask.eventually("the listener to be told").until(() -> heard.size() == 1);
    assertThat(limiter.decider().counts().get(0).admitted()).isOne();
    assertThat(limiter.tryAcquire("a").remaining()).as("nothing is given back").isEqualTo(98);
    assertThat(heard).hasSize(2);
  }

  @Test
  void listenersHearOfWhatShadowModeWouldHaveRefused() {
    Queue<String> told = new ConcurrentLinkedQueue<>();
    RateLimiter<String> limiter = inShadow(redis, told);
    assertThat(Ask.done(limiter.tryAcquireAsync("a")).isShadowed()).isFalse();
    Decision second = Ask.done(limiter.tryAcquireAsync("a"));
    assertThat(second.isAlone()).isFalse();
    assertThat(second.isShadowed()).isTrue();
    assertThat(told)
        .containsExactly("admitted 1 by " + name, "refused 1 by " + name + " in shadow");
  }

  @Test
  void ofThatTheyHearWithoutRedisToo() {
    Queue<String> told = new ConcurrentLinkedQueue<>();
    try (RedisLimits hasty =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofMillis(50)).build())) {
      RateLimiter<String> limiter = inShadow(hasty, told);
      server.get().stop();
      assertThat(Ask.done(limiter.tryAcquireAsync("a")).isShadowed()).isFalse();
      Decision second = Ask.done(limiter.tryAcquireAsync("a"));
      assertThat(second.isAlone()).isTrue();
      assertThat(second.isShadowed()).isTrue();
      server.get().resume();
    }
    assertThat(told)
        .containsExactly("admitted 1 by " + name, "refused 1 by " + name + " in shadow");
  }

  private RateLimiter<String> inShadow(RedisLimits its, Queue<String> told) {
    return RateLimiter.<String>builder(name)
        .policy("user", Limit.of(1, Duration.ofHours(1)), user -> user)
        .shared(its)
        .shadow()
        .listener(Heard.into(told))
        .build();
  }

  @Test
  void aListenerThatFailsChangesNothing() {
    RateLimiter<String> limiter =
        door()
            .listener(
                new RateLimitListener() {
                  @Override
                  public void onAdmitted(String of, Decision decision) {
                    throw new IllegalStateException("on purpose");
                  }
                })
            .build();
    assertThat(Ask.done(limiter.tryAcquireAsync("a")).allowed()).isTrue();
    assertThat(heard).hasSize(1);
  }

  @Test
  void whatFunctionsThrowTheFutureFailsWith() {
    IllegalStateException thrown = new IllegalStateException("on purpose");
    RateLimiter<String> limiter =
        RateLimiter.<String>builder(name)
            .policy(
                "user",
                Limit.perSecond(1),
                user -> {
                  throw thrown;
                })
            .shared(redis)
            .build();
    assertThat(Ask.failure(limiter.tryAcquireAsync("a"))).isSameAs(thrown);
    assertThatThrownBy(() -> limiter.tryAcquire("a")).isSameAs(thrown);
    assertThatThrownBy(() -> limiter.tryAcquireAsync("a", 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> limiter.tryAcquireAsync(null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void asItIsOfLimitsOfThisProcess() {
    IllegalStateException thrown = new IllegalStateException("on purpose");
    RateLimiter<String> limiter =
        RateLimiter.<String>builder(name)
            .policy(
                "user",
                Limit.perSecond(1),
                user -> {
                  throw thrown;
                })
            .build();
    assertThat(Ask.failure(limiter.tryAcquireAsync("a"))).isSameAs(thrown);
  }
}
