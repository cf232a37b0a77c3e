package io.headroom.testkit.routing;

import java.util.Objects;
import java.util.Optional;

/**
 * A promise that a history shows to be broken, with the operations that show it. Immutable.
 *
 * @param promise which one
 * @param earlier the operation that made the promise; empty for a version that nobody wrote
 * @param later the operation that broke it; empty for a write that was gone in the end
 * @param found the version that was found
 */
public record HistoryViolation(
    Promise promise,
    Optional<HistoryOperation> earlier,
    Optional<HistoryOperation> later,
    long found) {

  /** What a store promises. */
  public enum Promise {
    /** A client reads at least what was acknowledged to it before. */
    READ_YOUR_WRITES,
    /** A client reads at least what it read before. */
    MONOTONIC_READS,
    /** What was acknowledged is there in the end. */
    NO_LOST_WRITE,
    /** What is read was written: begun before the read was over, and not failed. */
    NO_INVENTED_VERSION
  }

  /**
   * Checks that everything is there.
   *
   * @param promise which one
   * @param earlier the operation that made the promise
   * @param later the operation that broke it
   * @param found the version that was found
   */
  public HistoryViolation {
    Objects.requireNonNull(promise, "promise must not be null");
    Objects.requireNonNull(earlier, "earlier must not be null");
    Objects.requireNonNull(later, "later must not be null");
  }

  /**
   * Describes it for a report.
   *
   * @return for example {@code READ_YOUR_WRITES: #7 alice writes version 6 of cart on postgres-0
   *     (13..14), but then #9 alice reads version 5 of cart on replica-2 (17..18)}
   */
  @Override
  public String toString() {
    String made = earlier.map(HistoryOperation::toString).orElse("no write of that version");
    String broken =
        later
            .map(operation -> "then " + operation)
            .orElse(
                "in the end there was " + (found == 0 ? "no such version" : "version " + found));
    return promise + ": " + made + ", but " + broken;
  }
}
