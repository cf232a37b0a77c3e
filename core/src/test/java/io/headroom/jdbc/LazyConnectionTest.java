package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.ShardingKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** A lazy connection before it is bound, and a binding that fails. */
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
    assertThat(driver.requests.get(0).isolation())
        .isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
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
  void aPoolThatFailsToTakeAConnectionBackForReasonsOfItsOwnIsNoNewsToItsUser()
      throws SQLException {
    connection.createStatement();
    driver.fault =
        call -> {
          if (call.startsWith("Connection.close")) {
            throw new NullPointerException("evicted meanwhile");
          }
        };
    connection.close();
    assertThat(connection.isClosed()).isTrue();
    assertThat(driver.calls).filteredOn(call -> call.startsWith("Connection.close")).hasSize(1);
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

  interface SqlAction {
    void run() throws SQLException;
  }

  private static void assertSqlState(String state, SqlAction action) {
    assertThatThrownBy(action::run)
        .isInstanceOf(SQLException.class)
        .hasFieldOrPropertyWithValue("SQLState", state);
  }
}
