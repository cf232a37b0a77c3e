package io.headroom.benchmarks.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * When servers were failing, and for some time after they were mended: errors in these windows are
 * expected. Thread-safe.
 */
final class FaultWindows {
  /** Until replicas have caught up, pools are full again, and those who queued have gone. */
  static final Duration AFTERWARDS = Duration.ofSeconds(10);

  private record Window(long beginNanos, long endNanos) {}

  private final List<Window> ended = new ArrayList<>();
  private boolean open;
  private long openSince;

  synchronized void begin(long nowNanos) {
    open = true;
    openSince = nowNanos;
  }

  synchronized void mended(long nowNanos) {
    ended.add(new Window(openSince, nowNanos + AFTERWARDS.toNanos()));
    open = false;
  }

  /** Whether anything was failing at a time between these two. */
  synchronized boolean touch(long fromNanos, long toNanos) {
    if (open && toNanos - openSince >= 0) {
      return true;
    }
    for (int i = ended.size() - 1; i >= 0; i--) {
      Window window = ended.get(i);
      if (toNanos - window.beginNanos() >= 0 && window.endNanos() - fromNanos >= 0) {
        return true;
      }
    }
    return false;
  }

  /** How much of the time since then was outside of all windows, from 0 to 1. */
  synchronized double calm(long fromNanos, long toNanos) {
    long failing = open ? toNanos - openSince : 0;
    for (Window window : ended) {
      failing += Math.min(window.endNanos(), toNanos) - window.beginNanos();
    }
    return 1 - (double) failing / (toNanos - fromNanos);
  }
}
