package io.headroom.examples.quickstart;

import io.headroom.ConsistencyToken;

/**
 * That a process has changed a profile, as it tells the other one.
 *
 * @param userId whose profile
 * @param version what it is since
 * @param atNanos when the change had been committed, and the old version been invalidated; on Linux
 *     {@code System.nanoTime()} is one clock for all processes
 * @param seen the writer's token
 */
record Change(long userId, long version, long atNanos, ConsistencyToken seen) {

  /** Reads what {@link #toString} wrote. */
  static Change parse(String text) {
    String[] parts = text.split(" ", 4);
    return new Change(
        Long.parseLong(parts[0]),
        Long.parseLong(parts[1]),
        Long.parseLong(parts[2]),
        ConsistencyToken.parse(parts[3]));
  }

  @Override
  public String toString() {
    return userId + " " + version + " " + atNanos + " " + seen;
  }
}
