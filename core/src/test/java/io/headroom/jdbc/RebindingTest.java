package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A connection whose source sends reads and writes to different databases. */
class RebindingTest {

  private final StubDriver driver = new StubDriver();
  private final List<String> events = new ArrayList<>();
  private boolean autoCommitReads;

  /** For reads only, or for writes only. */
  private final class OneWay implements ConnectionHooks {

    private final boolean forReads;

    OneWay(boolean forReads) {
      this.forReads = forReads;
    }

    @Override
    public void onFirstStatement(Connection physical) {
      events.add("first");
    }

    @Override
    public boolean staysBound(boolean readOnly, boolean autoCommit) {
      return (readOnly || (autoCommit && autoCommitReads)) == forReads;
    }

    @Override
    public void onReadOnly(Connection physical, boolean readOnly) {
      events.add("read-only " + readOnly);
    }

    @Override
    public void beforeClose(Connection physical) {
      events.add("closing");
    }

    @Override
    public void onClose() {
      events.add("closed");
    }
  }

  private LazyConnection open() {
    ConnectionSource source =
        request -> {
          Binding bound = driver.bind(request);
          return bound.within(
              new OneWay(request.readOnly() || (request.autoCommit() && autoCommitReads)));
        };
    return new LazyConnection(source, new SourceFacts());
  }

  private static void run(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  @Test
  void declaringItOtherwiseBetweenTransactionsBindsAnew() throws SQLException {
    LazyConnection connection = open();
    connection.setReadOnly(true);
    run(connection);
    connection.setReadOnly(false);
    assertThat(driver.closes).containsExactly(1);
    assertThat(connection.isBound()).isFalse();
    run(connection);
    assertThat(driver.requests).extracting(BindRequest::readOnly).containsExactly(true, false);
    connection.setReadOnly(true);
    run(connection);
    connection.close();
    assertThat(driver.closes).containsExactly(1, 1, 1);
    assertThat(events)
        .containsExactly(
            "first", "closing", "closed", "first", "closing", "closed", "first", "closing",
            "closed");
  }

  @Test
  void declaringItOtherwiseWithAStatementOpenTellsTheHooks() throws SQLException {
    LazyConnection connection = open();
    Statement open = connection.createStatement();
    open.execute("SELECT 1");
    connection.setReadOnly(true);
    connection.setReadOnly(true);
    assertThat(connection.isBound()).as("a statement is open").isTrue();
    connection.setReadOnly(false);
    open.close();
    connection.close();
    assertThat(events)
        .containsExactly("first", "read-only true", "read-only false", "closing", "closed");
  }

  @Test
  void whatWasSetOnASessionIsPutBackBeforeItIsLeft() throws SQLException {
    try (LazyConnection connection = open()) {
      String before = connection.getSchema();
      connection.setSchema("tenant");
      run(connection);
      connection.setReadOnly(true);
      run(connection);
      connection.setSchema(before);
    }
    assertThat(driver.calls)
        .filteredOn(call -> call.contains("etSchema") || call.endsWith("close[]"))
        .containsSubsequence(
            "Connection.getSchema[]",
            "Connection.setSchema[tenant]",
            "Connection.setSchema[public]",
            "Connection.setSchema[tenant]",
            "Connection.setSchema[public]");
  }

  @Test
  void aSessionThatCannotBePutBackReachesNobody() throws SQLException {
    try (LazyConnection connection = open()) {
      connection.setSchema("tenant");
      run(connection);
      driver.fail("Connection.setSchema[public]", new SQLException("broken", "08006"));
      connection.setReadOnly(true);
      assertThat(driver.calls).filteredOn(call -> call.startsWith("Connection.abort")).hasSize(1);
    }
  }

  @Test
  void autocommitThatIsSetOtherwiseBindsAnewWhereItMatters() throws SQLException {
    autoCommitReads = true;
    try (LazyConnection connection = open()) {
      run(connection);
      connection.setAutoCommit(false);
      assertThat(connection.isBound()).isFalse();
      assertThat(connection.getAutoCommit()).isFalse();
      run(connection);
      assertThat(driver.requests).extracting(BindRequest::autoCommit).containsExactly(true, false);
      Statement open = connection.createStatement();
      connection.commit();
      connection.setAutoCommit(true);
      assertThat(connection.isBound()).as("a statement is open").isTrue();
      open.close();
    }
    assertThat(driver.closes).containsExactly(1, 1);
  }

  @Test
  void autocommitThatCommitsKeepsTheConnection() throws SQLException {
    autoCommitReads = true;
    try (LazyConnection connection = open()) {
      connection.setAutoCommit(false);
      run(connection);
      connection.setAutoCommit(true);
      run(connection);
      assertThat(driver.taken()).isEqualTo(1);
    }
  }

  @Test
  void declaringItAgainKeepsTheConnection() throws SQLException {
    try (LazyConnection connection = open()) {
      connection.setReadOnly(true);
      run(connection);
      connection.setReadOnly(true);
      run(connection);
      assertThat(driver.taken()).isEqualTo(1);
    }
  }

  @Test
  void whatWasSetMeanwhileHoldsOnTheNextOne() throws SQLException {
    try (LazyConnection connection = open()) {
      connection.setReadOnly(true);
      run(connection);
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setSchema("tenant");
      connection.setCatalog("other");
      connection.setHoldability(1);
      connection.setNetworkTimeout(Runnable::run, 5_000);
      connection.setClientInfo("ApplicationName", "orders");
      connection.setReadOnly(false);

      assertThat(connection.getAutoCommit()).isFalse();
      assertThat(connection.isReadOnly()).isFalse();
      driver.calls.clear();
      run(connection);
      assertThat(driver.log())
          .contains(
              "Connection.setReadOnly[false]",
              "Connection.setTransactionIsolation[8]",
              "Connection.setSchema[tenant]",
              "Connection.setCatalog[other]",
              "Connection.setHoldability[1]",
              "Connection.setClientInfo[ApplicationName,orders]",
              "Connection.setAutoCommit[false]");
      connection.rollback();
    }
  }

  @Test
  void insideATransactionItIsRefused() throws SQLException {
    try (LazyConnection connection = open()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      run(connection);
      assertThatThrownBy(() -> connection.setReadOnly(false))
          .hasMessageContaining("inside a transaction");
      assertThat(driver.taken()).isEqualTo(1);
      connection.commit();
      connection.setReadOnly(false);
      run(connection);
      assertThat(driver.taken()).isEqualTo(2);
      connection.rollback();
    }
  }

  @Test
  void whileAStatementIsOpenItStaysBound() throws SQLException {
    try (LazyConnection connection = open()) {
      connection.setReadOnly(true);
      Statement open = connection.createStatement();
      open.execute("SELECT 1");
      connection.setReadOnly(false);
      open.execute("SELECT 1");
      assertThat(driver.taken()).isEqualTo(1);
      assertThat(driver.log()).contains("Connection.setReadOnly[false]");

      open.close();
      open.close(); // counted once
      connection.setReadOnly(true);
      connection.setReadOnly(false);
      run(connection);
      assertThat(driver.taken()).isEqualTo(2);
    }
  }

  @Test
  void aStatementThatItsDriverClosedIsNotOpen() throws SQLException {
    try (LazyConnection connection = open()) {
      connection.setReadOnly(true);
      Statement first = connection.createStatement();
      first.closeOnCompletion();
      Statement second = connection.createStatement();
      second.closeOnCompletion();
      first.executeQuery("SELECT 1").close();
      ResultSet open = second.executeQuery("SELECT 1");
      connection.setReadOnly(false);
      assertThat(connection.isBound()).as("one is open").isTrue();
      connection.setReadOnly(true);

      open.close();
      first.close(); // counted once
      connection.setReadOnly(false);
      assertThat(connection.isBound()).isFalse();
      run(connection);
      assertThat(driver.taken()).isEqualTo(2);
    }
  }

  @Test
  void theStatementOfMetadataIsNotOpenOnceItsResultIsClosed() throws SQLException {
    try (LazyConnection connection = open()) {
      connection.setReadOnly(true);
      run(connection);
      try (ResultSet tables = connection.getMetaData().getTables(null, null, "%", null)) {
        assertThat(tables.getStatement().getConnection()).isSameAs(connection);
        connection.setReadOnly(false);
        assertThat(connection.isBound()).as("one is open").isTrue();
        connection.setReadOnly(true);
      }
      connection.setReadOnly(false);
      assertThat(connection.isBound()).isFalse();
    }
  }

  /** A driver that does not tell may have it open. */
  @Test
  void aStatementOfWhichItsDriverDoesNotTellIsOpen() throws SQLException {
    try (LazyConnection connection = open()) {
      connection.setReadOnly(true);
      Statement statement = connection.createStatement();
      statement.closeOnCompletion();
      statement.executeQuery("SELECT 1").close();
      driver.fail("Statement.isClosed", new SQLException("broken", "08006"));
      connection.setReadOnly(false);
      assertThat(connection.isBound()).isTrue();
    }
  }

  @Test
  void withoutAHookThatMindsItStaysBound() throws SQLException {
    try (LazyConnection connection = driver.open()) {
      connection.setReadOnly(true);
      run(connection);
      connection.setReadOnly(false);
      run(connection);
      assertThat(driver.taken()).isEqualTo(1);
    }
  }

  @Test
  void anAbortedOneIsNotGivenBackTwice() throws SQLException {
    LazyConnection connection = open();
    connection.setReadOnly(true);
    run(connection);
    connection.abort(Runnable::run);
    assertThatThrownBy(() -> connection.setReadOnly(false)).hasMessageContaining("aborted");
    connection.close();
    assertThat(driver.closes).containsExactly(1);
  }
}
