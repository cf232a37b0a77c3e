package io.headroom.cache;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What one cache and the shared tier have had to do with each other since it was built. A snapshot,
 * immutable.
 *
 * @param counts by what is counted
 * @param suspectNanos for how long the least certain part of the keys has had no word that no
 *     invalidation was missed: about a second in good times
 * @param invalidationsOpen invalidations of this process that the shared tier has not confirmed yet
 */
public record SharedStats(Map<Count, Long> counts, long suspectNanos, int invalidationsOpen) {

  /** What is counted. */
  public enum Count {
    /** Invalidations of this process that the shared tier has done. */
    INVALIDATIONS_SENT,
    /** Invalidations that it has not done at once, and is to be told again. */
    INVALIDATIONS_DELAYED,
    /** Invalidations that it has done when told again. */
    INVALIDATIONS_SENT_AGAIN,
    /** Invalidations that came in by the bus, this process's own among them. */
    INVALIDATIONS_SEEN,
    /** Invalidations that did not, and were found in the log. */
    INVALIDATIONS_REPAIRED,
    /** How often some were found there. */
    GAP_REPAIRS,
    /** How often all that a partition had here became stale, or had to go: much was missed. */
    PARTITIONS_MADE_STALE,
    /** How often a server turned out to have forgotten what it had. */
    LOST_HISTORIES,
    /** Values that were kept in the shared tier. */
    FILLS_KEPT,
    /** Values that were not, since something had happened to their key meanwhile. */
    FILLS_REFUSED,
    /** Values that were not, since the shared tier failed. */
    FILLS_FAILED,
    /** Loads that had nothing to do with the shared tier, which could not be asked or filled. */
    LOADED_UNSHARED,
    /** Waits for what another process was loading that took too long. */
    LEASE_WAITS_IN_VAIN,
    /** Questions to the shared tier that failed or came late. */
    FAILURES,
    /** Questions that were not asked, since it was away. */
    NOT_ASKED,
    /** Values or messages there that this process cannot read. */
    UNDECODABLE,
    /** Values that their codec could not encode. */
    NOT_ENCODED,
    /** Values that were too large to be shared. */
    TOO_LARGE,
    /** Bytes of values that were read. */
    BYTES_READ,
    /** Bytes of values that were written. */
    BYTES_WRITTEN
  }

  /**
   * Creates a snapshot.
   *
   * @param counts by what is counted
   * @param suspectNanos for how long the least certain part of the keys has had no such word
   * @param invalidationsOpen invalidations that the shared tier has not confirmed yet
   */
  public SharedStats {
    counts = Collections.unmodifiableMap(new EnumMap<>(counts));
  }

  /**
   * Returns one of the counts.
   *
   * @param what is counted
   * @return how often, or how many bytes
   */
  public long count(Count what) {
    return counts.getOrDefault(what, 0L);
  }

  @Override
  public String toString() {
    return "SharedStats["
        + CacheStats.withoutZeros(counts)
        + ", last news "
        + suspectNanos / 1_000_000
        + " ms ago, "
        + invalidationsOpen
        + " invalidations open]";
  }
}
