package io.headroom.testkit.cache;

import java.util.Objects;
import java.util.Optional;

/**
 * A promise that a history shows to be broken, with the operations that show it. Immutable.
 *
 * @param promise which one
 * @param read the read that broke it
 * @param invalidation the one that it went behind; empty for a version that nobody wrote
 * @param covered the version that it should have seen at least; 0 for a version that nobody wrote
 */
public record CacheViolation(
    Promise promise, CacheRead read, Optional<CacheInvalidation> invalidation, long covered) {

  /** What a cache promises. */
  public enum Promise {
    /** A process that has invalidated a key does not get what was there before. */
    OWN_PROCESS,
    /** Nor does a reader who carries the token of the invalidation, in any process. */
    TOKEN,
    /** Nor does anybody else, after the time that an invalidation may take to reach him. */
    PROPAGATION,
    /** While the bus is down, nor does anybody after the longest time that an entry may be used. */
    MAX_STALENESS,
    /** What is read was written: begun before the read was over, and not failed. */
    NO_INVENTED_VERSION
  }

  /**
   * Checks that everything is there.
   *
   * @param promise which one
   * @param read the read that broke it
   * @param invalidation the one that it went behind
   * @param covered the version that it should have seen at least
   */
  public CacheViolation {
    Objects.requireNonNull(promise, "promise must not be null");
    Objects.requireNonNull(read, "read must not be null");
    Objects.requireNonNull(invalidation, "invalidation must not be null");
  }

  /**
   * Describes it for a report.
   *
   * @return for example {@code TOKEN: invalidation of cart by a (2 ms..3 ms), which covers version
   *     7, but 4 ms later read of version 6 of cart by b (7 ms..8 ms)}
   */
  @Override
  public String toString() {
    return invalidation
        .map(
            made ->
                promise
                    + ": "
                    + made
                    + ", which covers version "
                    + covered
                    + ", but "
                    + Span.millis(made.span().nanosBefore(read.span()))
                    + " later "
                    + read)
        .orElseGet(() -> promise + ": no such write by then, but " + read);
  }
}
