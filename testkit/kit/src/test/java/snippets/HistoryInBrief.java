package snippets;

import io.headroom.testkit.routing.HistoryChecker;
import io.headroom.testkit.routing.HistoryRecorder;
import io.headroom.testkit.routing.PendingRead;
import io.headroom.testkit.routing.PendingWrite;
import java.sql.SQLException;

/** What the README of testkit/kit shows, compiled. */
final class HistoryInBrief {

  /** Somebody's store. */
  interface Carts {
    void save(String owner, long version) throws SQLException;

    long versionOf(String owner) throws SQLException;

    long versionOnPrimary(String owner) throws SQLException;
  }

  void check(Carts carts) throws SQLException {
    // snippet: history-in-brief
    HistoryRecorder history = HistoryRecorder.create();
    PendingWrite write = history.write("alice", "cart", 7); // before the call
    try {
      carts.save("alice", 7);
      write.acknowledged();
    } catch (SQLException e) {
      write.unknown();
    }
    PendingRead read = history.read("alice", "cart");
    read.returned(carts.versionOf("alice"));
    history.endsWith("cart", carts.versionOnPrimary("alice")); // after all is over
    HistoryChecker.of(history).verify();
    // end snippet
  }
}
