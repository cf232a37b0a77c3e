package io.headroom.benchmarks.soak;

import io.headroom.HeadroomException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** What came of the requests. Thread-safe. */
final class Tally {
  /** What the first words are of what is told of a bug. */
  static final String BUG = "bug";

  private static final int SHOWN = 10;

  private final FaultWindows windows;
  private final Consumer<String> tell;
  private final LongAdder arrived = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder calm = new LongAdder();
  private final LongAdder bugs = new LongAdder();
  private final LongAdder stale = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final Map<String, LongAdder> byFault = new ConcurrentHashMap<>();
  private final AtomicInteger told = new AtomicInteger();

  /**
   * Counts nothing yet.
   *
   * @param tell is told of the first that must not be
   */
  Tally(FaultWindows windows, Consumer<String> tell) {
    this.windows = windows;
    this.tell = tell;
  }

  void arrived() {
    arrived.increment();
  }

  void answered() {
    answered.increment();
  }

  /**
   * A request has failed, or was answered too late. Of what can fail while servers do, statements
   * and refusals, it is an error only when all was calm; anything else is a bug at any time.
   */
  void failed(long dueNanos, long nowNanos, Throwable failure) {
    if (isBug(failure)) {
      bugs.increment();
      tell(BUG, failure);
      return;
    }
    Optional<String> fault = windows.touching(dueNanos, nowNanos);
    if (fault.isPresent()) {
      byFault.computeIfAbsent(fault.get(), none -> new LongAdder()).increment();
    } else {
      calm.increment();
      tell("error though all is calm", failure);
    }
  }

  static boolean isBug(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException) {
        return false; // what a driver has as a cause is its own affair
      }
      if (!(cause instanceof HeadroomException)) {
        return true;
      }
    }
    return false;
  }

  /** A reader must be shown at least that version. */
  void shown(String by, long account, long version, long atLeast) {
    if (version < atLeast) {
      stale.increment();
      tell("stale: " + by + " showed version " + version + " of " + account + ", not " + atLeast);
    }
  }

  /** A commit must give a version above all that were acknowledged before it began. */
  void committed(long account, long version, long before) {
    if (version <= before) {
      lost.increment();
      tell("lost: version " + before + " of " + account + " was written again as " + version);
    }
  }

  private void tell(String what, Throwable failure) {
    Throwable root = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      root = cause;
    }
    tell(what + ": " + failure + (root == failure ? "" : ", by " + root));
  }

  private void tell(String what) {
    if (told.getAndIncrement() < SHOWN) {
      tell.accept(what);
    }
  }

  long arrivals() {
    return arrived.sum();
  }

  long answers() {
    return answered.sum();
  }

  long errorsInCalm() {
    return calm.sum();
  }

  long bugs() {
    return bugs.sum();
  }

  long stale() {
    return stale.sum();
  }

  /** Losses that were seen on the way. */
  long lost() {
    return lost.sum();
  }

  /** Errors while something failed, by what it was. */
  Map<String, Long> errorsByFault() {
    Map<String, Long> errors = new TreeMap<>();
    byFault.forEach((fault, count) -> errors.put(fault, count.sum()));
    return errors;
  }

  long errorsInFaults() {
    return errorsByFault().values().stream().mapToLong(Long::longValue).sum();
  }
}
