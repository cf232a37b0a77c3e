package io.headroom.testkit.cache;

import java.util.Objects;

/** An invalidation of one key by one process; say when it has returned. Thread-safe. */
public final class CacheInvalidation {

  /** What was committed before it began, whichever that is. */
  static final long ALL_COMMITTED = -1;

  private final Span span;
  private final String process;
  private volatile long covered = ALL_COMMITTED;

  CacheInvalidation(Span span, String process) {
    this.span = span;
    this.process = Objects.requireNonNull(process, "process must not be null");
  }

  /**
   * Says what it covers at least, instead of all that was committed by now: where reads go to
   * copies that lag, it is the writer's own version, since that is what its token tells of.
   *
   * @param version the version; 0 or more
   * @return this
   * @throws IllegalArgumentException if it is negative
   */
  public CacheInvalidation covering(long version) {
    if (version < 0) {
      throw new IllegalArgumentException("version must be 0 or more, was " + version);
    }
    covered = version;
    return this;
  }

  long covered() {
    return covered;
  }

  /**
   * The cache has taken it, and holds to it from now on.
   *
   * @throws IllegalStateException if that was said already
   */
  public void returned() {
    span.end();
  }

  Span span() {
    return span;
  }

  String process() {
    return process;
  }

  /**
   * Describes it for a report.
   *
   * @return for example {@code invalidation of cart by a (2 ms..2.5 ms)}
   */
  @Override
  public String toString() {
    return "invalidation of " + span.key() + " by " + process + " " + span;
  }
}
