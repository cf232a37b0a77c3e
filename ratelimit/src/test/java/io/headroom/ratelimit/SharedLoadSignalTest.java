package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LoadLevel;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The price of a request in Redis, leased, and without waiting. */
class SharedLoadSignalTest {

  /** So long that next to nothing flows in while a test runs. */
  private static final Duration AGES = Duration.ofDays(300);

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private final String name = "door-" + UUID.randomUUID();
  private final HandLoad load = new HandLoad();
  private RedisLimits redis;

  @BeforeEach
  void begin() {
    redis = connect(Duration.ofMinutes(1));
  }

  @AfterEach
  void end() {
    server.heal();
    redis.close();
  }

  private static RedisLimits connect(Duration timeout) {
    return Ask.connected(RedisLimits.builder(server.get().uri()).timeout(timeout).build());
  }

  private RateLimiterBuilder<String> door(RedisLimits limits) {
    return RateLimiter.<String>builder(name).shared(limits).loadSignal(load, "orders");
  }

  private RateLimiter<String> perUser(RedisLimits limits, long burst) {
    return door(limits).policy("user", Limit.of(burst, AGES), user -> user).build();
  }

  @Test
  void whoCanBeShedPaysMoreOfWhatAllShare() {
    RateLimiter<String> limiter = perUser(redis, 10);
    load.set(LoadLevel.HIGH);
    assertThat(limiter.tryAcquire("a").remaining()).isEqualTo(9);
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("a")).remaining()).isEqualTo(7);
    load.set(LoadLevel.CRITICAL);
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("a")).remaining()).isEqualTo(3);

    Decision refused = HandLoad.shed(() -> limiter.tryAcquire("a"));

    assertThat(refused.allowed()).isFalse();
    assertThat(refused.permits()).isEqualTo(1);
    assertThat(refused.price()).isEqualTo(4);
    assertThat(refused.retryAfter()).isBetween(Duration.ofDays(29), Duration.ofDays(30));
    try (RedisLimits there = connect(Duration.ofMinutes(1))) {
      assertThat(perUser(there, 10).tryAcquire("a", 3).allowed()).isTrue();
    }
    assertThat(Ask.alone(limiter)).isZero();
  }

  @Test
  void thePriceIsNoMoreThanTheSmallestBucketHolds() {
    RateLimiter<String> limiter =
        door(redis)
            .policy("user", Limit.of(10, AGES), user -> user)
            .policy("guest", Limit.of(3, AGES), user -> user.equals("guest") ? user : null)
            .build();
    load.set(LoadLevel.CRITICAL);

    Decision guest = HandLoad.shed(() -> limiter.tryAcquire("guest"));
    assertThat(guest.allowed()).isTrue();
    assertThat(guest.price()).isEqualTo(3);
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("a")).remaining()).isEqualTo(6);
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("b", 9)).price()).isEqualTo(10);
    Decision never = HandLoad.shed(() -> limiter.tryAcquire("guest", 4));
    assertThat(never.isNeverPossible()).isTrue();
    assertThat(never.price()).isEqualTo(4);
  }

  @Test
  void aLeaseIsPaidFromAsWell() {
    RateLimiter<String> limiter = door(redis).leased("all", Limit.of(20, AGES)).build();
    load.set(LoadLevel.CRITICAL);
    for (int i = 0; i < 4; i++) {
      Decision decision = HandLoad.shed(() -> limiter.tryAcquire("a"));
      assertThat(decision.allowed()).isTrue();
      assertThat(decision.price()).isEqualTo(4);
    }
    assertThat(limiter.tryAcquire("a").allowed()).isTrue();
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("a")).allowed()).isFalse();
    assertThat(limiter.tryAcquire("a", 3).allowed()).isTrue();
  }

  @Test
  void aLeaseHasThePriceBackOfWhatABucketRefused() {
    RateLimiter<String> limiter =
        door(redis)
            .leased("all", Limit.of(100, AGES))
            .policy("user", Limit.of(40, AGES), user -> user)
            .whenAway(WhenAway.CLOSED)
            .build();
    assertThat(limiter.tryAcquire("a", 37).allowed()).isTrue();
    load.set(LoadLevel.CRITICAL);
    for (int i = 0; i < 50; i++) {
      assertThat(HandLoad.shed(() -> limiter.tryAcquire("a")).allowed()).isFalse();
    }
    assertThat(limiter.tryAcquire("b", 40).allowed()).isTrue();
    assertThat(limiter.tryAcquire("c", 23).allowed()).isTrue();
    assertThat(limiter.tryAcquire("c").policy().orElseThrow().name()).isEqualTo("all");
  }

  /** When the answer comes, on another thread, the load and the request are others. */
  @Test
  void whatCountsIsTheLoadAndTheRequestOfTheCall() {
    RateLimiter<String> limiter = perUser(redis, 100);
    server.get().stop();
    CompletableFuture<Decision> before = HandLoad.shed(() -> limiter.tryAcquireAsync("a"));
    load.set(LoadLevel.HIGH);
    CompletableFuture<Decision> high = HandLoad.shed(() -> limiter.tryAcquireAsync("b"));
    CompletableFuture<Decision> standard = limiter.tryAcquireAsync("c");
    load.set(LoadLevel.CRITICAL);
    assertThat(before).isNotDone();
    assertThat(high).isNotDone();
    assertThat(standard).isNotDone();

    server.get().resume();
    assertThat(Ask.done(before).remaining()).isEqualTo(99);
    assertThat(Ask.done(high).remaining()).isEqualTo(98);
    assertThat(Ask.done(high).price()).isEqualTo(2);
    assertThat(Ask.done(high).permits()).isEqualTo(1);
    assertThat(Ask.done(standard).remaining()).isEqualTo(99);
    assertThat(load.asked).hasSize(2);
  }

  @Test
  void andAlsoWhereRedisDoesNotAnswerInTime() {
    try (RedisLimits hasty = connect(Duration.ofMillis(50))) {
      RateLimiter<String> limiter = perUser(hasty, 100);
      load.set(LoadLevel.HIGH);
      server.get().stop();
      CompletableFuture<Decision> late = HandLoad.shed(() -> limiter.tryAcquireAsync("a"));
      load.set(LoadLevel.CRITICAL);

      Decision alone = Ask.done(late);

      assertThat(alone.isAlone()).isTrue();
      assertThat(alone.price()).isEqualTo(2);
      assertThat(alone.remaining()).isEqualTo(98);
      server.get().resume();
    }
  }

  /** They share a round trip, and each pays its own price. */
  @Test
  void callersInLinePayEachTheirOwn() {
    RateLimiter<String> limiter = perUser(redis, 100);
    load.set(LoadLevel.CRITICAL);
    server.get().stop();
    CompletableFuture<Decision> first = limiter.tryAcquireAsync("a");
    CompletableFuture<Decision> second = HandLoad.shed(() -> limiter.tryAcquireAsync("a", 5));
    CompletableFuture<Decision> third = limiter.tryAcquireAsync("a");
    server.get().resume();

    assertThat(Ask.done(first).remaining()).isEqualTo(99);
    assertThat(Ask.done(second).remaining()).isEqualTo(79);
    assertThat(Ask.done(third).remaining()).isEqualTo(78);
  }
}
