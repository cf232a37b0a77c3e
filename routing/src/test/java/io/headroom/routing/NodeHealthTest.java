package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.headroom.routing.NodeHealth.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NodeHealthTest {

  private final HandTime time = new HandTime();
  private final List<String> heard = new ArrayList<>();
  private final NodeHealth health =
      new NodeHealth(
          "b",
          EjectionSettings.DEFAULT,
          time,
          new NodeHealth.Listener() {
            @Override
            public void ejected(Duration atLeast) {
              heard.add("ejected for " + atLeast.toSeconds());
            }

            @Override
            public void returned() {
              heard.add("returned");
            }
          });

  private void times(int count, Runnable what) {
    for (int done = 0; done < count; done++) {
      what.run();
    }
  }

  private boolean trial() {
    return health.admits(time.nanoTime()) && health.enter(time.nanoTime()) == Entry.TRIAL;
  }

  private void returnsAfter(Duration wait) {
    time.advance(wait);
    times(
        3,
        () -> {
          assertThat(trial()).isTrue();
          health.succeeded();
        });
    assertThat(health.isEjected()).isFalse();
  }

  @Test
  void fiveFailuresAmongTheLastTenEjectIt() {
    times(100, health::succeeded);
    times(4, health::failed);
    assertThat(health.admits(time.nanoTime())).isTrue();

    health.failed();

    assertThat(health.admits(time.nanoTime())).isFalse();
    assertThat(health.enter(time.nanoTime())).isEqualTo(Entry.SHUT);
    assertThat(health).hasToString("ejected");
    assertThat(heard).containsExactly("ejected for 1");
  }

  @Test
  void fewFailuresAmongManySuccessesDoNot() {
    times(10, health::succeeded);
    for (int round = 0; round < 100; round++) {
      times(4, health::failed);
      times(7, health::succeeded);
    }
    assertThat(health.isEjected()).isFalse();
    assertThat(health).hasToString("in use");
  }

  @Test
  void afterTheWaitAFewTrialsDecide() {
    times(5, health::failed);
    time.advance(Duration.ofMillis(999));
    assertThat(trial()).isFalse();

    time.advance(Duration.ofMillis(1));
    times(3, () -> assertThat(trial()).isTrue());
    assertThat(trial()).isFalse();
    assertThat(health.isEjected()).isTrue();

    times(2, health::succeeded);
    health.failed();

    assertThat(health.isEjected()).isFalse();
    assertThat(heard).containsExactly("ejected for 1", "returned");
  }

  @Test
  void theWaitGrowsWithEveryEjectionUpToABound() {
    times(5, health::failed);
    for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
      assertThat(heard).last().isEqualTo("ejected for " + seconds);
      long since = health.ejectedNanos();
      time.advance(Duration.ofSeconds(seconds));
      times(3, () -> assertThat(trial()).isTrue());
      times(3, health::failed);
      assertThat(health.ejectedNanos()).isEqualTo(since);
    }
  }

  @Test
  void whoFailsSoonAfterItReturnedWaitsLongerAndAGoodTimeIsForgotten() {
    times(5, health::failed);
    returnsAfter(Duration.ofSeconds(1));
    time.advance(Duration.ofSeconds(59));
    times(5, health::failed);
    assertThat(heard).last().isEqualTo("ejected for 2");
    returnsAfter(Duration.ofSeconds(2));

    time.advance(Duration.ofSeconds(60));
    times(5, health::failed);

    assertThat(heard).last().isEqualTo("ejected for 1");
  }

  @Test
  void trialsThatNobodyReportsCountAsFailed() {
    times(5, health::failed);
    time.advance(Duration.ofSeconds(1));
    times(3, () -> assertThat(trial()).isTrue());

    time.advance(Duration.ofSeconds(30));
    assertThat(trial()).isFalse();

    assertThat(heard).last().isEqualTo("ejected for 2");
    returnsAfter(Duration.ofSeconds(2));
  }

  @Test
  void aTrialThatSaidNothingIsTakenByAnotherRead() {
    times(5, health::failed);
    time.advance(Duration.ofSeconds(1));
    assertThat(trial()).isTrue();
    health.trialSaidNothing(health.round());

    times(
        3,
        () -> {
          assertThat(trial()).isTrue();
          health.succeeded();
        });

    assertThat(health.isEjected()).isFalse();
    assertThat(heard).containsExactly("ejected for 1", "returned");
  }

  @Test
  void howeverManyTrialsSayNothingThereAreNoMoreAtATime() {
    times(5, health::failed);
    time.advance(Duration.ofSeconds(1));
    for (int round = 0; round < 10; round++) {
      times(3, () -> assertThat(trial()).isTrue());
      assertThat(trial()).isFalse();
      times(3, () -> health.trialSaidNothing(health.round()));
    }
    health.trialSaidNothing(health.round()); // more than were taken

    times(3, () -> assertThat(trial()).isTrue());
    assertThat(trial()).isFalse();
  }

  @Test
  void aTrialIsNotGivenBackToALaterRound() {
    times(5, health::failed);
    time.advance(Duration.ofSeconds(1));
    assertThat(trial()).isTrue();
    int before = health.round();
    time.advance(Duration.ofSeconds(31));
    assertThat(trial()).as("undecided, so it is ejected anew").isFalse();
    time.advance(Duration.ofSeconds(2));
    times(3, () -> assertThat(trial()).isTrue());

    health.trialSaidNothing(before);
    health.trialSaidNothing(NodeHealth.NO_TRIAL);
    assertThat(trial()).isFalse();

    health.trialSaidNothing(health.round());
    assertThat(trial()).isTrue();
  }

  @Test
  void oneThatBeginsAnewIsAsGoodAsNew() {
    health.reset();
    assertThat(heard).isEmpty();
    times(5, health::failed);
    health.reset();
    assertThat(health.isEjected()).isFalse();
    assertThat(health.enter(time.nanoTime())).isEqualTo(Entry.FREE);
    assertThat(heard).containsExactly("ejected for 1", "returned");

    times(4, health::failed);
    assertThat(health.isEjected()).isFalse();
    health.failed();
    assertThat(heard).last().as("its past is forgotten").isEqualTo("ejected for 1");
  }

  @Test
  void lateReportsOfWorkFromBeforeChangeNothingWhileItIsOut() {
    times(5, health::failed);
    times(20, health::succeeded);
    times(20, health::failed);

    assertThat(health.isEjected()).isTrue();
    assertThat(heard).containsExactly("ejected for 1");
  }

  /** That successes are not recorded when they change nothing makes no difference. */
  @Property
  void ejectsJustWhenABreakerThatHearsOfEverythingWould(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 3) Integer> outcomes) {
    NodeHealth ours =
        new NodeHealth("b", EjectionSettings.DEFAULT, time, new NodeHealth.Listener() {});
    CircuitBreaker all =
        CircuitBreaker.of(
            "all",
            CircuitBreakerConfig.custom()
                .slidingWindowSize(10)
                .minimumNumberOfCalls(5)
                .failureRateThreshold(50)
                .build());
    for (int outcome : outcomes) {
      if (outcome == 0) {
        ours.failed();
        all.onError(0, TimeUnit.NANOSECONDS, new IllegalStateException());
      } else {
        // runs of successes longer than the window, too
        times(outcome * outcome, ours::succeeded);
        times(outcome * outcome, () -> all.onSuccess(0, TimeUnit.NANOSECONDS));
      }
      assertThat(ours.isEjected()).isEqualTo(all.getState() != CircuitBreaker.State.CLOSED);
      if (ours.isEjected()) {
        return;
      }
    }
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> settings(0, 5, 50, 3, 1, 30, 60))
        .hasMessage("window must be at least 1, was 0");
    assertThatThrownBy(() -> settings(10, 11, 50, 3, 1, 30, 60))
        .hasMessage("leastCalls must be 1 to the window's 10, was 11");
    assertThatThrownBy(() -> settings(10, 5, 101, 3, 1, 30, 60))
        .hasMessage("failurePercent must be 1 to 100, was 101");
    assertThatThrownBy(() -> settings(10, 5, 50, 0, 1, 30, 60))
        .hasMessage("trials must be at least 1, was 0");
    assertThatThrownBy(() -> settings(10, 5, 50, 3, 0, 30, 60))
        .hasMessage("firstWait must be more than zero, was PT0S");
    assertThatThrownBy(() -> settings(10, 5, 50, 3, 2, 1, 60))
        .hasMessage("longestWait must be at least firstWait's PT2S, was PT1S");
    assertThatThrownBy(() -> settings(10, 5, 50, 3, 1, 100_000, 60))
        .hasMessage("longestWait must be at most a day, was PT27H46M40S");
    assertThatThrownBy(() -> settings(10, 5, 50, 3, 1, 30, -1))
        .hasMessage("goodTime must be zero or more, was PT-1S");
  }

  private static EjectionSettings settings(
      int window, int least, int percent, int trials, int first, int longest, int good) {
    return new EjectionSettings(
        window,
        least,
        percent,
        trials,
        Duration.ofSeconds(first),
        Duration.ofSeconds(longest),
        Duration.ofSeconds(good));
  }
}
