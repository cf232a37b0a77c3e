package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresCluster;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * A differential test on a real PostgreSQL: any sequence of JDBC calls answers on a lazy connection
 * as it does on a plain one, down to the SQLSTATE of what fails, and leaves the same rows behind.
 */
class LikeThePlainConnectionProperties {

  private static PostgresCluster cluster;
  private static DataSource plain;
  private static DataSource lazy;
  private static Connection plainObserver;
  private static Connection lazyObserver;

  @BeforeContainer
  static void start() throws SQLException {
    cluster = PostgresCluster.start(1);
    plain = database("plain");
    plainObserver = plain.getConnection();
    DataSource database = database("lazy");
    lazyObserver = database.getConnection();
    ConnectionSource pool = ConnectionSource.of(database);
    lazy =
        new LazyDataSource() {
          @Override
          public Binding bind(BindRequest request) throws SQLException {
            return pool.bind(request);
          }
        };
    try (Connection connection = lazy.getConnection()) {
      connection.createStatement(); // an unbound commit() knows only now that autocommit is on
    }
  }

  private static DataSource database(String name) throws SQLException {
    DataSource database = cluster.server(0).createDatabase(name);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE stock (id int PRIMARY KEY, amount int NOT NULL)");
    }
    return database;
  }

  @AfterContainer
  static void stop() throws SQLException {
    plainObserver.close();
    lazyObserver.close();
    cluster.close();
  }

  /** One of the two connections, with what later calls refer to. */
  private static final class Session {
    final Connection connection;
    Savepoint savepoint;
    Statement statement;

    Session(Connection connection) {
      this.connection = connection;
    }

    /** Kept over calls at times, made anew at others. */
    Statement statement() throws SQLException {
      if (statement == null) {
        statement = connection.createStatement();
      }
      return statement;
    }
  }

  private static final String INSERT =
      "INSERT INTO stock SELECT count(*) + 1, count(*) + 1 FROM stock";

  private interface Body {
    Object on(Session session) throws SQLException;
  }

  private record Call(String name, Body body) {

    static Call of(String name, Body body) {
      return new Call(name, body);
    }

    String answerOf(Session session) {
      try {
        return Objects.toString(body.on(session));
      } catch (SQLClientInfoException e) {
        return "no client info"; // pgjdbc gives these no SQLSTATE
      } catch (SQLException e) {
        return "SQLSTATE " + e.getSQLState();
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Object query(Session session, String sql) throws SQLException {
    try (ResultSet rows = session.statement().executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : "no row";
    }
  }

  private static final List<Call> CALLS =
      List.of(
          Call.of("autoCommit off", s -> done(() -> s.connection.setAutoCommit(false))),
          Call.of("autoCommit on", s -> done(() -> s.connection.setAutoCommit(true))),
          Call.of("autoCommit?", s -> s.connection.getAutoCommit()),
          Call.of("readOnly on", s -> done(() -> s.connection.setReadOnly(true))),
          Call.of("readOnly off", s -> done(() -> s.connection.setReadOnly(false))),
          Call.of("readOnly?", s -> s.connection.isReadOnly()),
          Call.of("serializable", s -> done(() -> s.connection.setTransactionIsolation(8))),
          Call.of("read committed", s -> done(() -> s.connection.setTransactionIsolation(2))),
          Call.of("isolation 99", s -> done(() -> s.connection.setTransactionIsolation(99))),
          Call.of("isolation?", s -> s.connection.getTransactionIsolation()),
          Call.of("hold cursors", s -> done(() -> s.connection.setHoldability(1))),
          Call.of("holdability?", s -> s.connection.getHoldability()),
          Call.of(
              "timeout", s -> done(() -> s.connection.setNetworkTimeout(Runnable::run, 20_000))),
          Call.of("timeout?", s -> s.connection.getNetworkTimeout()),
          Call.of("name", s -> done(() -> s.connection.setClientInfo("ApplicationName", "shop"))),
          Call.of("name?", s -> s.connection.getClientInfo("ApplicationName")),
          Call.of("schema?", s -> s.connection.getSchema()),
          Call.of("warnings?", s -> s.connection.getWarnings()),
          Call.of("valid?", s -> s.connection.isValid(5)),
          Call.of("closed?", s -> s.connection.isClosed()),
          Call.of("product?", s -> s.connection.getMetaData().getDatabaseProductName()),
          Call.of("tables?", LikeThePlainConnectionProperties::tables),
          Call.of("insert", s -> s.statement().executeUpdate(INSERT)),
          Call.of("insert prepared", LikeThePlainConnectionProperties::insertPrepared),
          Call.of("insert batch", LikeThePlainConnectionProperties::insertBatch),
          Call.of("insert returning", s -> query(s, INSERT + " RETURNING amount")),
          Call.of("double", s -> s.statement().execute("UPDATE stock SET amount = amount * 2")),
          Call.of("duplicate", s -> s.statement().executeUpdate("INSERT INTO stock VALUES (0, 0)")),
          Call.of("sum?", s -> query(s, "SELECT count(*) || '/' || sum(amount) FROM stock")),
          Call.of("read only?", s -> query(s, "SHOW transaction_read_only")),
          Call.of("isolated?", s -> query(s, "SHOW transaction_isolation")),
          Call.of("fail", s -> query(s, "SELECT 1 / 0")),
          Call.of("savepoint", LikeThePlainConnectionProperties::savepoint),
          Call.of("back to savepoint", LikeThePlainConnectionProperties::backToSavepoint),
          Call.of("new statement", s -> s.statement = null),
          Call.of("commit", s -> done(s.connection::commit)),
          Call.of("rollback", s -> done(s.connection::rollback)),
          Call.of("same connection?", s -> s.statement().getConnection() == s.connection));

  private static final Call CLOSE = Call.of("close", s -> done(s.connection::close));

  private interface Doing {
    void run() throws SQLException;
  }

  private static String done(Doing doing) throws SQLException {
    doing.run();
    return "done";
  }

  private static Object tables(Session session) throws SQLException {
    try (ResultSet tables =
        session.connection.getMetaData().getTables(null, "public", "sto%", null)) {
      return tables.next() ? tables.getString("TABLE_NAME") : "none";
    }
  }

  private static Object insertPrepared(Session session) throws SQLException {
    try (PreparedStatement statement =
        session.connection.prepareStatement(
            "INSERT INTO stock SELECT count(*) + ?, ? FROM stock",
            Statement.RETURN_GENERATED_KEYS)) {
      statement.setInt(1, 1);
      statement.setInt(2, 7);
      statement.executeUpdate();
      try (ResultSet keys = statement.getGeneratedKeys()) {
        return keys.next() && keys.getStatement() == statement ? keys.getInt(2) : "no key";
      }
    }
  }

  private static Object insertBatch(Session session) throws SQLException {
    try (Statement statement = session.connection.createStatement()) {
      statement.addBatch(INSERT);
      statement.addBatch(INSERT);
      return statement.executeBatch().length;
    }
  }

  private static Object savepoint(Session session) throws SQLException {
    session.savepoint = session.connection.setSavepoint();
    return "set";
  }

  private static Object backToSavepoint(Session session) throws SQLException {
    if (session.savepoint == null) {
      return "none";
    }
    session.connection.rollback(session.savepoint);
    return "back";
  }

  @Provide
  Arbitrary<Call> call() {
    return Arbitraries.of(CALLS);
  }

  @Property(tries = 400)
  void anySequenceOfCallsAnswersAlike(
      @ForAll @Size(max = 30) List<@From("call") Call> before,
      @ForAll @Size(max = 3) List<@From("call") Call> afterClose)
      throws SQLException {
    empty(plainObserver);
    empty(lazyObserver);
    List<Call> calls = new ArrayList<>(before);
    calls.add(CLOSE);
    calls.addAll(afterClose);
    assertThat(answers(lazy, calls)).isEqualTo(answers(plain, calls));
    assertThat(rows(lazyObserver)).isEqualTo(rows(plainObserver));
  }

  private static List<String> answers(DataSource dataSource, List<Call> calls) throws SQLException {
    List<String> answers = new ArrayList<>();
    try (Connection connection = dataSource.getConnection()) {
      Session session = new Session(connection);
      for (Call call : calls) {
        answers.add(call + ": " + call.answerOf(session));
      }
    }
    return answers;
  }

  private static void empty(Connection observer) throws SQLException {
    try (Statement statement = observer.createStatement()) {
      statement.execute("DELETE FROM stock");
      statement.execute("INSERT INTO stock VALUES (0, 1)");
    }
  }

  private static List<String> rows(Connection observer) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = observer.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id, amount FROM stock ORDER BY id")) {
      while (rows.next()) {
        found.add(rows.getInt(1) + "=" + rows.getInt(2));
      }
    }
    return found;
  }
}
