package io.headroom.benchmarks.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When something was failing, and for some time after it was mended: refusals and failed statements
 * are expected then. Thread-safe.
 */
final class FaultWindows {
  /** Until replicas have caught up, pools are full again, and those who queued have gone. */
  static final Duration AFTERWARDS = Duration.ofSeconds(10);

  /** What the machine does: none of ours. */
  static final String STALL = "machine stalled";

  private static final Duration AFTER_A_STALL = Duration.ofSeconds(2);

  private record Window(String fault, long beginNanos, long endNanos) {

    boolean touches(long fromNanos, long toNanos) {
      return toNanos - beginNanos >= 0 && endNanos - fromNanos >= 0;
    }
  }

  private final List<Window> ended = new ArrayList<>();
  private final List<Window> stalls = new ArrayList<>();
  private String open = "";
  private long openSince;

  synchronized void begin(String fault, long nowNanos) {
    open = fault;
    openSince = nowNanos;
  }

  synchronized void mended(long nowNanos) {
    ended.add(new Window(open, openSince, nowNanos + AFTERWARDS.toNanos()));
    open = "";
  }

  /** No thread ran for as long as that. */
  synchronized void stalled(long fromNanos, long toNanos) {
    stalls.add(new Window(STALL, fromNanos, toNanos + AFTER_A_STALL.toNanos()));
  }

  /** What was failing at a time between these two; a fault before a stall. */
  synchronized Optional<String> touching(long fromNanos, long toNanos) {
    if (!open.isEmpty() && toNanos - openSince >= 0) {
      return Optional.of(open);
    }
    return touching(ended, fromNanos, toNanos).or(() -> touching(stalls, fromNanos, toNanos));
  }

  private static Optional<String> touching(List<Window> some, long fromNanos, long toNanos) {
    for (int i = some.size() - 1; i >= 0; i--) {
      if (some.get(i).touches(fromNanos, toNanos)) {
        return Optional.of(some.get(i).fault());
      }
    }
    return Optional.empty();
  }

  /** How much of that time was outside of all faults, from 0 to 1. */
  synchronized double calm(long fromNanos, long toNanos) {
    double failing = open.isEmpty() ? 0 : (double) (toNanos - openSince);
    return 1 - (failing + within(ended, toNanos)) / (toNanos - fromNanos);
  }

  /** How much of that time the machine stood still, from 0 to 1; what came after not counted. */
  synchronized double stalledPart(long fromNanos, long toNanos) {
    double nanos = 0;
    for (Window stall : stalls) {
      long end = Math.min(toNanos, stall.endNanos() - AFTER_A_STALL.toNanos());
      nanos += Math.max(0, end - Math.max(fromNanos, stall.beginNanos()));
    }
    return nanos / (toNanos - fromNanos);
  }

  private static double within(List<Window> some, long toNanos) {
    double nanos = 0;
    for (Window window : some) {
      nanos += Math.min(window.endNanos(), toNanos) - window.beginNanos();
    }
    return nanos;
  }
}
