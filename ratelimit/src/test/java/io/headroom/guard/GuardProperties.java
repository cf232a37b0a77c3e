package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** What a guarded pool promises under any load, in simulated time. */
class GuardProperties {

  private static final Duration LENGTH = Duration.ofSeconds(6);

  /**
   * A pool whose connections are held for so long, exponentially distributed or always the same.
   *
   * @param millis on the average; more if it is large, so that it serves a thousand a second at
   *     most, lest the simulation take long
   */
  private static Simulation pool(int size, double millis, boolean spread, long seed) {
    return Simulation.of(size, Math.max(millis, size), spread, seed);
  }

  private static Simulation pool(int size, double millis, long seed) {
    return pool(size, millis, true, seed);
  }

  private static long served(Simulation run) {
    return run.counts.values().stream().mapToLong(counts -> counts.served).sum();
  }

  @Property(tries = 20)
  void underTenTimesItsLoadAPoolDoesWhatItCan(
      @ForAll @IntRange(min = 3, max = 100) int size,
      @ForAll @DoubleRange(min = 1, max = 100) double millis,
      @ForAll boolean spread,
      @ForAll boolean cohorts,
      @ForAll long seed) {
    Simulation run = pool(size, millis, spread, seed);
    if (!cohorts) {
      run.withoutCohorts();
    }
    run.offer(Criticality.STANDARD, 10 * run.capacity(), LENGTH);
    run.run(Duration.ofSeconds(2));
    long before = served(run);
    run.run(LENGTH.minusSeconds(2));
    double goodput = (served(run) - before) / (LENGTH.toSeconds() - 2.0);
    // Of few requests, those that chance takes away weigh more.
    double chance = 4 * Math.sqrt(run.capacity() * 4) / 4;
    assertThat(goodput).isGreaterThan(0.9 * run.capacity() - (spread ? chance : 0));
    assertThat(run.longestWaitNanos).isLessThanOrEqualTo(run.settings.maximumWaitNanos());
  }

  /**
   * What is too much waits for the service's threads first, where the guard does not see it: but
   * that all threads there are wait for connections, it does. (Of smaller pools some are served
   * soon by chance, and it takes longer.)
   */
  @Property(tries = 20)
  void aServiceOfFewThreadsServesInTime(
      @ForAll @IntRange(min = 10, max = 150) int size,
      @ForAll @DoubleRange(min = 2, max = 4) double threads,
      @ForAll @DoubleRange(min = 30, max = 100) double millis,
      @ForAll @DoubleRange(min = 2, max = 10) double times,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed).threads((int) (threads * size) + 1);
    run.offer(Criticality.STANDARD, times * run.capacity(), LENGTH);
    run.run(Duration.ofSeconds(3));
    long before = inTime(run);
    run.run(LENGTH.minusSeconds(3));
    double goodput = (inTime(run) - before) / (LENGTH.toSeconds() - 3.0);
    double chance = 4 * Math.sqrt(run.capacity() * 3) / 3;
    assertThat(goodput).isGreaterThan(0.9 * run.capacity() - chance);
  }

  /** Who is refused comes back much sooner than who is served: more is refused than users want. */
  @Property(tries = 20)
  void usersWhoComeBackAtOnceDoNotLeaveThePoolIdle(
      @ForAll @IntRange(min = 4, max = 40) int size,
      @ForAll @DoubleRange(min = 20, max = 100) double millis,
      @ForAll @IntRange(min = 4, max = 20) int usersOfEach,
      @ForAll @IntRange(min = 5, max = 50) int againMillis,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed);
    run.users(usersOfEach * size, Criticality.STANDARD, Duration.ofMillis(againMillis));
    run.run(Duration.ofSeconds(3));
    long before = served(run);
    run.run(Duration.ofSeconds(5));
    double goodput = (served(run) - before) / 5.0;
    double chance = 4 * Math.sqrt(run.capacity() * 5) / 5;
    assertThat(goodput).isGreaterThan(0.9 * run.capacity() - chance);
  }

  private static long inTime(Simulation run) {
    return run.counts.values().stream().mapToLong(counts -> counts.inTime).sum();
  }

  @Property(tries = 20)
  void thoseWhoOvertakeDoNotHideThatOthersWait(
      @ForAll @IntRange(min = 4, max = 50) int size,
      @ForAll @DoubleRange(min = 1, max = 40) double millis,
      @ForAll @DoubleRange(min = 0.1, max = 0.8) double critical,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed);
    run.offer(Criticality.CRITICAL, critical * run.capacity(), LENGTH)
        .offer(Criticality.STANDARD, 5 * run.capacity(), LENGTH);
    run.run(Duration.ofMillis(600));
    assertThat(run.levels).contains(LoadLevel.HIGH);
  }

  @Property(tries = 20)
  void afterAFirstExcursionItIsNormalWithinTwoSeconds(
      @ForAll @IntRange(min = 2, max = 50) int size,
      @ForAll @DoubleRange(min = 1, max = 50) double millis,
      @ForAll @DoubleRange(min = 1.5, max = 20) double times,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed);
    run.offer(Criticality.STANDARD, times * run.capacity(), Duration.ofSeconds(5));
    run.run(Duration.ofSeconds(5));
    assertThat(run.levels).as("overload is seen").contains(LoadLevel.HIGH);
    boolean flapped = run.levels.lastIndexOf(LoadLevel.NORMAL) > run.levels.indexOf(LoadLevel.HIGH);
    assertThat(flapped).as("it flapped under a steady load: %s", run.levels).isFalse();
    assertThat(goesUpAgain(run.levels)).as("in one excursion: %s", run.levels).isFalse();
    run.run(Duration.ofSeconds(2));
    assertThat(run.guard.view().level()).isEqualTo(LoadLevel.NORMAL);
  }

  /** While requests go on coming as before. (In smaller pools they queue by chance at times.) */
  @Property(tries = 20)
  void afterAStallItIsNormalWithinTwoSeconds(
      @ForAll @IntRange(min = 10, max = 40) int size,
      @ForAll @DoubleRange(min = 5, max = 50) double millis,
      @ForAll @DoubleRange(min = 0.2, max = 0.5) double times,
      @ForAll @IntRange(min = 1, max = 5) int seconds,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed);
    run.stall(Duration.ofSeconds(3), Duration.ofSeconds(seconds));
    run.offer(Criticality.STANDARD, times * run.capacity(), Duration.ofSeconds(20));
    run.run(Duration.ofSeconds(3L + seconds));
    assertThat(run.levels).contains(LoadLevel.CRITICAL);
    run.run(Duration.ofSeconds(2));
    assertThat(run.guard.view().level()).as("levels: %s", run.levels).isEqualTo(LoadLevel.NORMAL);
  }

  private static boolean goesUpAgain(List<LoadLevel> levels) {
    boolean wasDown = false;
    for (int i = 1; i < levels.size(); i++) {
      int change = levels.get(i).compareTo(levels.get(i - 1));
      if (change > 0 && wasDown) {
        return true;
      }
      wasDown |= change < 0;
    }
    return false;
  }

  @Property(tries = 20)
  void whoIsCriticalIsServedWhileThatFits(
      @ForAll @IntRange(min = 4, max = 50) int size,
      @ForAll @DoubleRange(min = 1, max = 40) double millis,
      @ForAll @DoubleRange(min = 0.05, max = 0.5) double critical,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed);
    run.offer(Criticality.CRITICAL, critical * run.capacity(), LENGTH)
        .offer(Criticality.STANDARD, 5 * run.capacity(), LENGTH)
        .offer(Criticality.SHEDDABLE, 5 * run.capacity(), LENGTH);
    run.run(LENGTH);
    Simulation.Counts counts = run.counts.get(Criticality.CRITICAL);
    assertThat(counts.refused).isLessThanOrEqualTo(counts.came / 1000);
  }

  /** What is sheddable does not keep it waiting, in the queue neither. */
  @Property(tries = 20)
  void whatIsNotSheddableIsServedWhileThatFits(
      @ForAll @IntRange(min = 8, max = 50) int size,
      @ForAll @DoubleRange(min = 10, max = 200) double millis,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed);
    run.offer(Criticality.STANDARD, 0.7 * run.capacity(), LENGTH)
        .offer(Criticality.SHEDDABLE, 3 * run.capacity(), LENGTH);
    run.run(LENGTH);
    Simulation.Counts counts = run.counts.get(Criticality.STANDARD);
    double twentieth = counts.came / 20.0;
    assertThat((double) counts.refused).isLessThan(twentieth + 3 * Math.sqrt(twentieth)); // chance
  }

  @Property(tries = 20)
  void noLessCriticalRequestOfAUserIsTakenWhereAMoreCriticalOneIsRefused(
      @ForAll @IntRange(min = 1, max = 20) int size,
      @ForAll @DoubleRange(min = 1, max = 100) double millis,
      @ForAll @DoubleRange(min = 0.2, max = 5) double each,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed);
    run.check(
        (refused, context) -> {
          for (Criticality other : Criticality.values()) {
            if (other.compareTo(refused.criticality()) > 0
                && refused.reason() != RefusalReason.TIMED_OUT) {
              assertThat(run.wouldTake(other, context))
                  .as("%s, after %s", other, refused)
                  .isFalse();
            }
          }
          assertThat(refused.inUse()).isLessThanOrEqualTo(size);
          assertThat(refused.waiting()).isLessThanOrEqualTo(10 * size);
        });
    for (Criticality criticality : Criticality.values()) {
      run.offer(criticality, each * run.capacity(), Duration.ofSeconds(3));
    }
    run.run(Duration.ofSeconds(3));
    assertThat(run.counts.get(Criticality.SHEDDABLE).came).isPositive();
  }

  @Property(tries = 20)
  void nothingIsLeftWhenTheLoadIsOver(
      @ForAll @IntRange(min = 1, max = 20) int size,
      @ForAll @DoubleRange(min = 1, max = 100) double millis,
      @ForAll @DoubleRange(min = 0.1, max = 10) double times,
      @ForAll long seed) {
    Simulation run = pool(size, millis, seed);
    run.offer(Criticality.STANDARD, times * run.capacity(), Duration.ofSeconds(2));
    run.run(Duration.ofSeconds(5));
    assertThat(run.guard.gate().inUse()).isZero();
    assertThat(run.guard.gate().waiting()).isZero();
    Simulation.Counts counts = run.counts.get(Criticality.STANDARD);
    assertThat(counts.served + counts.refused).isEqualTo(counts.came);
  }
}
