package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LoadLevel;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class RateLimitMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final HandTime time = new HandTime();

  private double decisions(String limiter, String policy, String outcome) {
    return registry
        .get("headroom.ratelimit.decisions")
        .tags(Tags.of("limiter", limiter, "policy", policy, "outcome", outcome))
        .functionCounter()
        .count();
  }

  private double keys(String limiter, String policy) {
    return registry
        .get("headroom.ratelimit.keys")
        .tags(Tags.of("limiter", limiter, "policy", policy))
        .gauge()
        .value();
  }

  @Test
  void eachDecisionIsCountedOnceByThePolicyThatDecided() {
    RateLimiter<String> door =
        RateLimiter.<String>builder("door")
            .policy("user", Limit.perSecond(2), user -> user)
            .policy("all", Limit.perSecond(4))
            .maximumKeys(2)
            .time(time)
            .build();
    RateLimitMetrics.of(door).bindTo(registry);
    for (int i = 0; i < 3; i++) {
      door.tryAcquire("ada");
    }
    door.tryAcquire("bob");
    door.tryAcquire("eve", 3);
    door.tryAcquire("eve");
    door.tryAcquire("bob");

    assertThat(decisions("door", "user", "admitted")).isEqualTo(3);
    assertThat(decisions("door", "user", "refused")).isEqualTo(1);
    assertThat(decisions("door", "user", "overflow")).isEqualTo(1);
    assertThat(decisions("door", "user", "shadowed")).isZero();
    assertThat(decisions("door", "all", "admitted")).isEqualTo(1);
    assertThat(decisions("door", "all", "refused")).isEqualTo(1);
    assertThat(keys("door", "user")).isEqualTo(2);
    assertThat(keys("door", "all")).isZero();
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .allMatch(id -> id.getDescription() != null)
        .hasSize(2 * 5);
  }

  /** Admitted or not, and with a signal only. */
  @Test
  void decisionsAtAHigherPriceAreCounted() {
    HandLoad load = new HandLoad();
    RateLimiter<String> door =
        RateLimiter.<String>builder("door")
            .policy("user", Limit.perSecond(6), user -> user)
            .policy("all", Limit.perSecond(100))
            .loadSignal(load, "orders")
            .time(time)
            .build();
    RateLimitMetrics.of(door).bindTo(registry);
    HandLoad.shed(() -> door.tryAcquire("ada"));
    load.set(LoadLevel.CRITICAL);
    HandLoad.shed(() -> door.tryAcquire("ada"));
    HandLoad.shed(() -> door.tryAcquire("ada"));
    HandLoad.shed(() -> door.tryAcquire("bob", 6)); // which pays no more than that
    door.tryAcquire("ada");

    assertThat(tightened("user")).isEqualTo(2);
    assertThat(tightened("all")).isZero();
    assertThat(decisions("door", "user", "admitted")).isEqualTo(4);
    assertThat(decisions("door", "user", "refused")).isEqualTo(1);
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .allMatch(id -> id.getDescription() != null)
        .hasSize(2 * 6);
  }

  private double tightened(String policy) {
    return registry
        .get("headroom.ratelimit.tightened")
        .tags(Tags.of("limiter", "door", "policy", policy))
        .functionCounter()
        .count();
  }

  @Test
  void shadowedDecisionsAreCountedApart() {
    RateLimiter<String> user =
        RateLimiter.<String>builder("user").limit(Limit.perSecond(1)).shadow().time(time).build();
    RateLimitMetrics.of(user).bindTo(registry);
    user.tryAcquire("ada");
    user.tryAcquire("ada");

    assertThat(decisions("user", "user", "admitted")).isEqualTo(1);
    assertThat(decisions("user", "user", "shadowed")).isEqualTo(1);
    assertThat(decisions("user", "user", "refused")).isZero();
  }

  @Test
  void aConcurrencyLimiterHasTheSameMeters() {
    ConcurrencyLimiter<String> connections =
        ConcurrencyLimiter.<String>builder("connections", 1).build();
    RateLimitMetrics.of(connections).bindTo(registry);
    ConcurrencyPermit first = connections.tryAcquire("a");
    connections.tryAcquire("a").close();

    assertThat(keys("connections", "connections")).isEqualTo(1);
    first.close();
    assertThat(keys("connections", "connections")).isZero();
    assertThat(decisions("connections", "connections", "admitted")).isEqualTo(1);
    assertThat(decisions("connections", "connections", "refused")).isEqualTo(1);
  }
}
