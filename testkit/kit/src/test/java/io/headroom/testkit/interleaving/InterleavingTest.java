package io.headroom.testkit.interleaving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who goes on when, and what becomes of runs that cannot go on. */
class InterleavingTest {

  private static final Duration SOON = Duration.ofSeconds(1);

  /** Two actors with two points each. */
  private static Interleaving twoActors(Interleaving race) {
    for (String name : List.of("one", "two")) {
      race.actor(
          name,
          () -> {
            race.point("p");
            race.point("q");
          });
    }
    return race;
  }

  private static List<String> traceOf(List<Integer> choices) {
    Interleaving race = twoActors(Interleaving.of(choices));
    race.run();
    return race.trace();
  }

  @Test
  void withoutChoicesOneRunsAfterTheOther() {
    assertThat(traceOf(List.of()))
        .containsExactly("one:start", "one:p", "one:q", "two:start", "two:p", "two:q");
  }

  @Test
  void eachChoiceSwitchesOrDoesNot() {
    assertThat(traceOf(List.of(1, 0, 1)))
        .containsExactly("two:start", "two:p", "one:start", "one:p", "one:q", "two:q");
    assertThat(traceOf(List.of(-1, 2, 7))).as("modulo two").isEqualTo(traceOf(List.of(1, 0, 1)));
  }

  @Test
  void aSeedIsRepeatedAndSoAreItsChoices() {
    Interleaving race = twoActors(Interleaving.ofSeed(5));
    race.run();
    Interleaving again = twoActors(Interleaving.ofSeed(5));
    again.run();
    assertThat(again.trace()).isEqualTo(race.trace());
    assertThat(traceOf(race.choices())).isEqualTo(race.trace());
    assertThat(race)
        .hasToString("choices " + race.choices() + ": " + String.join(", ", race.trace()));
  }

  @Test
  void aWaitThatIsDeclaredIsNoChoiceUntilItIsOver() {
    for (long seed = 0; seed < 20; seed++) {
      Interleaving race = Interleaving.ofSeed(seed);
      CompletableFuture<String> answer = new CompletableFuture<>();
      List<String> seen = new ArrayList<>();
      race.actor(
          "reader",
          () -> {
            race.await("answer", answer::isDone);
            seen.add(answer.join());
          });
      race.actor(
          "writer",
          () -> {
            race.point("before");
            answer.complete("42");
          });
      race.run();
      assertThat(seen).containsExactly("42");
      assertThat(race.trace()).containsSubsequence("writer:before", "reader:answer");
    }
  }

  @Test
  void whoeverBlocksOnAFutureIsLeftOutUntilItIsDone() {
    Interleaving race = Interleaving.of(List.of());
    CompletableFuture<String> answer = new CompletableFuture<>();
    List<String> seen = new ArrayList<>();
    race.actor(
        "reader",
        () -> {
          seen.add(answer.join());
          race.point("read");
        });
    race.actor(
        "timed reader",
        () -> {
          seen.add(answer.get(1, TimeUnit.HOURS));
          race.point("read");
        });
    race.actor(
        "writer",
        () -> {
          race.point("before");
          answer.complete("42");
          race.point("after");
        });
    race.run();
    assertThat(seen).containsExactly("42", "42");
    assertThat(race.trace())
        .startsWith("reader:start", "timed reader:start", "writer:start", "writer:before")
        .contains("writer:after", "reader:read", "timed reader:read");
  }

  @Test
  void whoeverWantsALockThatAnotherHoldsIsLeftOutUntilItIsFree() {
    Interleaving race = Interleaving.of(List.of(1, 1, 1, 1, 1));
    Object lock = new Object();
    List<String> order = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      race.actor(
          name,
          () -> {
            synchronized (lock) {
              race.point("in");
              order.add(name);
              race.point("still in");
              order.add(name);
            }
          });
    }
    race.run();
    assertThat(order).containsExactly("two", "two", "one", "one");
  }

  @Test
  void tasksAreActorsAndBeforeAndAfterTheRunTheyAreRunAtOnce() {
    Interleaving race = Interleaving.of(List.of());
    Executor executor = race.executor("load");
    AtomicInteger runs = new AtomicInteger();
    Runnable task =
        () -> {
          race.point("in");
          runs.incrementAndGet();
        };
    executor.execute(task);
    assertThat(runs).hasValue(1);
    race.actor(
        "reader",
        () -> {
          executor.execute(task);
          executor.execute(task);
          race.await("loaded", () -> runs.get() == 3);
        });
    race.run();
    executor.execute(task);
    assertThat(runs).hasValue(4);
    assertThat(race.trace())
        .containsExactly(
            "reader:start",
            "load-1:start",
            "load-1:in",
            "load-2:start",
            "load-2:in",
            "reader:loaded");
  }

  @Test
  void aFailureEndsTheRunAndStopsTheOthers() {
    Interleaving race = Interleaving.of(List.of(0, 1));
    AtomicBoolean wentOn = new AtomicBoolean();
    race.actor(
        "bystander",
        () -> {
          race.point("half way");
          wentOn.set(true);
        });
    race.actor(
        "broken",
        () -> {
          throw new IllegalStateException("on purpose");
        });
    assertThatThrownBy(race::run)
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "actor 'broken' failed: java.lang.IllegalStateException: on purpose\n"
                + "  choices [0, 1]: bystander:start, broken:start")
        .hasRootCauseMessage("on purpose");
    assertThat(wentOn).isFalse();
  }

  @Test
  void aDeadlockIsToldWithTheStacksOfAll() {
    Interleaving race = Interleaving.of(List.of(0, 1)).patience(SOON);
    Object left = new Object();
    Object right = new Object();
    race.actor("one", () -> locksBoth(race, left, right));
    race.actor("two", () -> locksBoth(race, right, left));
    race.actor("three", () -> race.await("never", () -> false));
    race.actor("four", () -> race.point("p"));
    assertThatThrownBy(race::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("deadlock: no actor can go on, for PT1S now")
        .hasMessageContaining("one went on from 'has one' and is BLOCKED\n      at ")
        .hasMessageContaining("two went on from 'has one' and is BLOCKED\n      at ")
        .hasMessageContaining("InterleavingTest.locksBoth")
        .hasMessageContaining("three waits at 'never' for what is not so")
        .hasMessageContaining("four has ended")
        .hasMessageContaining("choices [");
  }

  private static void locksBoth(Interleaving race, Object first, Object second) {
    synchronized (first) {
      race.point("has one");
      synchronized (second) {
        race.point("has both");
      }
    }
  }

  @Test
  void anActorThatComesToNoPointIsTold() {
    Interleaving race = Interleaving.of(List.of()).patience(SOON);
    race.actor(
        "busy",
        () -> {
          while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
          }
        });
    assertThatThrownBy(race::run)
        .hasMessageStartingWith("an actor comes to no point, for PT1S now")
        .hasMessageContaining("busy went on from 'start' and is RUNNABLE");
  }

  @Test
  void aRunThatDoesNotEndIsBounded() {
    Interleaving race = Interleaving.of(List.of()).maximumSteps(3);
    race.actor(
        "polls",
        () -> {
          while (true) {
            race.point("p");
          }
        });
    assertThatThrownBy(race::run)
        .hasMessage(
            "not over after 3 steps; see maximumSteps\n"
                + "  choices []: polls:start, polls:p, polls:p");
  }

  @Test
  void aThreadThatIsNoActorsIsAnError() {
    for (boolean executes : new boolean[] {false, true}) {
      Interleaving race = Interleaving.of(List.of());
      Runnable intrusion =
          executes ? () -> race.executor("load").execute(() -> {}) : () -> race.point("p");
      race.actor(
          "caller", () -> CompletableFuture.runAsync(intrusion).exceptionally(e -> null).join());
      assertThatThrownBy(race::run)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("which is no actor's, came to ")
          .hasMessageContaining("give the code under test the executor of this Interleaving");
    }
  }

  @Test
  void aConditionThatFailsEndsTheRun() {
    Interleaving race = Interleaving.of(List.of());
    race.actor(
        "reader",
        () ->
            race.await(
                "answer",
                () -> {
                  throw new IllegalStateException("on purpose");
                }));
    assertThatThrownBy(race::run).hasMessage("on purpose");
  }

  @Test
  void anInterruptOfTheTestEndsTheRun() {
    Interleaving race = Interleaving.of(List.of());
    race.actor("waits", () -> race.await("never", () -> false));
    Thread.currentThread().interrupt();
    assertThatThrownBy(race::run).isInstanceOf(IllegalStateException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  /** One that keeps what it has loaded, whatever happened meanwhile. */
  private static long leftInANaiveCache(Interleaving race) {
    AtomicLong store = new AtomicLong(1);
    Map<String, Long> cache = new ConcurrentHashMap<>();
    race.actor(
        "reader",
        () -> {
          long loaded = store.get();
          race.point("loaded");
          cache.put("cart", loaded);
        });
    race.actor(
        "writer",
        () -> {
          store.set(2);
          race.point("committed");
          cache.remove("cart");
        });
    race.run();
    return cache.getOrDefault("cart", 2L);
  }

  @Test
  void oneSwitchIsEnoughToShowAStaleFill() {
    assertThat(leftInANaiveCache(Interleaving.of(List.of()))).isEqualTo(2);
    assertThat(leftInANaiveCache(Interleaving.of(List.of(1)))).isEqualTo(2);
    Interleaving race = Interleaving.of(List.of(0, 1));
    assertThat(leftInANaiveCache(race)).as("%s", race).isEqualTo(1);
    assertThat(race)
        .hasToString(
            "choices [0, 1, 0]: reader:start, writer:start, writer:committed, reader:loaded");
  }

  @Test
  void pointsOutsideOfARunAreNone() {
    Interleaving race = Interleaving.of(List.of());
    race.point("before");
    race.run();
    race.await("after", () -> false);
    assertThat(race.trace()).isEmpty();
  }

  @Test
  void misuseIsNamed() {
    Interleaving race = Interleaving.of(List.of());
    assertThatThrownBy(() -> race.maximumSteps(0))
        .hasMessage("maximumSteps must be at least 1, was 0");
    assertThatThrownBy(() -> race.patience(Duration.ZERO))
        .hasMessage("patience must be more than zero, was PT0S");
    race.run();
    assertThatThrownBy(race::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this has run already; make an Interleaving for each run");
    assertThatThrownBy(() -> race.actor("late", () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("add it before run(), or give its work to executor");
  }
}
