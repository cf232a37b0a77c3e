package io.headroom.testkit.routing;

import io.headroom.testkit.routing.HistoryOperation.Outcome;

/** A write that has begun; say once what came of it. Thread-safe. */
public final class PendingWrite {

  private final PendingOperation operation;

  PendingWrite(PendingOperation operation) {
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
  public PendingWrite on(String node) {
    operation.on(node);
    return this;
  }

  /**
   * The store said that it is done: it must never be lost.
   *
   * @throws IllegalStateException if it has ended already
   */
  public void acknowledged() {
    operation.end(Outcome.OK);
  }

  /**
   * It surely was not done, as after a constraint's violation: nobody may ever read it.
   *
   * @throws IllegalStateException if it has ended already
   */
  public void failed() {
    operation.end(Outcome.FAILED);
  }

  /**
   * It may have been done or not, as when a connection broke at commit.
   *
   * @throws IllegalStateException if it has ended already
   */
  public void unknown() {
    operation.end(Outcome.UNKNOWN);
  }
}
