package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

  private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(100);

  /** All connections are in use, and are held for so long. */
  private static PoolSample held(double nanos) {
    return new PoolSample(new double[3], 0, 1, 1, 0, 0, 0, Math.round(nanos), 0);
  }

  @Test
  void itNeverTakesAllAway() {
    AdaptiveLimit limit = new AdaptiveLimit(10, WINDOW);
    int now = limit.update(10, held(MILLI / 10));
    assertThat(now).isEqualTo(10);
    for (int i = 0; i < 200; i++) {
      int before = now;
      now = limit.update(10, held(now * MILLI)); // it serves the same, however many at once
      assertThat(now).isLessThanOrEqualTo(before);
    }
    assertThat(now).isEqualTo(2);
    int resized = limit.update(3, held(MILLI / 10));
    assertThat(resized).as("a pool that was resized").isLessThanOrEqualTo(3);
  }

  /** Quiet hours have short requests and busy ones long ones, of a database at ease. */
  @Test
  void whatTakesLongByItsNatureHasAllConnections() {
    AdaptiveLimit limit = new AdaptiveLimit(40, WINDOW);
    for (int i = 0; i < 100; i++) {
      limit.update(40, held(MILLI));
    }
    int least = 40;
    for (int i = 0; i < 100; i++) {
      least = Math.min(least, limit.update(40, held(20 * MILLI)));
    }
    assertThat(least).as("it tries").isBetween(30, 39);
    for (int i = 0; i < 600; i++) {
      assertThat(limit.update(40, held(20 * MILLI))).as("window %d", i).isGreaterThan(30);
    }
    assertThat(limit.update(40, held(20 * MILLI))).isEqualTo(40);
  }
}
