package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Fleets of different settings on one bucket, and limits that change: what is used stays used. */
class SharedSettingsProperties {

  /** So long that no permit flows in while a test runs. */
  private static final Duration AGES = Duration.ofDays(300);

  private static final List<Limit> LIMITS =
      List.of(
          Limit.of(50, AGES),
          Limit.of(1_000, AGES).burst(100),
          Limit.of(90, AGES.minusDays(1)).burst(211),
          Limit.of(1, AGES).burst(16));

  private static RedisServer server;
  private static final List<RedisLimits> processes = new ArrayList<>();

  @BeforeContainer
  static void start() {
    server = RedisServer.start();
    for (int i = 0; i < LIMITS.size(); i++) {
      processes.add(
          Ask.connected(RedisLimits.builder(server.uri()).timeout(Duration.ofSeconds(30)).build()));
    }
  }

  @AfterContainer
  static void end() {
    processes.forEach(RedisLimits::close);
    processes.clear();
    server.close();
  }

  /** Which fleet asks, or which limit is next, and for how many permits. */
  @Provide
  Arbitrary<List<Tuple2<Integer, Integer>>> asked() {
    return Combinators.combine(
            Arbitraries.integers().between(0, LIMITS.size() - 1),
            Arbitraries.integers().between(1, 40))
        .as((fleet, permits) -> Tuple.of(fleet, permits))
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 40)
  void fleetsThatAlternateSeeWhatTheOthersHaveUsed(
      @ForAll("asked") List<Tuple2<Integer, Integer>> asked) {
    String name = "door-" + UUID.randomUUID();
    List<RateLimiter<String>> fleets = new ArrayList<>();
    for (int i = 0; i < LIMITS.size(); i++) {
      fleets.add(
          RateLimiter.<String>builder(name).limit(LIMITS.get(i)).shared(processes.get(i)).build());
    }
    long used = 0;
    int writer = -1;
    long[] others = new long[LIMITS.size()];
    for (Tuple2<Integer, Integer> each : asked) {
      int fleet = each.get1();
      long permits = each.get2();
      long capacity = LIMITS.get(fleet).capacity();
      boolean possible = permits <= capacity;
      boolean fits = used + permits <= capacity;

      Decision decision = fleets.get(fleet).tryAcquire("a", permits);

      others[fleet] += possible && writer >= 0 && writer != fleet ? 1 : 0;
      assertThat(decision.allowed()).isEqualTo(fits);
      if (fits) {
        used += permits;
        writer = fleet;
        // Rounded up, a permit that lacks a unit is none.
        assertThat(decision.remaining()).isBetween(capacity - used - 1, capacity - used);
      }
      assertThat(fleets.get(fleet).decider().counts().get(0).other()).isEqualTo(others[fleet]);
    }
  }

  @Property(tries = 40)
  void aLiveChangeLosesNothing(@ForAll("asked") List<Tuple2<Integer, Integer>> asked) {
    RateLimiter<String> limiter =
        RateLimiter.<String>builder("door-" + UUID.randomUUID())
            .limit(LIMITS.get(0))
            .shared(processes.get(0))
            .build();
    String policy = limiter.name();
    long used = 0;
    for (Tuple2<Integer, Integer> each : asked) {
      Limit limit = LIMITS.get(each.get1());
      long permits = each.get2();
      limiter.changeLimit(policy, limit);
      boolean fits = used + permits <= limit.capacity();

      assertThat(limiter.tryAcquire("a", permits).allowed()).isEqualTo(fits);
      used += fits ? permits : 0;
    }
  }
}
