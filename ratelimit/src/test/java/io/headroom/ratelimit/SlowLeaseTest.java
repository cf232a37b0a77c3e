package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Leases where a round trip takes longer than the pause between two that bring nothing. */
class SlowLeaseTest {

  private static final Duration EACH_WAY = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @RegisterExtension static final RedisExtension<RedisServer> server = RedisExtension.single();

  private FaultProxy way;
  private RedisLimits redis;

  @BeforeEach
  void begin() {
    way = FaultProxy.to(server.get());
    redis =
        Ask.connected(
            RedisLimits.builder("redis://127.0.0.1:" + way.port()).timeout(PATIENCE).build());
  }

  @AfterEach
  void end() {
    redis.close();
    way.close();
  }

  private RateLimiter<String> limiter(Limit limit) {
    return RateLimiter.<String>builder("slow-" + UUID.randomUUID())
        .leased("all", limit)
        .shared(redis)
        .build();
  }

  /** Who does not get of what there was is refused, and does not ask again, trip after trip. */
  @Test
  void callersShareWhatThereIsInOneTrip() {
    RateLimiter<String> limiter = limiter(Limit.of(10, Duration.ofHours(1)));
    way.latency(EACH_WAY);
    long before = redis.buckets().trips();
    List<CompletableFuture<Decision>> decisions = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      decisions.add(limiter.tryAcquireAsync("a"));
    }
    long admitted = decisions.stream().map(Ask::done).filter(Decision::allowed).count();

    assertThat(admitted).isEqualTo(10);
    assertThat(decisions.stream().map(Ask::done)).noneMatch(Decision::isAlone);
    // One for the first, one for all who came meanwhile, one that finds nothing; and heartbeats.
    assertThat(redis.buckets().trips() - before).isLessThan(10);
  }

  @Test
  void aRefusalTellsEachWhenThereMayBeAsManyAsHeWants() {
    RateLimiter<String> limiter = limiter(Limit.of(10, Duration.ofHours(10)));
    assertThat(limiter.tryAcquire("a", 10).allowed()).isTrue();
    assertThat(limiter.tryAcquire("a").retryAfter()).isBetween(minutes(58), minutes(60));
    assertThat(limiter.tryAcquire("a", 10).retryAfter()).isBetween(minutes(598), minutes(600));
  }

  private static Duration minutes(long minutes) {
    return Duration.ofMinutes(minutes);
  }

  /** More than it then holds, of whoever asked before. */
  @Test
  void aLimitThatIsLoweredMeanwhileAdmitsNobody() {
    RateLimiter<String> limiter = limiter(Limit.of(100, Duration.ofHours(1)));
    assertThat(limiter.tryAcquire("a", 60).allowed()).isTrue();
    way.latency(EACH_WAY);
    CompletableFuture<Decision> decision = limiter.tryAcquireAsync("a", 90);

    limiter.changeLimit("all", Limit.of(100, Duration.ofHours(1)).burst(10));

    assertThat(Ask.done(decision).allowed()).isFalse();
  }

  /** As many leases as there may be keys; for the others Redis is asked each time. */
  @Test
  void aFloodOfKeysGetsNoMoreLeasesThanKeysAreAllowed() {
    RateLimiter<String> limiter =
        RateLimiter.<String>builder("flood-" + UUID.randomUUID())
            .leased("user", Limit.of(2, Duration.ofHours(1)), user -> user)
            .maximumKeys(50)
            .shared(redis)
            .build();
    for (int i = 0; i < 200; i++) {
      String key = "key-" + i;
      assertThat(limiter.tryAcquire(key, 2).allowed()).isTrue();
      assertThat(limiter.tryAcquire(key).allowed()).isFalse();
    }
    assertThat(limiter.decider().keys(0)).hasValue(50);
  }
}
