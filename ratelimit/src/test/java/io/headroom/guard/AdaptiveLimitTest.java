package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A database that gets slower the more it has to do, beyond a number that it does at ease. */
class AdaptiveLimitTest {

  private static final int SIZE = 40;
  private static final int AT_EASE = 12;
  private static final double MILLI = 1e6;

  private static Simulation overloaded(ConnectionGuardBuilder builder) {
    AtomicReference<Simulation> made = new AtomicReference<>();
    Simulation run =
        new Simulation(
            builder,
            SIZE,
            new Random(42),
            () -> {
              double beyond = Math.max(1, made.get().guard.gate().inUse() / (double) AT_EASE);
              return (long) (20 * MILLI * beyond * beyond);
            });
    made.set(run);
    run.offer(Criticality.STANDARD, 300, Duration.ofSeconds(5)); // half of what it can do
    run.run(Duration.ofSeconds(5));
    run.offer(Criticality.STANDARD, 5_000, Duration.ofSeconds(30));
    run.run(Duration.ofSeconds(30));
    return run;
  }

  @Test
  void itServesMoreWithFewerConnections() {
    Simulation all = overloaded(ConnectionGuard.builder());
    Simulation adaptive = overloaded(ConnectionGuard.builder().adaptive());
    long bare = all.counts.get(Criticality.STANDARD).served;
    long served = adaptive.counts.get(Criticality.STANDARD).served;
    assertThat(adaptive.guard.gate().limit()).isBetween(SIZE / 4, SIZE / 2);
    assertThat(served).isGreaterThan(3 * bare / 2);
  }

  @Test
  void itUsesAllThatAreOfUse() {
    Simulation run =
        new Simulation(
            ConnectionGuard.builder().adaptive(), 10, new Random(42), () -> (long) (20 * MILLI));
    run.offer(Criticality.STANDARD, 5_000, Duration.ofSeconds(10));
    run.run(Duration.ofSeconds(10));
    assertThat(run.guard.gate().limit()).isEqualTo(10);
  }

  @Test
  void itNeverTakesAllAway() {
    AdaptiveLimit limit = new AdaptiveLimit(10);
    PoolSample fast = new PoolSample(new double[3], 0, 1, 0, 0, 0, 1_000);
    PoolSample slow = new PoolSample(new double[3], 0, 1, 0, 0, 0, 1_000_000);
    assertThat(limit.update(10, fast)).isEqualTo(10);
    int now = 10;
    for (int i = 0; i < 100; i++) {
      int before = now;
      now = limit.update(10, slow);
      assertThat(now).isLessThanOrEqualTo(before);
    }
    assertThat(now).isEqualTo(2);
    assertThat(limit.update(3, fast)).as("a pool that was resized").isLessThanOrEqualTo(3);
  }
}
