package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;

/** Bad input that only the servers' answers show: the start fails, and leaves nothing behind. */
@SuppressWarnings("try") // scopes are opened for their effect
class WrongServersTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(2).replicas(1);

  private final ReplicaDataSourceBuilder builder =
      ReplicaDataSource.builder("orders").probeInterval(Duration.ofMillis(50));

  private Set<Long> threadsBefore;

  @BeforeEach
  void lookAtThreads() {
    threadsBefore = probeThreads();
  }

  @AfterEach
  void nothingIsLeft() throws SQLException {
    await().until(() -> threadsBefore.containsAll(probeThreads()));
    for (int server = 0; server < 2; server++) {
      int number = server;
      await().until(() -> sessions(postgres.server(number)) == 0);
      await().until(() -> sessions(postgres.replicasOf(number).get(0)) == 0);
    }
  }

  private static Set<Long> probeThreads() {
    Set<Long> ids = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("headroom-probe")) {
        ids.add(thread.getId());
      }
    }
    return ids;
  }

  /** Of the class's own database, from one that is nobody's. */
  private static int sessions(PostgresServer server) throws SQLException {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '"
                    + postgres.database()
                    + "'")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static DataSource replica(int server) {
    return postgres.replicasOf(server).get(0).dataSource(postgres.database());
  }

  /** Its positions would compare, and its rows would be others. */
  @Test
  void anotherDatabaseOfTheSameServersIsRefused() {
    builder
        .primary("a", postgres.dataSource(0))
        .replica("b", postgres.replicasOf(0).get(0).dataSource("postgres"));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("nodes 'a' and 'b' of cluster 'orders' reach different databases: ")
        .hasMessageContaining("/" + postgres.database())
        .hasMessageContaining("/postgres ");
  }

  @Test
  void aReplicaOfAnotherClusterIsRefused() {
    builder.primary("a", postgres.dataSource(0)).replica("b", replica(1));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("nodes 'a' and 'b' of cluster 'orders' reach different databases: ")
        .hasMessageEndingWith(", or give each database a data source of its own");
  }

  @Test
  void oneServerUnderTwoNamesIsRefused() {
    builder.primary("a", postgres.dataSource(0)).replica("b", postgres.dataSource(0));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("nodes 'a' and 'b' of cluster 'orders' are one server (")
        .hasMessageEndingWith("): name it once");
  }

  @Test
  void twoPrimariesAreNotOneCluster() {
    builder.primary("a", postgres.dataSource(0)).replica("b", postgres.dataSource(1));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nodes 'a' and 'b' of cluster 'orders' reach different");
  }

  @Test
  void aReplicasPoolThatBeginsSerializableIsRefused() {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setDataSource(replica(0));
      pool.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
      builder.primary("a", postgres.dataSource(0)).replica("b", pool);
      assertThatThrownBy(builder::build)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("the pool of replica 'b' of cluster 'orders' begins")
          .hasMessageContaining("set its transactionIsolation to TRANSACTION_REPEATABLE_READ");
    }
  }

  @Test
  void aRoleThatBeginsSerializableIsNamed() {
    PGSimpleDataSource serializable = new PGSimpleDataSource();
    String url = postgres.replicasOf(0).get(0).jdbcUrl(postgres.database());
    serializable.setUrl(url);
    serializable.setOptions("-c default_transaction_isolation=serializable");
    builder.primary("a", postgres.dataSource(0)).replica("b", serializable);
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("begin transactions SERIALIZABLE, which a replica refuses")
        .hasMessageContaining("set default_transaction_isolation to 'repeatable read'");
  }

  @Test
  void aServerOfAnotherKindIsNamed() {
    AtomicInteger open = new AtomicInteger();
    builder.primary("a", postgres.dataSource(0)).replica("b", mariaDb(open));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "cluster 'orders': node 'b': the server is MariaDB, not PostgreSQL; give the builder a"
                + " probe for it");
    await().until(() -> open.get() == 0);
  }

  /** Connections that answer what they are, and count themselves. */
  private static DataSource mariaDb(AtomicInteger open) {
    DatabaseMetaData metaData = stub(DatabaseMetaData.class, method -> "MariaDB");
    return stub(
        DataSource.class,
        method ->
            switch (method) {
              case "getConnection" -> connection(metaData, open);
              case "isWrapperFor" -> false;
              default -> throw new UnsupportedOperationException(method);
            });
  }

  private static Connection connection(DatabaseMetaData metaData, AtomicInteger open) {
    open.incrementAndGet();
    AtomicInteger mine = new AtomicInteger(1);
    return stub(
        Connection.class,
        method ->
            switch (method) {
              case "getMetaData" -> metaData;
              case "getAutoCommit", "isValid" -> true;
              case "close", "abort" -> {
                open.addAndGet(-mine.getAndSet(0));
                yield null;
              }
              default -> throw new UnsupportedOperationException(method);
            });
  }

  private interface Answers {
    Object to(String method);
  }

  private static <T> T stub(Class<T> type, Answers answers) {
    return type.cast(
        Proxy.newProxyInstance(
            WrongServersTest.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answers.to(method.getName())));
  }

  /**
   * It may be promoted any moment, so the start waits for no writer; the error says who is what.
   */
  @Test
  void withoutAWriterWritesSayWhatEachNodeIs() throws SQLException {
    builder.primary("a", replica(0)).primaryWait(Duration.ofMillis(20));
    try (ReplicaDataSource alone = builder.build();
        Connection connection = alone.getConnection()) {
      assertThatThrownBy(() -> connection.createStatement().execute("SELECT 1"))
          .isInstanceOf(NoPrimaryException.class)
          .hasMessageContaining("cluster 'orders' has no primary: 'a' is a replica; waited ")
          .hasMessageEndingWith("Nothing was sent: run the transaction again");
    }
  }

  @Test
  void aWriteOnAReadOnlyConnectionIsRefusedOnEveryNode() throws SQLException {
    builder.primary("a", postgres.dataSource(0)).replica("b", replica(0));
    try (ReplicaDataSource orders = builder.build()) {
      for (Consistency consistency : new Consistency[] {Consistency.EVENTUAL, Consistency.STRONG}) {
        try (RequestContext.Scope scope =
                RequestContext.builder().with(Consistency.KEY, consistency).build().attach();
            Connection connection = orders.getConnection()) {
          connection.setReadOnly(true);
          assertState("25006", connection, "CREATE TABLE never (id int)");
        }
      }
      assertThat(orders.routes().counts().routed(0, RouteReason.STRONG)).isEqualTo(1);
      assertThat(orders.routes().counts().routed(1, RouteReason.FRESH)).isEqualTo(1);
    }
  }

  private static void assertState(String state, Connection connection, String sql)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute(sql))
          .asInstanceOf(InstanceOfAssertFactories.throwable(SQLException.class))
          .extracting(SQLException::getSQLState)
          .isEqualTo(state);
    }
  }

  @Test
  void readOnlyIsNotDeclaredInsideATransaction() throws SQLException {
    try (ReplicaDataSource orders = builder.primary("a", postgres.dataSource(0)).build();
        Connection connection = orders.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT 1");
      assertThatThrownBy(() -> connection.setReadOnly(true))
          .isInstanceOf(SQLException.class)
          .hasMessage(
              "Cannot change read-only to true inside a transaction: declare it before the first"
                  + " statement, or commit or roll back first");
      connection.rollback();
      connection.setReadOnly(true);
      assertState("25006", connection, "CREATE TABLE never (id int)");
      connection.rollback();
    }
  }
}
