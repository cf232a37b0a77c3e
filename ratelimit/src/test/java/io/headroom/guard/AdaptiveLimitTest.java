package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that gets slower the more it has to do, beyond a number that it does at ease. */
class AdaptiveLimitTest {

  private static final int SIZE = 40;
  private static final int AT_EASE = 12;
  private static final double MILLI = 1e6;

  /** Holds are exponentially distributed, and longer the more are in use beyond what is at ease. */
  private static Simulation overloaded(ConnectionGuardBuilder builder, long seed, int seconds) {
    AtomicReference<Simulation> made = new AtomicReference<>();
    Random random = new Random(seed);
    Simulation run =
        new Simulation(
            builder,
            SIZE,
            random,
            () -> {
              double beyond = Math.max(1, made.get().guard.gate().inUse() / (double) AT_EASE);
              return (long) (20 * MILLI * beyond * beyond * -Math.log(1 - random.nextDouble()));
            });
    made.set(run);
    run.offer(Criticality.STANDARD, 300, Duration.ofSeconds(5)); // half of what it can do
    run.run(Duration.ofSeconds(5));
    run.offer(Criticality.STANDARD, 2_000, Duration.ofSeconds(seconds));
    run.run(Duration.ofSeconds(seconds));
    return run;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void itServesMoreWithFewerConnections(long seed) {
    Simulation all = overloaded(ConnectionGuard.builder(), seed, 30);
    Simulation adaptive = overloaded(ConnectionGuard.builder().adaptive(), seed, 30);
    long bare = all.counts.get(Criticality.STANDARD).served;
    long served = adaptive.counts.get(Criticality.STANDARD).served;
    assertThat(adaptive.guard.gate().limit()).isBetween(SIZE / 4, SIZE / 2);
    assertThat(served).isGreaterThan(3 * bare / 2);
  }

  @Test
  void itDoesNotForgetWhileItLasts() {
    Simulation adaptive = overloaded(ConnectionGuard.builder().adaptive(), 42, 300);
    assertThat(adaptive.guard.gate().limit()).isBetween(SIZE / 4, SIZE / 2);
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

  /** All connections are in use, are held for so long, and so many of them come back. */
  private static PoolSample full(int connections, double holdNanos) {
    return new PoolSample(
        new double[3],
        new double[3],
        connections,
        0,
        0,
        1,
        1,
        0,
        0,
        0,
        0,
        Math.round(holdNanos),
        Math.round(connections * WINDOW / holdNanos),
        0);
  }

  @Test
  void itNeverTakesAllAway() {
    AdaptiveLimit limit = new AdaptiveLimit(10, WINDOW);
    int now = limit.update(10, full(10, MILLI / 10));
    assertThat(now).isEqualTo(10);
    for (int i = 0; i < 400; i++) {
      int before = now;
      now = limit.update(10, full(now, now * MILLI)); // it serves the same, however many at once
      assertThat(now).isLessThanOrEqualTo(before);
    }
    assertThat(now).isEqualTo(2);
    int resized = limit.update(3, full(now, MILLI / 10));
    assertThat(resized).as("a pool that was resized").isLessThanOrEqualTo(3);
  }

  /** Quiet hours have short requests and busy ones long ones, of a database at ease. */
  @Test
  void whatTakesLongByItsNatureHasAllConnections() {
    AdaptiveLimit limit = new AdaptiveLimit(40, WINDOW);
    int now = 40;
    for (int i = 0; i < 100; i++) {
      now = limit.update(40, full(now, MILLI));
    }
    int least = 40;
    for (int i = 0; i < 200; i++) {
      now = limit.update(40, full(now, 20 * MILLI));
      least = Math.min(least, now);
    }
    assertThat(least).as("it tries").isBetween(30, 39);
    for (int i = 0; i < 600; i++) {
      now = limit.update(40, full(now, 20 * MILLI));
      assertThat(now).as("window %d", i).isGreaterThan(30);
    }
    assertThat(now).isEqualTo(40);
  }
}
