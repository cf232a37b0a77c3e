package io.headroom.examples.quickstart.service;

import io.headroom.ratelimit.Decision;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often somebody asked whether to go on, and what came of it.
 *
 * @param asked all decisions
 * @param admitted those that let him go on
 * @param alone those that the process made for itself, since Redis did not answer in time
 * @param admittedAlone those of them that let him go on
 */
public record Entries(long asked, long admitted, long alone, long admittedAlone) {

  /** Where nobody asked. */
  public static final Entries NONE = new Entries(0, 0, 0, 0);

  /** Those that did not let him go on. */
  public long refused() {
    return asked - admitted;
  }

  /** Those that Redis has admitted. */
  public long admittedShared() {
    return admitted - admittedAlone;
  }

  /** Of both. */
  public Entries plus(Entries others) {
    return new Entries(
        asked + others.asked,
        admitted + others.admitted,
        alone + others.alone,
        admittedAlone + others.admittedAlone);
  }

  /** Of all but somebody. */
  public Entries minus(Entries others) {
    return new Entries(
        asked - others.asked,
        admitted - others.admitted,
        alone - others.alone,
        admittedAlone - others.admittedAlone);
  }

  /** Counts them. Thread-safe. */
  static final class Counter {

    private final LongAdder asked = new LongAdder();
    private final LongAdder admitted = new LongAdder();
    private final LongAdder alone = new LongAdder();
    private final LongAdder admittedAlone = new LongAdder();

    void add(Decision decision) {
      asked.increment();
      if (decision.allowed()) {
        admitted.increment();
      }
      if (decision.isAlone()) {
        alone.increment();
        if (decision.allowed()) {
          admittedAlone.increment();
        }
      }
    }

    /** What was counted; exact once nobody counts any more. */
    Entries sum() {
      return new Entries(asked.sum(), admitted.sum(), alone.sum(), admittedAlone.sum());
    }
  }
}
