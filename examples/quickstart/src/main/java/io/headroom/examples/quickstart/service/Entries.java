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

  /** What came after an earlier count. */
  public Entries since(Entries earlier) {
    return new Entries(
        asked - earlier.asked,
        admitted - earlier.admitted,
        alone - earlier.alone,
        admittedAlone - earlier.admittedAlone);
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
