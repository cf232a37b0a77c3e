package io.headroom.ratelimit;

/** Checks what callers ask for. */
final class Permits {

  private Permits() {}

  static void require(long permits) {
    if (permits < 1) {
      throw new IllegalArgumentException("permits must be 1 or more, was " + permits);
    }
  }
}
