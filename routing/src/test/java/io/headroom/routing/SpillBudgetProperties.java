package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SpillBudgetProperties {

  private final HandTime time = new HandTime();

  @Property
  void neverMoreThanTheBurstAndTheRateInAnyWindow(
      @ForAll @IntRange(min = 1, max = 2000) int perSecond,
      @ForAll @IntRange(min = 1, max = 60) int burst,
      @ForAll @Size(max = 300) List<@IntRange(min = 0, max = 40) Integer> gapsMillis) {
    HandTime clock = new HandTime();
    SpillBudget budget = new SpillBudget(perSecond, burst, clock);
    long start = clock.nanoTime();
    List<Long> granted = new ArrayList<>();
    for (int gap : gapsMillis) {
      clock.advance(Duration.ofMillis(gap / 4));
      if (budget.tryAcquireNanos() == 0) {
        granted.add(clock.nanoTime() - start);
      }
    }
    for (int first = 0; first < granted.size(); first++) {
      for (int last = first; last < granted.size(); last++) {
        double window = (granted.get(last) - granted.get(first)) / 1e9;
        assertThat((double) (last - first + 1)).isLessThanOrEqualTo(burst + window * perSecond);
      }
    }
  }

  @Property
  void afterTheWaitThatItNamesItGrants(
      @ForAll @IntRange(min = 1, max = 2000) int perSecond,
      @ForAll @IntRange(min = 1, max = 60) int burst) {
    HandTime clock = new HandTime();
    SpillBudget budget = new SpillBudget(perSecond, burst, clock);
    for (int taken = 0; taken < burst; taken++) {
      assertThat(budget.tryAcquireNanos()).isZero();
    }
    long wait = budget.tryAcquireNanos();
    assertThat(wait).isPositive().isLessThanOrEqualTo(1_000_000_000L / perSecond + 1);

    clock.advance(Duration.ofNanos(wait - 1));
    assertThat(budget.tryAcquireNanos()).isEqualTo(1);
    clock.advance(Duration.ofNanos(1));
    assertThat(budget.tryAcquireNanos()).isZero();
  }

  @Example
  void manyThreadsTogetherGetTheBurstAndNoMore() throws InterruptedException {
    SpillBudget budget = new SpillBudget(1, 1000, time);
    AtomicInteger granted = new AtomicInteger();
    CountDownLatch together = new CountDownLatch(4);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    for (int thread = 0; thread < 4; thread++) {
      pool.execute(
          () -> {
            together.countDown();
            for (int asked = 0; asked < 1000; asked++) {
              granted.addAndGet(budget.tryAcquireNanos() == 0 ? 1 : 0);
            }
          });
    }
    pool.shutdown();

    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(granted).hasValue(1000);
  }

  @Example
  void whatIsUsedStaysUsedWhenTheLimitChanges() {
    SpillBudget budget = new SpillBudget(0.1, 10, time);
    for (int taken = 0; taken < 10; taken++) {
      assertThat(budget.tryAcquireNanos()).isZero();
    }

    budget.limit(10, 10);

    assertThat(budget.tryAcquireNanos()).isEqualTo(100_000_000);
    time.advance(Duration.ofMillis(100));
    assertThat(budget.tryAcquireNanos()).isZero();
  }

  @Example
  void noneAndNoLimit() {
    SpillBudget none = new SpillBudget(0, 5, time);
    assertThat(none.tryAcquireNanos()).isEqualTo(1_000_000_000);
    time.advance(Duration.ofDays(1));
    assertThat(none.tryAcquireNanos()).isEqualTo(1_000_000_000);

    none.limit(Double.POSITIVE_INFINITY, 1);
    for (int taken = 0; taken < 1000; taken++) {
      assertThat(none.tryAcquireNanos()).isZero();
    }
  }

  @Example
  void limitsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> new SpillBudget(-1, 1, time))
        .hasMessage("perSecond must be 0 or at least 0.001, was -1.0");
    assertThatThrownBy(() -> new SpillBudget(Double.NaN, 1, time))
        .hasMessage("perSecond must be 0 or at least 0.001, was NaN");
    assertThatThrownBy(() -> new SpillBudget(1, 0, time))
        .hasMessage("burst must be 1 to 1000000, was 0");
  }
}
