package snippets;

import io.headroom.testkit.servers.PostgresCluster;
import javax.sql.DataSource;

/** What the README of testkit/servers shows, compiled. */
abstract class ServersWithoutJunit {

  abstract void migrate(DataSource database);

  void run() {
    // snippet: servers-cluster
    try (PostgresCluster cluster =
        PostgresCluster.builder().primaries(4).setting("work_mem", "8MB").start()) {
      migrate(cluster.server(0).createDatabase("orders"));
      cluster.server(0).stop(); // hangs (SIGSTOP): connections stay open, nothing answers
      cluster.server(0).resume();
      cluster.server(0).set("statement_timeout", "1s"); // this server only
    }
    // end snippet
  }
}
