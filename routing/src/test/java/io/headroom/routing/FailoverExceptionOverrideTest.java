package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pool that is used beside the data source, as HikariCP makes it from the class's name. */
class FailoverExceptionOverrideTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1);

  private PostgresServer primary;
  private HikariDataSource pool;

  @BeforeEach
  void open() throws SQLException {
    primary = postgres.server(0);
    pool = pool(FailoverExceptionOverride.class.getName());
    try (Connection connection = pool.getConnection()) {
      execute(connection, "DROP TABLE IF EXISTS notes");
      execute(connection, "CREATE TABLE notes (id bigint PRIMARY KEY)");
      execute(connection, "INSERT INTO notes VALUES (1)");
    }
  }

  @AfterEach
  void close() {
    pool.close();
    postgres.heal();
  }

  private HikariDataSource pool(String override) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(primary.jdbcUrl(postgres.database()));
    config.setMaximumPoolSize(1);
    config.setInitializationFailTimeout(-1);
    if (override != null) {
      config.setExceptionOverrideClassName(override);
    }
    return new HikariDataSource(config);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Which of the server's processes a pool's one connection ends at. */
  private static int session(HikariDataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void requireState(HikariDataSource pool, String sql, String state)
      throws SQLException {
    try (Connection connection = pool.getConnection()) {
      SQLException failure =
          catchThrowableOfType(SQLException.class, () -> execute(connection, sql));
      assertThat(failure.getSQLState()).isEqualTo(state);
    }
  }

  @Test
  void aConnectionToADemotedPrimaryIsDropped() throws SQLException {
    primary.recloneFrom(primary.failOver());
    pool.getHikariPoolMXBean().softEvictConnections(); // of the server's run before
    int before = session(pool);
    requireState(pool, "INSERT INTO notes VALUES (2)", "25006");
    assertThat(session(pool)).isNotEqualTo(before);
    assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    try (HikariDataSource without = pool(null)) {
      int kept = session(without);
      requireState(without, "INSERT INTO notes VALUES (2)", "25006");
      assertThat(session(without)).as("what HikariCP does by itself").isEqualTo(kept);
    }
  }

  @Test
  void aSessionThatTheServerEndsIsDropped() throws SQLException {
    int before = session(pool);
    requireState(pool, "SELECT pg_terminate_backend(pg_backend_pid())", "57P01");
    assertThat(session(pool)).isNotEqualTo(before);
  }

  @Test
  void ordinaryErrorsKeepTheConnection() throws SQLException {
    int before = session(pool);
    requireState(pool, "INSERT INTO notes VALUES (1)", "23505");
    requireState(pool, "SELEC", "42601");
    requireState(pool, "SELECT 1 / 0", "22012");
    assertThat(session(pool)).isEqualTo(before);
  }

  /** The state is the same as a demoted server's, and HikariCP must decide without asking. */
  @Test
  void aReadOnlyTransactionThatWritesCostsItsConnection() throws SQLException {
    int before = session(pool);
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      SQLException failure =
          catchThrowableOfType(
              SQLException.class, () -> execute(connection, "INSERT INTO notes VALUES (2)"));
      assertThat(failure.getSQLState()).isEqualTo("25006");
    }
    assertThat(session(pool)).isNotEqualTo(before);
  }
}
