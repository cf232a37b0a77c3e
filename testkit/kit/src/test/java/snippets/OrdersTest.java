package snippets;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

// What the README of testkit/servers shows, run.
// snippet: servers-orders-test
class OrdersTest {
  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  @Test
  void theSecondShardSurvivesAPowerCut() throws SQLException {
    DataSource shard = postgres.dataSource(1); // a database of this class's own
    postgres.server(1).kill(); // SIGKILL to every process of the server
    postgres.server(1).restart(); // same port, same data
    try (Connection connection = shard.getConnection()) {
      assertTrue(connection.isValid(1));
    }
  }
}
// end snippet
