package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.core.ConditionFactory;

/** Asks limiters whose Redis may not answer. */
final class Ask {

  /** Ten are enough for the breaker; a call may be on its way before the last failure is noted. */
  static final int MOST_WAIT = 20;

  /** A hundred times what a decision may wait for Redis: machines are shared. */
  private static final Duration NEVER_LONGER = Duration.ofSeconds(5);

  private static final int ASKED_WHILE_AWAY = 1_000;

  private Ask() {}

  /** Faults take their time, on a busy machine too. */
  static ConditionFactory eventually(String what) {
    return await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }

  /** What comes, and does not stay away for ever. */
  static <T> T done(CompletableFuture<T> what) {
    try {
      return what.get(60, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException failed) {
      throw new AssertionError(failed);
    }
  }

  static Throwable failure(CompletableFuture<?> what) {
    try {
      throw new AssertionError("did not fail: " + what.get(60, TimeUnit.SECONDS));
    } catch (ExecutionException failed) {
      return failed.getCause();
    } catch (InterruptedException | TimeoutException never) {
      throw new AssertionError(never);
    }
  }

  /** Which may take longer than a limiter waits, and until then it decides alone. */
  static RedisLimits connected(RedisLimits redis) {
    eventually("a connection").until(redis::isUp);
    return redis;
  }

  static void awaitShared(RateLimiter<String> limiter, String key) {
    eventually("Redis to decide again").until(() -> !limiter.tryAcquire(key).isAlone());
  }

  /** Callers find out that Redis is away, and get their decisions all the same. */
  static void awaitAway(RedisLimits redis, RateLimiter<String> limiter) {
    eventually("Redis to be known to be away")
        .until(
            () -> {
              inTime(() -> limiter.tryAcquire("away"));
              inTime(() -> done(limiter.tryAcquireAsync("away")));
              return !redis.isUp();
            });
  }

  /** A decision that does not wait until the server answers, or a connection is given up. */
  static void inTime(Runnable decision) {
    long begin = System.nanoTime();
    decision.run();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(NEVER_LONGER);
  }

  static long alone(RateLimiter<?> limiter) {
    return limiter.decider().counts().stream().mapToLong(PolicyCounts::alone).sum();
  }

  /** Nobody waits for a server that is known to be away: it is not even asked. */
  static void assertDecidesAlone(RedisLimits redis, RateLimiter<String> limiter) {
    long trips = redis.buckets().trips();
    long alone = alone(limiter);
    for (int i = 0; i < ASKED_WHILE_AWAY; i++) {
      assertThat(limiter.tryAcquire("key-" + i).isAlone()).isTrue();
      CompletableFuture<Decision> async = limiter.tryAcquireAsync("key-" + i);
      assertThat(async).as("nothing is waited for").isDone();
      assertThat(done(async).isAlone()).isTrue();
    }
    assertThat(redis.buckets().trips() - trips).as("times that Redis was asked").isZero();
    assertThat(alone(limiter) - alone).as("counted").isEqualTo(2 * ASKED_WHILE_AWAY);
  }

  /** All that is promised of a time without Redis. */
  static void assertDoesWithout(
      RedisLimits redis, RateLimiter<String> limiter, Runnable begin, Runnable end) {
    awaitShared(limiter, "before");
    begin.run();
    awaitAway(redis, limiter);
    assertDecidesAlone(redis, limiter);
    end.run();
    awaitShared(limiter, "after");
    eventually("Redis to be up").until(redis::isUp);
    assertThat(limiter.decider().processes()).hasValue(1);
  }
}
