package io.headroom.testkit.cache;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** A read through a cache; say what it found. Thread-safe. */
public final class CacheRead {

  private final Span span;
  private final String process;
  private final List<CacheInvalidation> known = new CopyOnWriteArrayList<>();
  private volatile long version;
  private volatile boolean stale;

  CacheRead(Span span, String process) {
    this.span = span;
    this.process = Objects.requireNonNull(process, "process must not be null");
  }

  /**
   * The reader carries the token that an invalidation has returned. What its own process has
   * invalidated it knows without that.
   *
   * @param invalidation which has returned
   * @return this
   */
  public CacheRead knowing(CacheInvalidation invalidation) {
    known.add(Objects.requireNonNull(invalidation, "invalidation must not be null"));
    return this;
  }

  /**
   * It was answered.
   *
   * @param found the version; 0 if the answer was that there is none
   * @throws IllegalArgumentException if the version is negative
   * @throws IllegalStateException if something was said of it already
   */
  public void returned(long found) {
    end(found, false);
  }

  /**
   * It was answered, and declared to be stale: as when a load fails. That frees it from the bounds
   * of time, and not from what the reader knows to be invalidated.
   *
   * @param found as for {@link #returned}
   * @throws IllegalArgumentException if the version is negative
   * @throws IllegalStateException if something was said of it already
   */
  public void returnedStale(long found) {
    end(found, true);
  }

  private synchronized void end(long found, boolean declaredStale) {
    if (found < 0) {
      throw new IllegalArgumentException(
          "version must not be negative, was " + found + "; 0 says that nothing was found");
    }
    span.requireOpen();
    version = found;
    stale = declaredStale;
    span.end(); // last, for who sees that it has ended takes the rest as well
  }

  Span span() {
    return span;
  }

  String process() {
    return process;
  }

  boolean knows(CacheInvalidation invalidation) {
    return known.contains(invalidation);
  }

  long version() {
    return version;
  }

  boolean isStale() {
    return stale;
  }

  /**
   * Describes it for a report.
   *
   * @return for example {@code read of version 6 of cart by b (9 ms..9.5 ms)}
   */
  @Override
  public String toString() {
    return "read of "
        + (version == 0 ? "nothing" : "version " + version)
        + (stale ? ", declared stale," : "")
        + (version == 0 ? " under " : " of ")
        + span.key()
        + " by "
        + process
        + " "
        + span;
  }
}
