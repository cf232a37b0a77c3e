package io.headroom;

import java.time.Instant;

/**
 * The one source of time: nothing in Headroom reads a clock but through it, so that a test can set
 * the time by hand ({@code ManualTime} in the testkit).
 *
 * <pre>{@code
 * long start = time.nanoTime();
 * long elapsedNanos = time.nanoTime() - start;
 * }</pre>
 *
 * <p>Implementations are thread-safe.
 */
public interface TimeSource {

  /**
   * Reads a monotonic clock with an arbitrary origin; compare two readings of one source by
   * subtraction only, since they may overflow.
   *
   * @return nanoseconds
   */
  long nanoTime();

  /**
   * Reads the wall clock, which may step either way: for what people or other machines read, never
   * for measuring.
   *
   * @return the time of day
   */
  Instant wallTime();

  /**
   * Returns the machine's clocks, {@link System#nanoTime()} and {@link Instant#now()}.
   *
   * @return always the same instance
   */
  static TimeSource system() {
    return SystemTime.CLOCKS;
  }
}
