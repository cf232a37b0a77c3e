package io.headroom.routing;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.headroom.TimeSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/**
 * A node's circuit breaker, fed by the work that runs there: after too many failures it is ejected,
 * after a wait a few trial reads decide whether it returns. Thread-safe.
 *
 * <p>Window, failure rate and trials are those of a Resilience4j {@link CircuitBreaker}. Time is
 * ours, since the wait grows with every ejection until the node has done well for a while: the
 * breaker's clock stands still, and it is told when to try.
 *
 * <p>A success costs one volatile read. The breaker hears of it only while that can change
 * anything: once its window is full of successes, a further one leaves it as it is.
 */
final class NodeHealth {

  /** Hears of changes, without a lock held. */
  interface Listener {

    /** Reads keep away from now on, unless too many other nodes are ejected. */
    default void ejected(Duration atLeast) {}

    /** The trials went well. */
    default void returned() {}
  }

  /** How a read may go to the node. */
  enum Entry {
    /** As any other. */
    FREE,
    /** As one of the few that decide whether the node returns. */
    TRIAL,
    /** Not now: others took the last trial. */
    SHUT
  }

  /** The round of a read that is no trial. */
  static final int NO_TRIAL = 0;

  private static final Clock STANDING = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  private final EjectionSettings settings;
  private final TimeSource time;
  private final Listener listener;
  private final CircuitBreaker breaker;
  private final Object lock = new Object();

  /** The window is full of successes, so another one changes nothing. Written under the lock. */
  private volatile boolean unblemished;

  private volatile State state = State.CLOSED;

  /** When ejected: until when. In the trials: until when they must have been decided. */
  private volatile long dueNanos;

  /** Trials that nobody has begun. */
  private volatile int trialsLeft;

  private volatile long ejectedNanos;

  /** How often trials were let through; written under the lock. */
  private volatile int round = NO_TRIAL;

  // under the lock

  private int trialsTaken;

  /** Those that are not forgotten. */
  private int ejections;

  private long wellSinceNanos;

  NodeHealth(String node, EjectionSettings settings, TimeSource time, Listener listener) {
    this.settings = settings;
    this.time = time;
    this.listener = listener;
    this.wellSinceNanos = time.nanoTime();
    this.breaker =
        CircuitBreaker.of(
            node,
            CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(settings.window())
                .minimumNumberOfCalls(settings.leastCalls())
                .failureRateThreshold(settings.failurePercent())
                .permittedNumberOfCallsInHalfOpenState(settings.trials())
                .clock(STANDING)
                .build());
  }

  /**
   * Whether reads may go there: it is not ejected, or the time has come to try it. Changes nothing.
   */
  boolean admits(long nowNanos) {
    if (unblemished) {
      return true;
    }
    return switch (state) {
      case CLOSED -> true;
      case HALF_OPEN -> trialsLeft > 0 || nowNanos - dueNanos >= 0;
      default -> nowNanos - dueNanos >= 0;
    };
  }

  /**
   * Whether a read that was meant for this node may go there. A trial must be followed by {@link
   * #succeeded}, {@link #failed} or {@link #trialSaidNothing}, with the {@link #round} that is read
   * at once: if they are not decided within the longest wait, the node is ejected again.
   */
  Entry enter(long nowNanos) {
    return unblemished || state == State.CLOSED ? Entry.FREE : tryTrial(nowNanos);
  }

  /** Work there went well. */
  void succeeded() {
    if (!unblemished) {
      record(true);
    }
  }

  /** The server could not be reached, or broke off. */
  void failed() {
    record(false);
  }

  /** Which trials are the current or, while there are none, the last ones. */
  int round() {
    return round;
  }

  /**
   * A trial ended without having asked the server anything: another read may take it, unless the
   * trials of its round were given up meanwhile.
   */
  void trialSaidNothing(int ofRound) {
    synchronized (lock) {
      if (state == State.HALF_OPEN && ofRound == round && trialsTaken > 0) {
        breaker.releasePermission();
        trialsTaken--;
        trialsLeft = settings.trials() - trialsTaken;
      }
    }
  }

  /** Begins anew: what it did before says nothing of what it is to do now. */
  void reset() {
    boolean returned;
    synchronized (lock) {
      returned = state != State.CLOSED;
      breaker.reset();
      state = State.CLOSED;
      unblemished = false;
      ejections = 0;
      wellSinceNanos = time.nanoTime();
    }
    if (returned) {
      listener.returned();
    }
  }

  /** Whether reads keep away from it, or only try it. */
  boolean isEjected() {
    return state != State.CLOSED;
  }

  /** Since when it has been ejected, whatever trials it failed in between; for a node that is. */
  long ejectedNanos() {
    return ejectedNanos;
  }

  private void record(boolean success) {
    boolean returned;
    long wait = 0;
    synchronized (lock) {
      if (success) {
        breaker.onSuccess(0, TimeUnit.NANOSECONDS);
      } else {
        breaker.onError(0, TimeUnit.NANOSECONDS, new Failure());
      }
      // either can open it, as the last of the calls that there must be, and either can close it
      State now = breaker.getState();
      returned = state == State.HALF_OPEN && now == State.CLOSED;
      if (returned) {
        state = State.CLOSED;
        wellSinceNanos = time.nanoTime();
      } else if (state != State.OPEN && now == State.OPEN) {
        wait = eject(time.nanoTime());
      }
      CircuitBreaker.Metrics window = breaker.getMetrics();
      unblemished =
          now == State.CLOSED
              && window.getNumberOfFailedCalls() == 0
              && window.getNumberOfBufferedCalls() == settings.window();
    }
    if (returned) {
      listener.returned();
    } else if (wait > 0) {
      listener.ejected(Duration.ofNanos(wait));
    }
  }

  private Entry tryTrial(long nowNanos) {
    long wait;
    synchronized (lock) {
      if (state == State.OPEN && nowNanos - dueNanos >= 0) {
        breaker.transitionToHalfOpenState();
        state = State.HALF_OPEN;
        round = round + 1;
        trialsTaken = 0;
        trialsLeft = settings.trials();
        dueNanos = nowNanos + Nanos.of(settings.longestWait());
      }
      if (state != State.HALF_OPEN || nowNanos - dueNanos < 0) {
        return state == State.CLOSED ? Entry.FREE : takeTrial();
      }
      // whoever took the trials never said how they went: stuck, or gone without a word
      breaker.transitionToOpenState();
      wait = eject(nowNanos);
    }
    listener.ejected(Duration.ofNanos(wait));
    return Entry.SHUT;
  }

  private Entry takeTrial() {
    if (state != State.HALF_OPEN || !breaker.tryAcquirePermission()) {
      return Entry.SHUT;
    }
    trialsTaken++;
    trialsLeft = settings.trials() - trialsTaken;
    return Entry.TRIAL;
  }

  /** The breaker has opened: until when does it stay so? Under the lock. */
  private long eject(long nowNanos) {
    if (state == State.CLOSED) {
      ejectedNanos = nowNanos;
      if (nowNanos - wellSinceNanos >= Nanos.of(settings.goodTime())) {
        ejections = 0;
      }
    }
    long wait = Nanos.of(settings.firstWait());
    long longest = Nanos.of(settings.longestWait());
    for (int doubled = 0; doubled < ejections && wait < longest; doubled++) {
      wait = Math.min(longest, 2 * wait);
    }
    ejections++;
    dueNanos = nowNanos + wait;
    state = State.OPEN;
    return wait;
  }

  @Override
  public String toString() {
    return isEjected() ? "ejected" : "in use";
  }

  /** Without a stack trace, since it stands for any, and nobody looks at it. */
  private static final class Failure extends Exception {

    private static final long serialVersionUID = 1L;

    Failure() {
      super("the server could not be reached, or broke off", null, false, false);
    }
  }
}
