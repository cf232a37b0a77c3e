package io.headroom.testkit.routing;

/**
 * Something that a client did, and what came of it. Immutable.
 *
 * @param id its number, in the order in which operations began
 * @param kind whether it wrote or read
 * @param client who did it
 * @param key of what
 * @param version the version that it wrote or found, 0 for a read that found nothing
 * @param outcome what came of it
 * @param node where it ran, as far as the client said; else empty
 * @param began its place among all beginnings and ends
 * @param ended its place, too; {@link Long#MAX_VALUE} while it is open
 */
public record HistoryOperation(
    long id,
    Kind kind,
    String client,
    String key,
    long version,
    Outcome outcome,
    String node,
    long began,
    long ended) {

  /** What it was to do. */
  public enum Kind {
    /** To store a version. */
    WRITE,
    /** To find the version that is stored. */
    READ
  }

  /** What came of it. */
  public enum Outcome {
    /** A write was acknowledged, a read answered. */
    OK,
    /** It surely had no effect. */
    FAILED,
    /** Nobody knows, as after a connection that broke at commit; or it has not ended. */
    UNKNOWN
  }

  /**
   * Whether it was over when the other began.
   *
   * @param other the other one
   * @return false too if they overlapped
   */
  boolean isBefore(HistoryOperation other) {
    return ended < other.began;
  }

  /**
   * Describes it for a report.
   *
   * @return for example {@code #12 alice reads version 6 of cart on replica-2 (31..35)}
   */
  @Override
  public String toString() {
    String end = ended == Long.MAX_VALUE ? "open" : String.valueOf(ended);
    return "#"
        + id
        + " "
        + client
        + (kind == Kind.WRITE ? " writes version " : " reads version ")
        + version
        + " of "
        + key
        + (node.isEmpty() ? "" : " on " + node)
        + (outcome == Outcome.OK ? "" : ", " + outcome)
        + " ("
        + began
        + ".."
        + end
        + ")";
  }
}
