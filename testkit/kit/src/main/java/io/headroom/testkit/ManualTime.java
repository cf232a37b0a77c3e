package io.headroom.testkit;

import io.headroom.TimeSource;
import java.time.Duration;
import java.time.Instant;

/**
 * A {@link TimeSource} that stands still until a test moves it.
 *
 * <pre>{@code
 * ManualTime time = ManualTime.create();
 * long start = time.nanoTime();
 * time.advance(Duration.ofMillis(250)); // both clocks
 * time.stepWallTime(Duration.ofHours(-1)); // the wall clock alone: someone set it back
 * assert time.nanoTime() - start == 250_000_000;
 * }</pre>
 *
 * <p>The monotonic clock starts ten seconds before its overflow, as that of a real machine may, so
 * that code which compares readings by {@code <} instead of by subtraction fails in a test.
 *
 * <p>Thread-safe; every move is atomic for both clocks.
 */
public final class ManualTime implements TimeSource {

  private static final long ORIGIN_NANOS = Long.MAX_VALUE - Duration.ofSeconds(10).toNanos();

  private long nanos = ORIGIN_NANOS;
  private Instant wall;
  private Duration tick = Duration.ZERO;

  private ManualTime(Instant wall) {
    this.wall = wall;
  }

  /**
   * Creates a clock whose wall time is 2030-01-01T00:00:00Z.
   *
   * @return a new clock that stands still
   */
  public static ManualTime create() {
    return startingAt(Instant.parse("2030-01-01T00:00:00Z"));
  }

  /**
   * Creates a clock at a given time of day.
   *
   * @param wallTime the first wall time
   * @return a new clock that stands still
   */
  public static ManualTime startingAt(Instant wallTime) {
    return new ManualTime(wallTime);
  }

  @Override
  public synchronized long nanoTime() {
    long reading = nanos;
    goOn(tick);
    return reading;
  }

  @Override
  public synchronized Instant wallTime() {
    Instant reading = wall;
    goOn(tick);
    return reading;
  }

  /**
   * Moves both clocks forward.
   *
   * @param by how far, not negative: a monotonic clock never goes back
   * @throws IllegalArgumentException if it is negative
   */
  public synchronized void advance(Duration by) {
    requireForward("advance", by);
    goOn(by);
  }

  /**
   * Sets the wall clock, forward or back; the monotonic clock does not notice.
   *
   * @param wallTime the new time of day
   */
  public synchronized void setWallTime(Instant wallTime) {
    wall = wallTime;
  }

  /**
   * Steps the wall clock; the monotonic clock does not notice.
   *
   * @param by how far; a negative step goes back, as a time server or an operator may
   */
  public synchronized void stepWallTime(Duration by) {
    wall = wall.plus(by);
  }

  /**
   * Lets both clocks go on by themselves with every reading of either, which shows code that reads
   * a clock twice where it should have read it once.
   *
   * @param tick how far after each reading; zero, as at first, to stand still
   * @throws IllegalArgumentException if it is negative
   */
  public synchronized void tickOnRead(Duration tick) {
    requireForward("tickOnRead", tick);
    this.tick = tick;
  }

  @Override
  public synchronized String toString() {
    return "ManualTime[" + wall + ", " + (nanos - ORIGIN_NANOS) + " ns elapsed]";
  }

  private void goOn(Duration by) {
    nanos += by.toNanos();
    wall = wall.plus(by);
  }

  private static void requireForward(String method, Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException(
          method
              + "("
              + by
              + "): give zero or more; to set the wall clock back, call stepWallTime");
    }
  }
}
