package io.headroom.ratelimit;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The latest clock reading at which a bucket was given up for a full one. None is begun before it:
 * a thread that is late with its reading would otherwise be given a burst at a time that the bucket
 * before it has admitted in already.
 *
 * <p>Thread-safe.
 */
final class LatestReading {

  private final AtomicLong nanos;

  LatestReading(long nanos) {
    this.nanos = new AtomicLong(nanos);
  }

  void raise(long reading) {
    long known = nanos.get();
    while (reading - known > 0 && !nanos.compareAndSet(known, reading)) {
      known = nanos.get();
    }
  }

  long orLater(long reading) {
    long known = nanos.get();
    return reading - known > 0 ? reading : known;
  }
}
