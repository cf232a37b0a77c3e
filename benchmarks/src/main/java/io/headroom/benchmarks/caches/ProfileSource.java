package io.headroom.benchmarks.caches;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * What the caches stand in front of: every id has a profile, getting it takes a while, and how
 * often that was done is counted. Thread-safe.
 */
public final class ProfileSource {
  private final long delayNanos;
  private final AtomicLong revision = new AtomicLong();
  private final AtomicLong loads = new AtomicLong();

  /**
   * A source.
   *
   * @param delay how long a load takes; zero for one that answers at once
   */
  public ProfileSource(Duration delay) {
    this.delayNanos = delay.toNanos();
  }

  /**
   * Reads a profile.
   *
   * @param id whose
   * @return what it is now
   */
  public Profile load(Long id) {
    loads.incrementAndGet();
    Profile profile = Profile.of(id, revision.get());
    if (delayNanos > 0) {
      long end = System.nanoTime() + delayNanos;
      for (long left = delayNanos; left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
    return profile;
  }

  /**
   * Changes all profiles.
   *
   * @return the revision of those that are read from now on
   */
  public long revise() {
    return revision.incrementAndGet();
  }

  /**
   * How many profiles were read.
   *
   * @return the number of loads so far
   */
  public long loads() {
    return loads.get();
  }
}
