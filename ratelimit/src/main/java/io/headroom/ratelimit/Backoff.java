package io.headroom.ratelimit;

/**
 * How long a thread leaves a contended word alone after it lost it, so that those who have it get
 * on: two threads together are then no slower than one alone.
 */
final class Backoff {

  /** The first patience. */
  static final int START = 8;

  private static final int LONGEST = 256;

  private Backoff() {}

  /**
   * Waits.
   *
   * @return the patience for the next time
   */
  static int pause(int patience) {
    for (int i = 0; i < patience; i++) {
      Thread.onSpinWait();
    }
    return Math.min(LONGEST, 2 * patience);
  }
}
