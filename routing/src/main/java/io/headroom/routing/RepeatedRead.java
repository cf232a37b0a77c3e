package io.headroom.routing;

/**
 * What is remembered of a read from one run to the next, which is made because that one was in
 * vain. For one thread.
 */
final class RepeatedRead {

  private long replicas;
  private boolean wants;

  /** It begins another run, and needs no connection yet. */
  void begins() {
    wants = false;
  }

  /** It needs a connection, and may be refused. */
  void wantsOne() {
    wants = true;
  }

  /** It has got one. */
  void hasOne() {
    wants = false;
  }

  /** Whether the last that was heard of this run is that it needed a connection. */
  boolean wasRefused() {
    return wants;
  }

  /** What was chosen has taken it. If that is a replica, the next run prefers others. */
  void tookIt(Choice chosen) {
    Node replica = chosen.node() == null ? chosen.toAsk() : chosen.node();
    replicas |= replica == null ? 0 : replica.bit();
  }

  /** Bits of the replicas that took it. */
  long replicas() {
    return replicas;
  }
}
