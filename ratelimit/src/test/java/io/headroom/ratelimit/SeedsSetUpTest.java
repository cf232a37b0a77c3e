package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a service of many users is told to begin with: 100 requests a second per address with a
 * burst of 50 and no delay, 20 connections per address, 1,000 a second per user, and one limit for
 * the fleet. Here the fleet is two processes.
 */
class SeedsSetUpTest {

  private static final int FLEET = 5_000;

  @RegisterExtension static final RedisExtension<RedisServer> server = RedisExtension.single();

  private final String name = "door-" + UUID.randomUUID();
  private final List<RedisLimits> connections = new ArrayList<>();
  private final List<RateLimiter<Request>> fleet = new ArrayList<>();
  private final ConcurrencyLimiter<Request> atOnce =
      ConcurrencyLimiter.<Request>builder("connections", 20).key(Request::address).build();

  private record Request(String address, String user) {}

  @BeforeEach
  void start() {
    for (int i = 0; i < 2; i++) {
      RedisLimits redis =
          Ask.connected(
              RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(10)).build());
      connections.add(redis);
      fleet.add(
          RateLimiter.<Request>builder(name)
              .policy("address", Limit.perSecond(100).burst(50), Request::address)
              .policy("user", Limit.perSecond(1000), Request::user)
              .leased("all", Limit.of(FLEET, Duration.ofHours(1)))
              .shared(redis)
              .build());
    }
  }

  @AfterEach
  void stop() {
    connections.forEach(RedisLimits::close);
  }

  private Decision ask(int process, String address, String user) {
    return fleet.get(process).tryAcquire(new Request(address, user));
  }

  @Test
  void anAddressHasFiftyAtOnceInTheWholeFleetAndThenOneEachTenMilliseconds() {
    long began = System.nanoTime();
    int admitted = 0;
    Decision last = ask(0, "192.0.2.1", "u");
    for (int i = 1; last.allowed(); i++) {
      admitted++;
      last = ask(i % 2, "192.0.2.1", "u" + i);
    }
    long tenths = (System.nanoTime() - began) / Duration.ofMillis(10).toNanos();

    assertThat(admitted).isBetween(50, Math.toIntExact(50 + tenths + 1));
    assertThat(last.policy().orElseThrow().name()).isEqualTo("address");
    assertThat(last.retryAfter()).isLessThanOrEqualTo(Duration.ofMillis(10));
    assertThat(ask(1, "192.0.2.2", "u").allowed()).as("another address").isTrue();
  }

  @Test
  void aUserHasAThousandFromWhateverAddressAndProcess() {
    int admitted = 0;
    Decision last = null;
    for (int i = 0; i < 200 && (last == null || last.allowed()); i++) {
      // 25 at a time, or a slow machine would ask for no more than what flows in
      last = fleet.get(i % 2).tryAcquire(new Request("198.51.100." + i, "greedy"), 25);
      admitted += last.allowed() ? 25 : 0;
    }

    assertThat(last.allowed()).isFalse();
    assertThat(last.policy().orElseThrow().name()).isEqualTo("user");
    assertThat(admitted).isGreaterThanOrEqualTo(1000);
    assertThat(ask(0, "198.51.100.0", "modest").allowed()).isTrue();
  }

  @Test
  void theFleetHasOneLimitOfWhichOthersRefusalsTakeNothing() {
    int refusedByAddress = 0;
    int admitted = 0;
    Decision decision = ask(0, "203.0.113.0", "u");
    for (int i = 1; decision.allowed() || isBy("address", decision); i++) {
      admitted += decision.allowed() ? 1 : 0;
      refusedByAddress += decision.allowed() ? 0 : 1;
      decision = ask(i % 2, "203.0.113." + i / 60, "u" + i);
    }

    assertThat(isBy("all", decision)).isTrue();
    assertThat(refusedByAddress).isPositive();
    // In an hour 5,000 flow in; a process may have one permit ahead that it did not give out.
    assertThat(admitted).isBetween(FLEET - 1, FLEET + 100);
  }

  private static boolean isBy(String policy, Decision decision) {
    return decision.policy().orElseThrow().name().equals(policy);
  }

  @Test
  void anAddressHasTwentyConnections() {
    Request request = new Request("192.0.2.1", "u");
    List<ConcurrencyPermit> open =
        IntStream.range(0, 20).mapToObj(i -> atOnce.tryAcquire(request)).toList();
    assertThat(open).allMatch(permit -> permit.decision().allowed());

    assertThat(atOnce.tryAcquire(request).decision().allowed()).isFalse();
    open.get(7).close();
    assertThat(atOnce.tryAcquire(request).decision().allowed()).isTrue();
  }
}
