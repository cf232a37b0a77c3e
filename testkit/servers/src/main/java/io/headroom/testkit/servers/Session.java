package io.headroom.testkit.servers;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A superuser's connection to the database {@code postgres} of a server, which gives up on a server
 * that hangs. Not thread-safe.
 */
final class Session implements AutoCloseable {

  private static final int LIMIT_SECONDS = 60;
  private static final Duration RELOAD_LIMIT = Duration.ofSeconds(20);

  private final PostgresServer server;
  private final Connection connection;

  private Session(PostgresServer server, Connection connection) {
    this.server = server;
    this.connection = connection;
  }

  static Session open(PostgresServer server) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(server.jdbcUrl());
    source.setConnectTimeout(LIMIT_SECONDS);
    source.setSocketTimeout(LIMIT_SECONDS);
    try {
      return new Session(server, source.getConnection());
    } catch (SQLException failure) {
      throw new ServerException(
          "Cannot connect to " + server + ": " + failure.getMessage(), failure);
    }
  }

  /** Opens a session, runs one statement, and closes the session. */
  static void run(PostgresServer server, String sql) {
    try (Session session = open(server)) {
      session.execute(sql);
    }
  }

  /** Opens a session, asks for one value, and closes the session. */
  static String ask(PostgresServer server, String query, Object... parameters) {
    try (Session session = open(server)) {
      return session.value(query, parameters);
    }
  }

  /** Changes a setting of a server, and waits until it has read it. */
  static void set(PostgresServer server, String setting, String value) {
    try (Session session = open(server)) {
      session.execute("ALTER SYSTEM SET " + quotedIdentifier(setting) + " = " + quotedText(value));
      String loaded = session.value("SELECT pg_conf_load_time()");
      session.execute("SELECT pg_reload_conf()");
      // A new connection has what the postmaster has read, which told the others before.
      Await.within(RELOAD_LIMIT, () -> !ask(server, "SELECT pg_conf_load_time()").equals(loaded));
    }
  }

  PostgresServer server() {
    return server;
  }

  void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw refused(sql, failure);
    }
  }

  /** The first value of the first row; empty if there is no row, or the value is NULL. */
  String value(String query, Object... parameters) {
    List<String> row = row(query, parameters);
    return row.isEmpty() ? "" : row.get(0);
  }

  boolean isTrue(String query, Object... parameters) {
    return value(query, parameters).equals("t");
  }

  /** The first row, NULL as the empty text; no element if there is no row. */
  List<String> row(String query, Object... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<String> row = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        if (rows.next()) {
          for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
            @Nullable String value = rows.getString(i);
            row.add(value == null ? "" : value);
          }
        }
      }
      return row;
    } catch (SQLException failure) {
      throw refused(query, failure);
    }
  }

  static String quotedIdentifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  static String quotedText(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private ServerException refused(String sql, SQLException failure) {
    return new ServerException(server + " refused " + sql + ": " + failure.getMessage(), failure);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException broken) {
      // It was killed meanwhile: closed enough.
    }
  }
}
