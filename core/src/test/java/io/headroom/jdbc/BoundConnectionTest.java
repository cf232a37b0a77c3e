package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A lazy connection once it is bound, and its end. */
@SuppressWarnings("try") // a context is attached for a block, which need not mention it
class BoundConnectionTest {

  private static final Executor SAME_THREAD = Runnable::run;

  private final StubDriver driver = new StubDriver();
  private final LazyConnection connection = driver.open();

  @Test
  void onceBoundAnswersAndSettingsAreThePhysicalConnections() throws SQLException {
    connection.createStatement();
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    connection.setSchema("shop");
    assertThat(connection.getAutoCommit()).isFalse();
    assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
    assertThat(connection.getSchema()).isEqualTo("shop");
    connection.close();
    assertThat(driver.closes).containsExactly(1);
  }

  @Test
  void readOnlyCannotChangeInsideATransaction() throws SQLException {
    connection.setAutoCommit(false);
    connection.createStatement().execute("SELECT 1");
    assertSqlState("25001", () -> connection.setReadOnly(true));
    connection.commit();
    connection.setReadOnly(true);
    assertThat(connection.isReadOnly()).isTrue();
  }

  @Test
  void everythingHandedOutLeadsBackToThisConnection() throws SQLException {
    PreparedStatement statement = connection.prepareStatement("SELECT 1");
    ResultSet rows = statement.executeQuery();
    assertThat(rows.next()).isTrue();
    assertThat(rows.getLong(1)).isEqualTo(42);
    assertThat(statement.getConnection()).isSameAs(connection);
    assertThat(rows.getStatement()).isSameAs(statement);
    assertThat(statement.getGeneratedKeys().getStatement()).isSameAs(statement);
    assertThat(statement.getResultSet()).isSameAs(statement.getResultSet());
    assertThat(statement.getResultSet().getStatement()).isSameAs(statement);
    assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
    ResultSet tables = connection.getMetaData().getTables(null, null, null, null);
    assertThat(tables.getStatement().getConnection()).isSameAs(connection);
    assertThat(connection.createStatement(1, 1).getConnection()).isSameAs(connection);
    assertThat(connection.createStatement(1, 1, 1).getConnection()).isSameAs(connection);
    assertThat(connection.prepareCall("{}").getConnection()).isSameAs(connection);
    assertThat(statement.toString()).isEqualTo("stub PreparedStatement");
    assertThat(rows.toString()).isEqualTo("stub ResultSet");
    assertThat(connection.toString()).isEqualTo("LazyConnection[bound to stub Connection]");
  }

  @Test
  void aCursorThatComesAsAValueLeadsBackToo() throws SQLException {
    LazyConnection bound = driver.open();
    bound.bound();
    ResultSet cursor = StubDriver.stub(ResultSet.class, (proxy, method, arguments) -> null);
    ResultSet rows = StubDriver.stub(ResultSet.class, (proxy, method, arguments) -> cursor);
    LazyStatement statement = (LazyStatement) bound.createStatement();
    assertThat(new LazyResultSet(statement, rows).getObject(1, ResultSet.class).getStatement())
        .isSameAs(statement);
    ResultSet value = (ResultSet) new LazyResultSet(bound, rows).getObject("c");
    assertThat(value).isInstanceOf(LazyResultSet.class);
    assertThat(value.getStatement()).isNull();
  }

  @Test
  void unwrapTakesTheProxyFirstThenWhatIsPhysical() throws SQLException {
    assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
    assertThat(connection.isWrapperFor(LazyConnection.class)).isTrue();
    assertThat(driver.taken()).isZero();

    assertThat(connection.isWrapperFor(StubDriver.Stub.class)).isTrue();
    assertThat(connection.isWrapperFor(StubDriver.Stub.class)).isTrue();
    assertThat(driver.closes).as("learned once, from a connection given back").containsExactly(1);
    assertThat(connection.unwrap(StubDriver.Stub.class)).isNotSameAs(connection);
    assertThat(connection.isWrapperFor(StubDriver.Stub.class)).isTrue();
    assertThat(driver.closes).containsExactly(1, 0);

    Statement statement = connection.createStatement();
    assertThat(statement.unwrap(Statement.class)).isSameAs(statement);
    assertThat(statement.unwrap(StubDriver.Stub.class)).isNotSameAs(statement);
    assertThat(statement.isWrapperFor(StubDriver.Stub.class)).isTrue();
    ResultSet rows = statement.executeQuery("SELECT 1");
    assertThat(rows.unwrap(ResultSet.class)).isSameAs(rows);
    assertThat(rows.unwrap(StubDriver.Stub.class)).isNotSameAs(rows);
    assertThat(rows.isWrapperFor(StubDriver.Stub.class)).isTrue();
    assertThat(rows.isWrapperFor(Runnable.class)).isFalse();
  }

  // Transactions and the request

  @Test
  void aWriteTransactionIsOpenFromItsFirstStatementToItsEnd() throws SQLException {
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      connection.setAutoCommit(false);
      Statement statement = connection.createStatement();
      assertThat(context.inWriteTransaction()).isFalse();
      statement.execute("INSERT");
      connection.setAutoCommit(false); // changes nothing
      statement.execute("INSERT");
      assertThat(context.inWriteTransaction()).isTrue();
      connection.commit();
      assertThat(context.inWriteTransaction()).isFalse();
      statement.execute("INSERT");
      assertThat(context.inWriteTransaction()).isTrue();
      connection.rollback();
      assertThat(context.inWriteTransaction()).isFalse();
      statement.executeUpdate("INSERT");
      connection.setAutoCommit(true);
      assertThat(context.inWriteTransaction()).isFalse();
      connection.setAutoCommit(false);
      Savepoint savepoint = connection.setSavepoint();
      assertThat(context.inWriteTransaction()).isTrue();
      connection.rollback(savepoint);
      connection.releaseSavepoint(savepoint);
      assertThat(context.inWriteTransaction()).isTrue();
      connection.close();
      assertThat(context.inWriteTransaction()).isFalse();
    }
  }

  /** Which may want to know where the commit lies. */
  @Test
  void whatWaitsForACommitComesAfterTheHooks() throws SQLException {
    List<String> events = new ArrayList<>();
    driver.hooks = new NotingHooks("hook", "none", events);
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach();
        LazyConnection writing = driver.open()) {
      writing.setAutoCommit(false);
      writing.createStatement().execute("INSERT");
      context.afterWriteTransactions(this, () -> events.add("waiting"));
      writing.commit();
      assertThat(events).endsWith("hook confirming", "hook committed", "waiting");
      writing.createStatement().execute("INSERT");
      context.afterWriteTransactions(this, () -> events.add("waiting"));
      events.clear();
      writing.setAutoCommit(true);
      assertThat(events).endsWith("hook confirming", "hook committed", "waiting");
      writing.setAutoCommit(false);
      writing.createStatement().execute("INSERT");
      context.afterWriteTransactions(this, () -> events.add("waiting"));
      events.clear();
      writing.rollback();
      assertThat(events).contains("waiting");
    }
  }

  @Test
  void readsAndAutocommitOpenNoWriteTransaction() throws SQLException {
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      connection.createStatement().execute("INSERT");
      assertThat(context.inWriteTransaction()).isFalse();
      LazyConnection reading = driver.open();
      reading.setAutoCommit(false);
      reading.setReadOnly(true);
      reading.createStatement().execute("SELECT 1");
      assertThat(context.inWriteTransaction()).isFalse();
    }
  }

  @Test
  void aCommitThatFailsEndsTheWriteTransactionToo() throws SQLException {
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      connection.setAutoCommit(false);
      connection.createStatement().execute("INSERT");
      driver.fail("Connection.commit", new SQLException("broken", "08006"));
      assertSqlState("08006", connection::commit);
      assertThat(context.inWriteTransaction()).isFalse();
      connection.close();
    }
  }

  @Test
  void itEndsOnTheContextItBeganOn() throws SQLException {
    RequestContext context = RequestContext.builder().build();
    connection.setAutoCommit(false);
    try (RequestContext.Scope scope = context.attach()) {
      connection.createStatement().execute("INSERT");
    }
    connection.close();
    assertThat(context.inWriteTransaction()).isFalse();
  }

  // The end

  @Test
  void closeReturnsThePhysicalConnectionOnce() throws SQLException {
    connection.createStatement();
    connection.close();
    connection.close();
    assertThat(driver.closes).containsExactly(1);
    assertThat(connection.toString()).isEqualTo("LazyConnection[closed]");
    assertThat(connection.isValid(1)).isFalse();
  }

  @Test
  void aCloseThatFailsIsNotTriedAgain() throws SQLException {
    connection.createStatement();
    driver.fail("Connection.close", new SQLException("broken", "08006"));
    assertSqlState("08006", connection::close);
    connection.close();
    assertThat(driver.closes).containsExactly(1);
  }

  @Test
  void statementsOfAClosedConnectionRunNoMore() throws SQLException {
    Statement statement = connection.createStatement();
    statement.execute("SELECT 1");
    connection.close();
    assertSqlState("08003", () -> statement.execute("SELECT 1"));
  }

  @TestFactory
  Stream<DynamicTest> afterCloseEveryMethodFails() throws SQLException {
    connection.close();
    Set<String> allowed = Set.of("close", "isClosed", "isValid", "abort");
    return Arrays.stream(Connection.class.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> !allowed.contains(method.getName()))
        .map(method -> DynamicTest.dynamicTest(method.toString(), () -> failsClosed(method)));
  }

  private void failsClosed(Method method) {
    Object[] arguments =
        Arrays.stream(method.getParameterTypes())
            .map(
                type ->
                    type == boolean.class
                        ? (Object) true
                        : type == int.class ? 1 : type == Class.class ? Runnable.class : null)
            .toArray();
    assertThatThrownBy(() -> method.invoke(connection, arguments))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isInstanceOf(SQLException.class)
        .hasFieldOrPropertyWithValue("SQLState", "08003");
    if (method.getName().equals("setClientInfo")) {
      assertThatThrownBy(() -> method.invoke(connection, arguments))
          .cause()
          .isInstanceOf(SQLClientInfoException.class);
    }
  }

  @Test
  void anAbortedConnectionGoesBackWhenItsOwnerClosesIt() throws SQLException {
    connection.createStatement();
    connection.abort(SAME_THREAD);
    connection.abort(SAME_THREAD);
    assertThat(driver.log()).filteredOn(call -> call.startsWith("Connection.abort")).hasSize(1);
    assertThat(connection.isClosed()).isTrue();
    assertThat(connection.isValid(1)).isFalse();
    assertThat(connection.toString()).isEqualTo("LazyConnection[aborted]");
    assertSqlState("08003", connection::createStatement);
    assertThat(driver.closes).containsExactly(0);
    connection.close();
    connection.close();
    assertThat(driver.closes).containsExactly(1);
  }

  @Test
  void whatThePoolFindsBrokenAfterAnAbortIsNoNews() throws SQLException {
    connection.createStatement();
    connection.abort(SAME_THREAD);
    driver.fail("Connection.close", new SQLException("broken", "08003"));
    connection.close();
    assertThat(driver.closes).containsExactly(1);
  }

  @Test
  void aConnectionAbortedBeforeItIsBoundTakesNothing() throws SQLException {
    connection.abort(SAME_THREAD);
    assertSqlState("08003", connection::createStatement);
    connection.close();
    connection.abort(SAME_THREAD);
    assertThat(driver.taken()).isZero();
  }

  @Test
  void aConnectionAbortedWhileItIsBoundGivesThePhysicalOneBack() {
    driver.hooks =
        new ConnectionHooks() {
          @Override
          public void onBound(Connection physical) throws SQLException {
            connection.abort(SAME_THREAD);
          }
        };
    assertSqlState("08003", connection::createStatement);
    assertThatCode(connection::close).doesNotThrowAnyException();
    assertThat(driver.closes).containsExactly(1);
  }

  interface SqlAction {
    void run() throws SQLException;
  }

  private static void assertSqlState(String state, SqlAction action) {
    assertThatThrownBy(action::run)
        .isInstanceOf(SQLException.class)
        .hasFieldOrPropertyWithValue("SQLState", state);
  }
}
