package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;

/** What the README shows of replicas and of the proxy, run. */
class DocumentedFaultsTest {

  private final String orders = "orders_" + UUID.randomUUID().toString().replace('-', '_');

  // snippet: servers-replicas
  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  @AfterEach
  void heal() {
    postgres.heal(); // everything runs, streams, and is primary or replica as at the start
  }

  @Test
  void aLaggingReplicaIsPromotedWithAllItHasReceived() throws SQLException {
    PostgresServer primary = postgres.server(0);
    PostgresServer lagging = postgres.replicasOf(0).get(0);
    PostgresServer other = postgres.replicasOf(0).get(1);
    DataSource replica = lagging.dataSource(postgres.database());

    primary.synchronousReplicas(1, lagging); // a commit waits until it has received it
    lagging.pauseReplay(); // and it does not show it; applyDelay(Duration) lags by a time
    createOrders(postgres.dataSource(0));
    assertThat(hasOrders(replica)).isFalse();

    primary.kill();
    lagging.promote();
    other.follow(lagging);
    assertThat(hasOrders(replica)).isTrue();
  }

  // end snippet

  @Test
  void anAcknowledgementIsLost() throws SQLException {
    // snippet: servers-fault-proxy
    try (FaultProxy proxy = FaultProxy.to(postgres.server(0));
        Connection connection = connect("127.0.0.1", proxy.port(), postgres.database())) {
      proxy.latency(Duration.ofMillis(20)); // round trips take so much longer
      connection.setAutoCommit(false);
      createOrders(connection);
      proxy.blackHole(FaultProxy.Direction.TO_CLIENT); // COMMIT arrives, the answer does not
      assertThatThrownBy(connection::commit).hasRootCauseMessage("Read timed out");
      await().until(() -> hasOrders(postgres.dataSource(0)));
    }
    // end snippet
  }

  private static Connection connect(String host, int port, String database) throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {host});
    source.setPortNumbers(new int[] {port});
    source.setDatabaseName(database);
    source.setUser("postgres");
    source.setSocketTimeout(2);
    return source.getConnection();
  }

  private void createOrders(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection()) {
      createOrders(connection);
    }
  }

  private void createOrders(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE " + orders + " (id bigint)");
    }
  }

  private boolean hasOrders(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT to_regclass('" + orders + "') IS NOT NULL")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }
}
