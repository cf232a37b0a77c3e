package io.headroom.routing;

/** Is told of every probe, by the threads that probe: must be quick, and safe for many threads. */
interface ProbeObserver {

  /** Observes nothing. */
  ProbeObserver NONE = new ProbeObserver() {};

  /** A node answered. */
  default void onAnswer(Node node, Sample sample) {}

  /** A node could not be asked, or did not answer in time. */
  default void onFailure(Node node, Exception cause) {}
}
