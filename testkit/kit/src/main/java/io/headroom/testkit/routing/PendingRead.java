package io.headroom.testkit.routing;

import io.headroom.testkit.routing.HistoryOperation.Outcome;

/** A read that has begun; say once what came of it. Thread-safe. */
public final class PendingRead {

  private final PendingOperation operation;

  PendingRead(PendingOperation operation) {
    this.operation = operation;
  }

  PendingOperation operation() {
    return operation;
  }

  /**
   * Says where it runs, for reports.
   *
   * @param node the node's name
   * @return this
   */
  public PendingRead on(String node) {
    operation.on(node);
    return this;
  }

  /**
   * It was answered.
   *
   * @param version the version that was found, the newest where there are several; 0 for none
   * @throws IllegalArgumentException if the version is negative
   * @throws IllegalStateException if it has ended already
   */
  public void returned(long version) {
    if (version < 0) {
      throw new IllegalArgumentException(
          "version must not be negative, was " + version + "; 0 says that nothing was found");
    }
    operation.end(Outcome.OK, version);
  }

  /**
   * It had no answer.
   *
   * @throws IllegalStateException if it has ended already
   */
  public void failed() {
    operation.end(Outcome.FAILED);
  }
}
