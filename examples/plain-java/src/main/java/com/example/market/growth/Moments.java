package com.example.market.growth;

import java.util.concurrent.locks.LockSupport;

/** Waits for moments. */
final class Moments {

  private Moments() {}

  /** Waits until then, by {@link System#nanoTime}. */
  static void awaitNanos(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
