package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The meters of limits in Redis. */
class SharedMetricsTest {

  private static final Limit LIMIT = Limit.of(10, Duration.ofHours(1));

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private RedisLimits redis;
  private RateLimiter<String> limiter;

  @BeforeEach
  void begin() {
    server.get().flush();
    redis =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(30)).build());
    limiter =
        RateLimiter.<String>builder("door")
            .policy("user", LIMIT, user -> user)
            .leased("all", Limit.of(1_000, Duration.ofHours(1)), user -> "all")
            .shared(redis)
            .build();
    RateLimitMetrics.of(limiter).bindTo(registry);
    RateLimitMetrics.of(redis).bindTo(registry);
  }

  @AfterEach
  void end() {
    redis.close();
    server.heal();
  }

  private double count(String name, String policy) {
    return registry
        .get("headroom.ratelimit." + name)
        .tags("limiter", "door", "policy", policy)
        .functionCounter()
        .count();
  }

  private double outcome(String policy, String outcome) {
    return registry
        .get("headroom.ratelimit.decisions")
        .tags("policy", policy, "outcome", outcome)
        .functionCounter()
        .count();
  }

  private double gauge(String name) {
    return registry.get("headroom.ratelimit." + name).gauge().value();
  }

  @Test
  void decisionsAreCountedOnceWhereverTheyAreMade() {
    assertThat(limiter.tryAcquire("a", 10).allowed()).isTrue();
    assertThat(Ask.done(limiter.tryAcquireAsync("a")).allowed()).isFalse();
    assertThat(outcome("user", "admitted")).isEqualTo(1);
    assertThat(outcome("user", "refused")).isEqualTo(1);
    assertThat(outcome("all", "admitted") + outcome("all", "refused")).isZero();
    assertThat(count("alone", "user")).isZero();

    redis.close();
    assertThat(limiter.tryAcquire("a", 10).allowed()).as("by itself").isTrue();
    assertThat(Ask.done(limiter.tryAcquireAsync("a")).allowed()).isFalse();
    assertThat(outcome("user", "admitted")).isEqualTo(2);
    assertThat(outcome("user", "refused")).isEqualTo(2);
    assertThat(count("alone", "user")).isEqualTo(2);
    assertThat(count("alone", "all")).isZero();
  }

  @Test
  void bucketsOfOtherSettingsAreCounted() {
    RateLimiter.<String>builder("door")
        .policy("user", LIMIT.burst(20), user -> user)
        .shared(redis)
        .build()
        .tryAcquire("a");
    limiter.tryAcquire("a");
    assertThat(count("others", "user")).isEqualTo(1);
    assertThat(count("others", "all")).isZero();
  }

  @Test
  void leasesAreKeysOfThisProcessAndBucketsAreNot() {
    limiter.tryAcquire("a");
    limiter.tryAcquire("b");
    assertThat(registry.get("headroom.ratelimit.keys").gauges())
        .singleElement()
        .satisfies(
            gauge -> {
              assertThat(gauge.getId().getTag("policy")).isEqualTo("all");
              assertThat(gauge.value()).isEqualTo(1);
            });
  }

  @Test
  void theProcessesAreThoseOfTheLimiter() {
    assertThat(gauge("processes")).isEqualTo(1);
    try (RedisLimits there = RedisLimits.connect(server.get().uri())) {
      RateLimiter<String> other =
          RateLimiter.<String>builder("door").limit(LIMIT).shared(there).build();
      assertThat(other.policies()).hasSize(1);
      Ask.eventually("both").until(() -> gauge("processes") == 2);
    }
    Ask.eventually("one").until(() -> gauge("processes") == 1);
  }

  /** What was not asked is no trip. */
  @Test
  void tripsAreScriptsThatRedisWasAskedToRun() {
    FunctionCounter trips = registry.get("headroom.ratelimit.trips").functionCounter();
    double before = trips.count();
    limiter.tryAcquire("a");
    assertThat(trips.count()).isGreaterThanOrEqualTo(before + 2);
    assertThat(gauge("up")).isEqualTo(1);

    redis.close();
    double after = trips.count();
    for (int i = 0; i < 100; i++) {
      limiter.tryAcquire("a");
    }
    assertThat(trips.count()).isEqualTo(after);
    assertThat(redis.isUp()).isFalse();
    assertThat(registry.find("headroom.ratelimit.up").gauge()).as("of what is closed").isNull();
  }

  @Test
  void everyMeterIsDescribedAndNoKeyIsATag() {
    limiter.tryAcquire("secret");
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .allMatch(id -> id.getDescription() != null)
        .noneMatch(id -> id.toString().contains("secret"))
        .hasSize(2 * 4 + 2 * 2 + 1 + 1 + 2);
  }

  @Test
  void thoseOfAClosedRedisGoAndThoseOfLimitersStay() {
    int meters = registry.getMeters().size();
    redis.close();
    assertThat(registry.getMeters()).hasSize(meters - 2);
    assertThat(registry.find("headroom.ratelimit.up").meter()).isNull();
    assertThat(registry.find("headroom.ratelimit.trips").meter()).isNull();
  }

  /** Registries hold what they ask weakly. */
  @Test
  void countersLiveAsLongAsTheirLimiterThoughNobodyKeepsTheBinder() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RateLimiter<String> limiter =
        RateLimiter.<String>builder("kept").limit(Limit.perSecond(5)).build();
    RateLimitMetrics.of(limiter).bindTo(registry);
    limiter.tryAcquire("a");

    for (int i = 0; i < 3; i++) {
      System.gc();
      assertThat(
              registry
                  .get("headroom.ratelimit.decisions")
                  .tag("outcome", "admitted")
                  .functionCounter()
                  .count())
          .isOne();
    }
    assertThat(limiter.name()).isEqualTo("kept");
  }
}
