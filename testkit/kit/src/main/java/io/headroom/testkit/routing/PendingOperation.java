package io.headroom.testkit.routing;

import io.headroom.testkit.routing.HistoryOperation.Kind;
import io.headroom.testkit.routing.HistoryOperation.Outcome;
import java.util.concurrent.atomic.AtomicLong;

/** An operation that may still be open. Thread-safe. */
final class PendingOperation {

  private final long id;
  private final Kind kind;
  private final String client;
  private final String key;
  private final AtomicLong moments;
  private final long began;

  // under the lock
  private long version;
  private Outcome outcome = Outcome.UNKNOWN;
  private String node = "";
  private long ended = Long.MAX_VALUE;

  PendingOperation(
      long id, Kind kind, String client, String key, long version, AtomicLong moments) {
    this.id = id;
    this.kind = kind;
    this.client = client;
    this.key = key;
    this.version = version;
    this.moments = moments;
    this.began = moments.incrementAndGet();
  }

  synchronized void on(String where) {
    node = where;
  }

  void end(Outcome how) {
    end(how, 0);
  }

  /** Ends it; a read with what it found. */
  synchronized void end(Outcome how, long found) {
    if (ended != Long.MAX_VALUE) {
      throw new IllegalStateException(
          toOperation() + " has ended already; an operation ends once, so begin another");
    }
    ended = moments.incrementAndGet();
    outcome = how;
    version = kind == Kind.READ ? found : version;
  }

  synchronized HistoryOperation toOperation() {
    return new HistoryOperation(id, kind, client, key, version, outcome, node, began, ended);
  }
}
