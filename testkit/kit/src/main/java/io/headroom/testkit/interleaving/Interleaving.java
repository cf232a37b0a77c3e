package io.headroom.testkit.interleaving;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs actors one at a time, and switches between them where a test says so: a race that happens
 * once in a million runs happens in each run of the same choices.
 *
 * <pre>{@code
 * Interleaving race = Interleaving.of(choices);
 * Store gated = key -> {
 *   race.point("before read");
 *   long version = store.read(key);
 *   race.point("after read");
 *   return version;
 * };
 * race.actor("reader", () -> cacheOver(gated).get("cart"));
 * race.actor("writer", () -> write(gated));
 * race.run();
 * assertThat(cache.get("cart")).as("%s", race).isEqualTo(2);
 * }</pre>
 *
 * <p><b>Points.</b> Each actor has a thread of its own and stops at each {@link #point}; then one
 * of those that can go on is chosen, and runs to its next point. The first point of each is its
 * {@code start}. A choice is a number: 0 lets the actor that ran last go on, if it can, 1 its
 * successor in the order of registration, and so on around; it is taken modulo the number of those
 * that can go on, and none is used up where there is only one. A list that has ended goes on with
 * zeros. So every list of integers is a schedule, and a shorter one with smaller numbers has fewer
 * switches, which is what jqwik shrinks to. {@link #choices} after the run of a seed are the list
 * that repeats it.
 *
 * <p><b>Waiting.</b> An actor that is to wait for another says so by {@link #await}, with a
 * condition that is asked before each choice. Such schedules are repeated exactly. An actor may
 * also block anywhere else, on a lock or a future: its thread is then seen to be blocked, for 5 ms
 * together after the last change, and the others go on without it until it is at a point again.
 * That costs these 5 ms for each step beside it. On a machine so busy that a thread which was woken
 * does not run for 5 ms, another one may be chosen than the last time; and from being woken to its
 * next point it runs beside the one that woke it. Use {@code await} wherever the test can tell what
 * is waited for.
 *
 * <p><b>Threads of the code under test.</b> Give it {@link #executor}, whose tasks are actors as
 * well. A point that any other thread comes to ends the run with an error, for nobody could repeat
 * it. Before the run and after it points are passed without a stop.
 *
 * <p>What goes on between two points is not varied, and each hand-over makes all writes visible to
 * the next actor: this finds wrong orders, not a missing {@code volatile}; that is for jcstress or
 * Lincheck.
 *
 * <p>For one run, by one thread; points and executors are thread-safe.
 */
public final class Interleaving {

  private final Choices choices;
  private final Stage stage = new Stage();
  private final List<String> trace = new ArrayList<>();
  private int maximumSteps = 10_000;
  private Duration patience = Duration.ofSeconds(5);
  private boolean ran;

  private Interleaving(Choices choices) {
    this.choices = choices;
  }

  /** What an actor does. */
  @FunctionalInterface
  public interface Act {

    /**
     * Runs once, on the actor's thread.
     *
     * @throws Exception whatever fails the run
     */
    void run() throws Exception;
  }

  /**
   * Creates a schedule from choices.
   *
   * @param choices any numbers; zeros follow
   * @return a new one, without actors
   */
  public static Interleaving of(List<Integer> choices) {
    return new Interleaving(Choices.of(choices));
  }

  /**
   * Creates a random schedule.
   *
   * @param seed the same seed makes the same choices
   * @return a new one, without actors
   */
  public static Interleaving ofSeed(long seed) {
    return new Interleaving(Choices.ofSeed(seed));
  }

  /**
   * Bounds the run, which may not end otherwise where an actor polls.
   *
   * @param steps how often actors may go on, at least 1; 10,000 unless set
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   */
  public Interleaving maximumSteps(int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("maximumSteps must be at least 1, was " + steps);
    }
    maximumSteps = steps;
    return this;
  }

  /**
   * Sets how long nothing may happen before the run is given up: no actor can go on, or the one
   * that runs comes to no point.
   *
   * @param time more than zero; 5 s unless set
   * @return this
   * @throws IllegalArgumentException if it is zero or negative
   */
  public Interleaving patience(Duration time) {
    if (time.isZero() || time.isNegative()) {
      throw new IllegalArgumentException("patience must be more than zero, was " + time);
    }
    patience = time;
    return this;
  }

  /**
   * Adds an actor, before the run.
   *
   * @param name what the trace calls it
   * @param act what it does
   * @return this
   * @throws IllegalStateException if the run has begun
   */
  public Interleaving actor(String name, Act act) {
    Objects.requireNonNull(name, "name must not be null");
    Objects.requireNonNull(act, "act must not be null");
    if (ran) {
      throw new IllegalStateException(
          "actor '" + name + "' comes too late: add it before run(), or give its work to executor");
    }
    stage.add(new ActorThread(stage, name, act));
    return this;
  }

  /**
   * Returns an executor for the code under test. In the run each task is an actor, named after this
   * executor and counted from 1; it starts when it is chosen. Before and after the run tasks are
   * run at once, by the caller.
   *
   * @param name for example {@code load}, for actors {@code load-1}, {@code load-2}
   * @return an executor; what its tasks throw fails the run
   */
  public Executor executor(String name) {
    Objects.requireNonNull(name, "name must not be null");
    AtomicInteger tasks = new AtomicInteger();
    return task -> {
      if (stage.actorHere("a task for executor '" + name + "'") == null) {
        task.run();
      } else {
        ActorThread actor = new ActorThread(stage, name + "-" + tasks.incrementAndGet(), task::run);
        stage.add(actor);
        actor.start();
      }
    };
  }

  /**
   * Stops the actor whose thread this is until it is chosen to go on. Call it before and after each
   * step that others may see.
   *
   * @param name what the trace calls it
   * @throws IllegalStateException if the thread is no actor's while there is a run
   */
  public void point(String name) {
    await(name, Stage.ALWAYS);
  }

  /**
   * As {@link #point}, and the actor can go on only once something is so, for example {@code
   * future::isDone}.
   *
   * @param name what the trace calls it
   * @param ready asked while no actor runs, so it must neither wait nor change anything
   * @throws IllegalStateException if the thread is no actor's while there is a run
   */
  public void await(String name, BooleanSupplier ready) {
    Objects.requireNonNull(name, "name must not be null");
    Objects.requireNonNull(ready, "ready must not be null");
    ActorThread actor = stage.actorHere("point '" + name + "'");
    if (actor != null) {
      stage.stop(actor, name, ready);
    }
  }

  /**
   * Runs all actors to their ends.
   *
   * @throws AssertionError if an actor fails, which is the cause; if none can go on, or one comes
   *     to no point, with the stacks of all; or if there were too many steps. The message has the
   *     trace and the choices. The other actors are interrupted, and stopped at their next points
   * @throws IllegalStateException if it has run already, or the caller is interrupted
   */
  public void run() {
    if (ran) {
      throw new IllegalStateException("this has run already; make an Interleaving for each run");
    }
    ran = true;
    stage.open();
    try {
      @Nullable ActorThread last = null;
      while (true) {
        List<ActorThread> ready = stage.whoCanGoOn(patience.toNanos());
        stage.failure().ifPresent(failure -> fail(failure.what(), failure.cause()));
        if (ready.isEmpty()) {
          if (!stage.isOver()) {
            fail(stage.describeStandstill(patience), null);
          }
          return;
        }
        if (trace.size() == maximumSteps) {
          fail("not over after " + maximumSteps + " steps; see maximumSteps", null);
        }
        last = chosen(ready, last);
        trace.add(last.actor() + ":" + last.point());
        stage.release(last);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while actors were running", e);
    } finally {
      stage.close();
    }
  }

  /** Counted from the one that ran last, in the order of registration, and around. */
  private ActorThread chosen(List<ActorThread> ready, @Nullable ActorThread last) {
    int from = 0;
    while (last != null && from < ready.size() && ready.get(from).number() < last.number()) {
      from++;
    }
    int choice = ready.size() == 1 ? 0 : choices.next(ready.size());
    return ready.get((from + choice) % ready.size());
  }

  private void fail(String what, @Nullable Throwable cause) {
    throw new AssertionError(what + "\n  " + this, cause);
  }

  /**
   * What happened: who went on from which point, in order.
   *
   * @return {@code actor:point} for each step up to now
   */
  public List<String> trace() {
    return List.copyOf(trace);
  }

  /**
   * The choices that were made, each reduced to the number of those who could go on.
   *
   * @return a list that repeats this run
   */
  public List<Integer> choices() {
    return choices.made();
  }

  /**
   * Describes the run for a report.
   *
   * @return for example {@code choices [1, 0]: reader:start, writer:start, writer:before put}
   */
  @Override
  public String toString() {
    return "choices " + choices() + ": " + String.join(", ", trace);
  }
}
