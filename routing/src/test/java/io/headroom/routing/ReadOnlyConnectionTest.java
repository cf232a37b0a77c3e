package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One primary without replicas, so that nothing but the session's guard keeps reads from writing.
 */
@SuppressWarnings("try") // scopes are opened for their effect
class ReadOnlyConnectionTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static HikariDataSource oneConnection(String readOnlyMode) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        postgres.server(0).jdbcUrl(postgres.database()) + "&readOnlyMode=" + readOnlyMode);
    config.setMaximumPoolSize(1);
    return new HikariDataSource(config);
  }

  private static ReplicaDataSource over(HikariDataSource pool) {
    return ReplicaDataSource.builder("orders").primary("a", pool).build();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void run(ReplicaDataSource source, boolean readOnly, String sql)
      throws SQLException {
    try (Connection connection = source.getConnection()) {
      connection.setReadOnly(readOnly);
      execute(connection, sql);
    }
  }

  /** Its SQLSTATE, or that it wrote. */
  private static String insert(Connection connection) {
    try {
      execute(connection, "INSERT INTO notes VALUES (1)");
      return "written";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  /** Not declared, but with autocommit in a request that reads so. */
  private static String insertUndeclared(ReplicaDataSource source, boolean saysItWrites)
      throws SQLException {
    RequestContext lazy =
        RequestContext.builder().with(ReplicaDataSource.AUTOCOMMIT_READS, true).build();
    try (RequestContext.Scope scope = lazy.attach();
        Connection connection = source.getConnection()) {
      if (saysItWrites) {
        connection.setReadOnly(false);
      }
      return insert(connection);
    }
  }

  /** What pgjdbc does at {@code setReadOnly}, and so when a pool takes a connection back. */
  @ParameterizedTest
  @ValueSource(strings = {"ignore", "transaction", "always"})
  void refusesWritesWhateverTheDriverMakesOfTheFlag(String readOnlyMode) throws SQLException {
    try (HikariDataSource pool = oneConnection(readOnlyMode);
        ReplicaDataSource source = over(pool)) {
      run(source, false, "CREATE TABLE IF NOT EXISTS notes (id bigint)");
      for (int round = 0; round < 2; round++) {
        assertThat(insertUndeclared(source, false)).isEqualTo("25006");
        run(source, true, "SELECT 1");
        assertThat(insertUndeclared(source, false)).as("after a declared read").isEqualTo("25006");
        assertThat(insertUndeclared(source, true)).isEqualTo("25006");
        try (Connection declared = source.getConnection()) {
          declared.setReadOnly(true);
          assertThat(insert(declared)).isEqualTo("25006");
        }
        run(source, false, "INSERT INTO notes VALUES (2)");
      }
    }
  }

  /** The limit that the README states: what a session says of itself in SQL goes unseen. */
  @Test
  void aSessionThatWasResetInSqlRefusesNothingWithAutocommitUntilItWrote() throws SQLException {
    try (HikariDataSource pool = oneConnection("transaction");
        ReplicaDataSource source = over(pool)) {
      run(source, false, "CREATE TABLE IF NOT EXISTS notes (id bigint)");
      run(source, true, "RESET ALL");
      try (Connection declared = source.getConnection()) {
        declared.setReadOnly(true);
        assertThat(insert(declared)).isEqualTo("written");
        declared.setAutoCommit(false);
        assertThat(insert(declared)).as("in a transaction").isEqualTo("25006");
        declared.rollback();
      }
      run(source, false, "SELECT 1");
      try (Connection declared = source.getConnection()) {
        declared.setReadOnly(true);
        assertThat(insert(declared)).isEqualTo("25006");
      }
    }
  }
}
