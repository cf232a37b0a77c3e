package io.headroom.routing;

import java.util.concurrent.atomic.AtomicInteger;

/** What runs on a node through this data source, and how fast it answers. Thread-safe. */
final class NodeLoad {

  private final AtomicInteger inFlight = new AtomicInteger();

  /** A connection of the node is being taken for work. */
  void began() {
    inFlight.incrementAndGet();
  }

  /** It was given back, or could not be had: once for every {@link #began}. */
  void ended() {
    inFlight.decrementAndGet();
  }

  int inFlight() {
    return inFlight.get();
  }

  /** A statement took so long. */
  void answered(long nanos) {}
}
