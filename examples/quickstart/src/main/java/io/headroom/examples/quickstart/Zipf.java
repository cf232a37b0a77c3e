package io.headroom.examples.quickstart;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Draws users as they are looked at: the k-th about 1/k as often as the first (Zipf's law), as it
 * is everywhere. Thread-safe.
 *
 * @param users how many there are, from 1 on
 */
record Zipf(long users) {

  /** Below k + 1 with a probability of log(k + 1) / log(users + 1), so that k has about 1/k. */
  long draw() {
    return Math.min(users, (long) Math.pow(users + 1.0, ThreadLocalRandom.current().nextDouble()));
  }
}
