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
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Savepoint;
import java.sql.ShardingKey;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

@SuppressWarnings("try") // a context is attached for a block, which need not mention it
class LazyConnectionTest {

  private static final Executor SAME_THREAD = Runnable::run;

  private final StubDriver driver = new StubDriver();
  private final LazyConnection connection = driver.open();

  // Before it is bound

  @Test
  void aConnectionThatRunsNothingTakesNothing() throws SQLException {
    connection.setAutoCommit(false);
    connection.setReadOnly(true);
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    connection.setSchema("shop");
    connection.setCatalog("app");
    connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT);
    connection.setNetworkTimeout(SAME_THREAD, 500);
    connection.setClientInfo("ApplicationName", "shop");
    Map<String, Class<?>> types = new HashMap<>();
    connection.setTypeMap(types);
    connection.clearWarnings();
    connection.beginRequest();
    connection.commit();
    connection.rollback();

    assertThat(connection.getAutoCommit()).isFalse();
    assertThat(connection.isReadOnly()).isTrue();
    assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
    assertThat(connection.getSchema()).isEqualTo("shop");
    assertThat(connection.getCatalog()).isEqualTo("app");
    assertThat(connection.getHoldability()).isEqualTo(ResultSet.HOLD_CURSORS_OVER_COMMIT);
    assertThat(connection.getNetworkTimeout()).isEqualTo(500);
    assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("shop");
    assertThat(connection.getTypeMap()).isSameAs(types);
    assertThat((Object) connection.getWarnings()).isNull();
    assertThat(connection.isValid(1)).isTrue();
    assertThat(connection.isClosed()).isFalse();
    assertThat(connection.equals(connection)).isTrue();
    assertThat(connection.toString()).isEqualTo("LazyConnection[unbound, stub driver]");
    connection.endRequest();
    connection.close();
    assertThat(driver.taken()).isZero();
  }

  @Test
  void whatWasRememberedIsSetOnThePhysicalConnectionBeforeTheStatement() throws SQLException {
    connection.setAutoCommit(false);
    connection.setClientInfo("ApplicationName", "shop");
    connection.setSchema("shop");
    connection.setCatalog("app");
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(true);
    connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT);
    connection.setTypeMap(null);
    connection.setNetworkTimeout(null, 500);
    connection.prepareStatement("SELECT 1");

    assertThat(driver.log())
        .containsExactly(
            "Connection.setNetworkTimeout[null,500]",
            "Connection.setReadOnly[true]",
            "Connection.setTransactionIsolation[4]",
            "Connection.setClientInfo[ApplicationName,shop]",
            "Connection.setCatalog[app]",
            "Connection.setSchema[shop]",
            "Connection.setHoldability[1]",
            "Connection.setTypeMap[null]",
            "Connection.setAutoCommit[false]",
            "Connection.prepareStatement[SELECT1]");
    assertThat(driver.requests.get(0).readOnly()).isTrue();
    assertThat(driver.requests.get(0).autoCommit()).isFalse();
    assertThat(driver.requests.get(0).forMetadata()).isFalse();
    assertThat(driver.requests.get(0).context()).isSameAs(RequestContext.current());
    assertThat(driver.requests.get(0)).asString().contains("readOnly=true", "autoCommit=false");
  }

  @Test
  void aPoolWithoutAutocommitIsSwitchedOnBeforeAnythingSendsSql() throws SQLException {
    driver.fresh.put("AutoCommit", false);
    connection.setSchema("shop");
    connection.setAutoCommit(true);
    connection.createStatement();
    assertThat(driver.log())
        .startsWith("Connection.setAutoCommit[true]", "Connection.setSchema[shop]");
  }

  @Test
  void allClientInfoAtOnceReplacesWhatWasSet() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("ClientUser", "alice");
    connection.setClientInfo("ApplicationName", "shop");
    connection.setClientInfo(properties);
    connection.setClientInfo("ClientHostname", null);
    assertThat(connection.getClientInfo("ApplicationName")).isNull();
    assertThat(driver.taken()).isZero();
    connection.createStatement();
    assertThat(driver.log()).startsWith("Connection.setClientInfo[{ClientUser=alice}]");
    connection.setClientInfo("ApplicationName", "later");
    connection.setClientInfo(properties);
    assertThat(driver.log()).contains("Connection.setClientInfo[ApplicationName,later]");
  }

  @Test
  void schemaCatalogAndClientInfoThatWereNotSetBind() throws SQLException {
    assertThat(connection.getSchema()).isEqualTo("public");
    assertThat(driver.taken()).isEqualTo(1);
    assertThat(driver.open().getCatalog()).isEqualTo("stub");
    driver.open().getClientInfo();
    driver.open().getClientInfo("ApplicationName");
    assertThat(driver.taken()).isEqualTo(4);
  }

  @Test
  void defaultsAreLearnedFromTheFirstPhysicalConnection() throws SQLException {
    assertThat(connection.getAutoCommit()).isTrue();
    assertThat(connection.getTransactionIsolation())
        .isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
    assertThat(connection.getHoldability()).isEqualTo(ResultSet.CLOSE_CURSORS_AT_COMMIT);
    assertThat(connection.getNetworkTimeout()).isZero();
    assertThat(connection.getTypeMap()).isEmpty();

    driver.fresh.put("AutoCommit", false);
    driver.fresh.put("ReadOnly", true);
    driver.fresh.put("TransactionIsolation", Connection.TRANSACTION_SERIALIZABLE);
    driver.fresh.put("NetworkTimeout", 9);
    connection.setAutoCommit(true); // what is learned is the pool's, not this caller's
    connection.createStatement();
    LazyConnection next = new LazyConnection(driver, connection.facts);
    assertThat(next.getAutoCommit()).isFalse();
    assertThat(next.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
    assertThat(next.getNetworkTimeout()).isEqualTo(9);
    assertThat(next.isReadOnly()).as("read-only counts only where it was declared").isFalse();
    assertThat(driver.taken()).isEqualTo(1);
  }

  @Test
  void defaultsThatTheDriverDoesNotKnowAreAssumedAndBrokenConnectionsTeachNothing()
      throws SQLException {
    driver.fail("Connection.getTransactionIsolation", new SQLException("gone", "08006"));
    connection.createStatement();
    assertThat(connection.facts.defaults().known()).isFalse();

    driver.fail("Connection.getNetworkTimeout", new SQLFeatureNotSupportedException());
    new LazyConnection(driver, connection.facts).createStatement();
    assertThat(connection.facts.defaults().known()).isTrue();
    assertThat(connection.facts.defaults().networkTimeout()).isZero();
  }

  @Test
  void commitAndRollbackWithKnownAutocommitFailAsTheyDoOnThePhysicalConnection()
      throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
    assertSqlState("25P01", connection::commit);
    assertSqlState("25P01", connection::rollback);
    assertThat(driver.taken()).isZero();
  }

  @Test
  void nonsenseIsRefusedAtOnce() {
    assertSqlState("0A000", () -> connection.setTransactionIsolation(99));
    assertSqlState("0A000", () -> connection.setTransactionIsolation(Connection.TRANSACTION_NONE));
    assertSqlState("22023", () -> connection.setNetworkTimeout(null, -1));
    assertSqlState("22023", () -> connection.isValid(-1));
    assertSqlState("22023", () -> connection.abort(null));
  }

  @Test
  void theShardingKeyOfAConnectionIsFixed() {
    ShardingKey key = new ShardingKey() {};
    assertThatThrownBy(() -> connection.setShardingKey(key))
        .isInstanceOf(SQLFeatureNotSupportedException.class)
        .hasMessageContaining("take a connection for the other key");
    assertThatThrownBy(() -> connection.setShardingKey(key, key))
        .isInstanceOf(SQLFeatureNotSupportedException.class);
    assertThatThrownBy(() -> connection.setShardingKeyIfValid(key, 1))
        .isInstanceOf(SQLFeatureNotSupportedException.class);
    assertThatThrownBy(() -> connection.setShardingKeyIfValid(key, key, 1))
        .isInstanceOf(SQLFeatureNotSupportedException.class);
  }

  // Binding that fails

  @Test
  void aSettingThatFailsGivesThePhysicalConnectionBackAndMayBeTriedAgain() throws SQLException {
    SQLException failure = new SQLException("no such schema", "3F000");
    connection.setSchema("nowhere");
    driver.fail("Connection.setSchema", failure);
    assertThatThrownBy(connection::createStatement).isSameAs(failure);
    assertThat(driver.closes).containsExactly(1);
    assertThat(connection.isClosed()).isFalse();

    driver.fault = call -> {};
    connection.createStatement();
    connection.close();
    assertThat(driver.closes).containsExactly(1, 1);
  }

  @Test
  void theFirstFailureIsReportedEvenIfTheReturnFailsToo() throws SQLException {
    SQLException failure = new SQLException("no such schema", "3F000");
    connection.setSchema("nowhere");
    driver.fault =
        call -> {
          if (call.startsWith("Connection.setSchema")) {
            throw failure;
          } else if (call.startsWith("Connection.close")) {
            throw new SQLException("close failed");
          }
        };
    assertThatThrownBy(connection::createStatement).isSameAs(failure);
    assertThat(driver.closes).containsExactly(1);
  }

  // Bound

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
