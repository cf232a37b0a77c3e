package io.headroom.testkit.cache;

/** A version that the store is given; say what came of it. Thread-safe. */
public final class CacheWrite {

  /** What came of it. */
  enum Outcome {
    UNKNOWN,
    COMMITTED,
    FAILED
  }

  private final Span span;
  private final long version;
  private final boolean removes;
  private volatile Outcome outcome = Outcome.UNKNOWN;

  CacheWrite(Span span, long version, boolean removes) {
    if (version < 1) {
      throw new IllegalArgumentException(
          "version must be at least 1, was " + version + "; 0 is what a read finds before any");
    }
    this.span = span;
    this.version = version;
    this.removes = removes;
  }

  /**
   * The store has it.
   *
   * @throws IllegalStateException if something was said of it already
   */
  public void committed() {
    end(Outcome.COMMITTED);
  }

  /**
   * It was surely not stored: nobody may ever read it.
   *
   * @throws IllegalStateException if something was said of it already
   */
  public void failed() {
    end(Outcome.FAILED);
  }

  private synchronized void end(Outcome how) {
    span.requireOpen();
    outcome = how;
    span.end(); // last, for who sees that it has ended takes the rest as well
  }

  Span span() {
    return span;
  }

  long version() {
    return version;
  }

  boolean removes() {
    return removes;
  }

  boolean isCommitted() {
    return outcome == Outcome.COMMITTED;
  }

  /** Whether somebody who asks at this time may be shown it. */
  boolean mayBeSeenBy(CacheRead read) {
    return outcome != Outcome.FAILED && span.beganBeforeEndOf(read.span());
  }

  /**
   * Describes it for a report.
   *
   * @return for example {@code write of version 7 of cart (1 ms..1.5 ms)}
   */
  @Override
  public String toString() {
    return (removes ? "removal as version " : "write of version ")
        + version
        + " of "
        + span.key()
        + (outcome == Outcome.FAILED ? ", failed " : " ")
        + span;
  }
}
