package io.headroom.routing;

/** A node's circuit breaker, fed by the work that runs there. Thread-safe. */
final class NodeHealth {

  /** Whether reads may go there: not ejected. */
  boolean admits() {
    return true;
  }

  /** Work there went well. */
  void succeeded() {}

  /** The server could not be reached, or broke off. */
  void failed() {}
}
