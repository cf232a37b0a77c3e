package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * What is known of one driver connection, for as long as it lives in its pool: which server it
 * reached, and whether its session refuses writes. Used by whoever has borrowed the connection.
 */
final class PhysicalSession {

  private @Nullable Sample introduction;
  private int roleVersion;
  private @Nullable Sample sameRun;
  private @Nullable Boolean readOnly;

  /**
   * What the server said on this very connection when it was first borrowed, or first borrowed
   * since its node's role changed; null if it has not been asked.
   */
  @Nullable Sample introductionFor(int nodeRoleVersion) {
    return roleVersion == nodeRoleVersion ? introduction : null;
  }

  void introduced(Sample answer, int nodeRoleVersion) {
    introduction = answer;
    roleVersion = nodeRoleVersion;
    sameRun = null;
  }

  /** Whether an answer was found before to come from the very run of the server reached here. */
  @SuppressWarnings("ReferenceEquality") // an answer is one object
  boolean isOfSameRun(Sample answer) {
    return answer == sameRun;
  }

  void ofSameRun(Sample answer) {
    sameRun = answer;
  }

  /**
   * Whether its session is known to refuse writes, or to take them; never so for one that was not
   * asked yet, since a pool may show an old connection in a new wrapper.
   */
  boolean isKnownToBe(boolean refusesWrites) {
    return readOnly != null && readOnly == refusesWrites;
  }

  void readOnly(boolean refusesWrites) {
    readOnly = refusesWrites;
  }
}
