package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two processes know one policy by different limits: by a change on its way, or by mistake. */
class OtherSettingsTest {

  private static final Limit HUNDRED = Limit.of(100, Duration.ofHours(1));
  private static final Limit THOUSAND = Limit.of(1_000, Duration.ofHours(1)).burst(200);

  @RegisterExtension static final RedisExtension<RedisServer> server = RedisExtension.single();

  private final String name = "door-" + UUID.randomUUID();
  private Warnings log;
  private RedisLimits here;
  private RedisLimits there;

  @BeforeEach
  void begin() {
    log = new Warnings(RateLimiter.class);
    here =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(30)).build());
    there =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(30)).build());
  }

  @AfterEach
  void end() {
    here.close();
    there.close();
    log.close();
  }

  private RateLimiter<String> limiter(RedisLimits redis, Limit limit, boolean leased) {
    RateLimiterBuilder<String> builder = RateLimiter.<String>builder(name).shared(redis);
    return leased
        ? builder.leased("user", limit, user -> user).build()
        : builder.policy("user", limit, user -> user).build();
  }

  private static long others(RateLimiter<?> limiter) {
    return limiter.decider().counts().get(0).other();
  }

  @Test
  void twoFleetsOfOneNameAreFoundOut() {
    RateLimiter<String> one = limiter(here, HUNDRED, false);
    RateLimiter<String> other = limiter(there, THOUSAND, false);
    for (int i = 0; i < 20; i++) {
      assertThat(one.tryAcquire("a").isAlone()).isFalse();
      assertThat(other.tryAcquire("a").isAlone()).isFalse();
    }
    assertThat(others(one)).isEqualTo(19);
    assertThat(others(other)).isEqualTo(20);
    assertThat(log.said()).as("each says it once").hasSize(2);
    assertThat(log.said().get(0))
        .startsWith("WARN limiter '" + name + "': policy 'user' (1000 per hour, burst 200)")
        .contains("a bucket was written with 0.0277")
        .doesNotContain(":a")
        .contains("per second and a burst of 100", "give one of the two another name");
    assertThat(log.said().get(1)).contains("policy 'user' (100 per", "a burst of 200");
    assertThat(other.tryAcquire("a").remaining()).as("what was used counts").isEqualTo(200 - 41);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void thoseOfALeaseToo(boolean leasedThere) {
    limiter(here, HUNDRED, !leasedThere).tryAcquire("a", 50);
    RateLimiter<String> other = limiter(there, THOUSAND, leasedThere);
    assertThat(other.tryAcquire("a", 50).remaining()).as("near enough").isBetween(98L, 100L);
    assertThat(others(other)).isOne();
    assertThat(log.said()).hasSize(1);
  }

  @Test
  void aChangeGoesThroughTheFleet() {
    RateLimiter<String> one = limiter(here, HUNDRED, false);
    RateLimiter<String> other = limiter(there, HUNDRED, false);
    assertThat(one.tryAcquire("a", 60).remaining()).isEqualTo(40);
    one.changeLimit("user", THOUSAND);
    assertThat(one.tryAcquire("a", 60).remaining()).isEqualTo(80);
    assertThat(other.tryAcquire("a").allowed()).as("by the old one it is empty").isFalse();
    other.changeLimit("user", THOUSAND);
    assertThat(other.tryAcquire("a", 80).remaining()).isZero();
    assertThat(others(one)).as("what it had itself is no other's").isZero();
    long found = others(other);

    for (int i = 0; i < 10; i++) {
      one.tryAcquire("a");
      other.tryAcquire("a");
    }
    assertThat(others(one)).as("from then on they agree").isZero();
    assertThat(others(other)).isEqualTo(found);
  }
}
