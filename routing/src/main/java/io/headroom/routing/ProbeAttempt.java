package io.headroom.routing;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;

/** One probe, of which the probing thread and the clock both may say how it ended. */
final class ProbeAttempt {

  private enum Outcome {
    PENDING,
    ANSWERED,
    FAILED
  }

  final long number;
  final ProbeThreads.Lane lane;
  final Thread thread;
  private Outcome outcome = Outcome.PENDING;
  private boolean givenUp;

  // Guarded by the prober's lock.
  boolean finished;
  boolean lost;

  ProbeAttempt(long number, ProbeThreads.Lane lane, Thread thread) {
    this.number = number;
    this.lane = lane;
    this.thread = thread;
  }

  /** Whether the caller was the first to say so. */
  synchronized boolean decide(boolean answered) {
    if (outcome != Outcome.PENDING) {
      return false;
    }
    outcome = answered ? Outcome.ANSWERED : Outcome.FAILED;
    return true;
  }

  /** As {@link #decide}, by the clock: its thread may not have come back. */
  synchronized boolean giveUp() {
    givenUp = decide(false);
    return givenUp;
  }

  synchronized boolean givenUp() {
    return givenUp;
  }

  synchronized boolean answered() {
    return outcome == Outcome.ANSWERED;
  }

  synchronized void requirePending() throws SQLException {
    if (outcome != Outcome.PENDING) {
      throw new SQLTimeoutException("the probe was given up");
    }
  }
}
