package io.headroom.spring.boot;

import io.headroom.TimeSource;
import io.headroom.guard.GuardListener;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * When somebody who waited at a guarded pool was last let in, since another had left. That a
 * connection came back is certain only where the pool has all it may have: where it lacks some,
 * another may have left without one. Thread-safe.
 */
final class GivenBack implements GuardListener {

  private final TimeSource time;
  private final ConcurrentMap<String, Long> lastNanos = new ConcurrentHashMap<>();

  GivenBack(TimeSource time) {
    this.time = time;
  }

  @Override
  public void onWaited(String resource, long waitNanos) {
    lastNanos.put(resource, time.nanoTime());
  }

  boolean isLately(String resource, Duration within) {
    Long last = lastNanos.get(resource);
    return last != null && time.nanoTime() - last <= within.toNanos();
  }
}
