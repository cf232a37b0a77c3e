package io.headroom.testkit.interleaving;

import io.headroom.testkit.interleaving.ActorThread.Doing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Where all actors stand, under one lock. Thread-safe. */
final class Stage {

  static final BooleanSupplier ALWAYS = () -> true;

  /** How long threads must be seen blocked until they count as such: a woken one needs a moment. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  /** For threads that were interrupted to leave; those that do not are daemons. */
  private static final long LEAVE_MILLIS = 100;

  private final ReentrantLock lock = new ReentrantLock();

  /** Somebody came to a point, or ended. */
  private final Condition changed = lock.newCondition();

  /** Somebody was chosen, or the run is over. */
  private final Condition chosen = lock.newCondition();

  private final List<ActorThread> actors = new ArrayList<>();
  private long quietSince;
  private boolean open;
  private @Nullable Failure failure;

  /** What ended the run before its time. */
  record Failure(String what, Throwable cause) {}

  /** An actor is to leave, since the run has failed. */
  private static final class Stopped extends Error {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("the run is over; this actor was stopped");
    }
  }

  void add(ActorThread actor) {
    lock.lock();
    try {
      actor.is(actors.size());
      actors.add(actor);
    } finally {
      lock.unlock();
    }
  }

  void open() {
    lock.lock();
    try {
      open = true;
      actors.forEach(Thread::start);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The actor whose thread this is; null if there is no run.
   *
   * @param what it is about to do
   */
  @Nullable ActorThread actorHere(String what) {
    Thread thread = Thread.currentThread();
    if (thread instanceof ActorThread actor && actor.isOf(this)) {
      return actor;
    }
    lock.lock();
    try {
      if (!open) {
        return null;
      }
      String intruder =
          "thread '"
              + thread.getName()
              + "', which is no actor's, came to "
              + what
              + "; give the code under test the executor of this Interleaving for its threads";
      failed(intruder, new IllegalStateException(intruder));
      throw new IllegalStateException(intruder);
    } finally {
      lock.unlock();
    }
  }

  /** The first failure is the one that counts. */
  private void failed(String what, Throwable cause) {
    if (failure == null && open) {
      failure = new Failure(what, cause);
      changed.signal();
    }
  }

  /** Holds an actor at a point until it is chosen. */
  void stop(ActorThread actor, String point, BooleanSupplier ready) {
    actor.arrives();
    lock.lock();
    try {
      actor.stands(point, ready);
      changed();
      while (open && actor.is(Doing.STANDING)) {
        chosen.awaitUninterruptibly();
      }
      if (!open) {
        throw new Stopped();
      }
      actor.now(Doing.RUNNING);
    } finally {
      lock.unlock();
    }
  }

  void ended(ActorThread actor, @Nullable Throwable thrown) {
    lock.lock();
    try {
      actor.now(Doing.NOTHING);
      if (thrown != null) {
        failed("actor '" + actor.actor() + "' failed: " + thrown, thrown);
      }
      changed();
    } finally {
      lock.unlock();
    }
  }

  private void changed() {
    quietSince = System.nanoTime();
    changed.signal();
  }

  void release(ActorThread actor) {
    lock.lock();
    try {
      actor.now(Doing.WAKING);
      chosen.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until nobody runs, and somebody can go on.
   *
   * @return in the order of registration; empty if all have ended, one has failed, or nothing has
   *     happened for so long
   */
  List<ActorThread> whoCanGoOn(long patienceNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long began = System.nanoTime();
      quietSince = began;
      while (failure == null && !isOver()) {
        long now = System.nanoTime();
        if (isQuiet(now)) {
          List<ActorThread> ready = actors.stream().filter(ActorThread::canGoOn).toList();
          if (!ready.isEmpty()) {
            return ready;
          }
        }
        if (now - began >= patienceNanos) {
          return List.of();
        }
        changed.awaitNanos(POLL_NANOS);
      }
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** At once if all stand; else when those that do not have been blocked for a while. */
  private boolean isQuiet(long now) {
    boolean allStand = true;
    for (ActorThread actor : actors) {
      if (!actor.isSettled()) {
        allStand = false;
        if (!actor.isBlocked()) {
          quietSince = now;
        }
      }
    }
    return allStand || now - quietSince >= QUIET_NANOS;
  }

  /** Whether all have ended. */
  boolean isOver() {
    lock.lock();
    try {
      return actors.stream().allMatch(actor -> actor.is(Doing.NOTHING));
    } finally {
      lock.unlock();
    }
  }

  Optional<Failure> failure() {
    lock.lock();
    try {
      return Optional.ofNullable(failure);
    } finally {
      lock.unlock();
    }
  }

  /** Why nothing has happened for so long. */
  String describeStandstill(Duration patience) {
    lock.lock();
    try {
      boolean blocked = actors.stream().allMatch(actor -> actor.isSettled() || actor.isBlocked());
      StringBuilder text = new StringBuilder();
      text.append(blocked ? "deadlock: no actor can go on" : "an actor comes to no point");
      text.append(", for ").append(patience).append(" now");
      actors.forEach(actor -> text.append("\n    ").append(actor.describe()));
      return text.toString();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the run; who is still there is interrupted, and stopped at its next point. */
  void close() {
    List<ActorThread> left;
    lock.lock();
    try {
      open = false;
      chosen.signalAll();
      left = actors.stream().filter(actor -> !actor.is(Doing.NOTHING)).toList();
      left.forEach(Thread::interrupt);
    } finally {
      lock.unlock();
    }
    try {
      for (ActorThread actor : left) {
        actor.join(LEAVE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
