package io.headroom.testkit.cache;

import java.util.List;

/** A time in which processes may miss invalidations; say when it is over. Thread-safe. */
public final class BusOutage {

  private final Span span;
  private final List<String> processes;

  BusOutage(Span span, List<String> processes) {
    this.span = span;
    this.processes = processes;
  }

  /**
   * They hear of invalidations again, and have caught up with those that they missed.
   *
   * @throws IllegalStateException if that was said already
   */
  public void over() {
    span.end();
  }

  /** Whether a read began or ran in it. */
  boolean concerns(CacheRead read) {
    return (processes.isEmpty() || processes.contains(read.process()))
        && span.overlaps(read.span());
  }
}
