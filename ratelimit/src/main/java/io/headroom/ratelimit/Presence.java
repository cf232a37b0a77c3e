package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How many processes have a limiter: each says once a second that it is there, and counts for five.
 * While Redis is away, it is as many as there were. A Redis that has lost its memory hears of them
 * one by one, so that fewer are believed only when they have been fewer for five seconds.
 *
 * <p>Thread-safe; the tick is for one thread.
 */
final class Presence {

  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long COUNTS_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long COUNTS_MICROS = TimeUnit.NANOSECONDS.toMicros(COUNTS_NANOS);

  private final RedisBuckets buckets;
  private final String name;
  private final String self = Long.toHexString(ThreadLocalRandom.current().nextLong());
  private final AtomicBoolean asking = new AtomicBoolean();
  private final TimeSource time;
  private volatile int processes;

  // by one answer after the other
  private boolean known;
  private @Nullable Long fewerSinceNanos;
  private volatile long askedNanos;

  /**
   * Creates it.
   *
   * @param name of the set in Redis
   * @param expected how many there are as long as nobody knows
   */
  Presence(RedisBuckets buckets, String name, int expected, TimeSource time) {
    long now = time.nanoTime();
    this.time = time;
    this.buckets = buckets;
    this.name = name;
    this.processes = expected;
    this.askedNanos = now - PERIOD_NANOS;
  }

  /** One or more. */
  int processes() {
    return processes;
  }

  /** Says that it is there, if that is to be done. */
  void tick(long now) {
    if (now - askedNanos >= PERIOD_NANOS) {
      var unused = present(now);
    }
  }

  /** Says that it is there; done when it is known how many there are. */
  CompletableFuture<?> present(long now) {
    if (!asking.compareAndSet(false, true)) {
      return CompletableFuture.completedFuture(null);
    }
    askedNanos = now;
    CompletableFuture<Integer> asked;
    try {
      asked = buckets.presence(name, self, COUNTS_MICROS);
    } catch (RuntimeException | Error unsent) { // else nobody would ask again
      asking.set(false);
      throw unsent;
    }
    return asked.whenComplete(
        (count, failure) -> {
          hears(count);
          asking.set(false);
        });
  }

  private void hears(@Nullable Integer count) {
    if (count == null) {
      fewerSinceNanos = null;
      return;
    }
    long now = time.nanoTime();
    if (known && count < processes) {
      Long since = fewerSinceNanos;
      if (since == null) {
        fewerSinceNanos = now;
        return;
      }
      if (now - since < COUNTS_NANOS) {
        return;
      }
    }
    known = true;
    fewerSinceNanos = null;
    processes = Math.max(1, count);
  }

  /** Says that it is there no more. */
  CompletableFuture<?> leave() {
    return buckets.presence(name, self, 0);
  }
}
