package io.headroom.cache;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Tells whether a key was changed since: numbers that only move on, shared by many keys, so that
 * there is nothing to clean up. Two keys that share one are now and then taken for changed
 * together, which costs a load and no more. Thread-safe.
 */
final class Stamps {

  private static final int STRIPES = 1024;

  private final AtomicIntegerArray stripes = new AtomicIntegerArray(STRIPES);
  private final AtomicInteger all = new AtomicInteger();

  /** The stamp of a key, which is another one after each change. */
  int of(Object key) {
    return stripes.get(stripe(key)) + all.get(); // both only grow: no change hides another
  }

  void changed(Object key) {
    stripes.incrementAndGet(stripe(key));
  }

  void allChanged() {
    all.incrementAndGet();
  }

  private static int stripe(Object key) {
    return (key.hashCode() * 0x9E3779B9) >>> 22; // the upper ten bits of a Fibonacci hash
  }
}
