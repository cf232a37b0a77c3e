package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionHooksTest {

  private final StubDriver driver = new StubDriver();
  private final List<String> events = new ArrayList<>();

  private LazyConnection layered(String outerFails, String innerFails) {
    driver.hooks =
        new NotingHooks("outer", outerFails, events)
            .andThen(new NotingHooks("inner", innerFails, events));
    return driver.open();
  }

  @Test
  void layersNest() throws SQLException {
    try (LazyConnection connection = layered("", "")) {
      connection.setAutoCommit(false);
      Statement statement = connection.createStatement();
      statement.execute("INSERT");
      statement.execute("INSERT");
      connection.commit();
      statement.execute("INSERT");
      connection.rollback();
      statement.execute("INSERT");
      connection.setAutoCommit(true);
    }
    assertThat(events)
        .containsExactly(
            "outer bound",
            "inner bound",
            "outer first",
            "inner first",
            "outer committing",
            "inner committing",
            "inner confirming",
            "outer confirming",
            "inner committed",
            "outer committed",
            "inner rolled back",
            "outer rolled back",
            "outer committing",
            "inner committing",
            "inner confirming",
            "outer confirming",
            "inner committed",
            "outer committed",
            "inner closing",
            "outer closing",
            "inner closed",
            "outer closed");
  }

  @Test
  void eachStatementWithAutoCommitIsAskedFor() throws SQLException {
    List<String> refusedBy = new ArrayList<>();
    ConnectionHooks outer = askedBefore("outer", refusedBy);
    driver.hooks = outer.andThen(askedBefore("inner", refusedBy));
    try (LazyConnection connection = driver.open();
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT");
      statement.execute("INSERT");
      assertThat(events).containsExactly("outer", "inner", "outer", "inner");
      refusedBy.add("inner");
      assertThatThrownBy(() -> statement.execute("INSERT")).hasMessage("refused by inner");
      assertThatThrownBy(() -> statement.executeBatch()).hasMessage("refused by inner");
      events.clear();
      connection.setAutoCommit(false);
      statement.execute("INSERT");
      connection.commit();
      assertThat(events).as("in a transaction").isEmpty();
    }
  }

  private ConnectionHooks askedBefore(String name, List<String> refusedBy) {
    return new ConnectionHooks() {
      @Override
      public void beforeAutoCommit(Connection physical) throws SQLException {
        events.add(name);
        if (refusedBy.contains(name)) {
          throw new SQLException("refused by " + name);
        }
      }
    };
  }

  @Test
  void aBindingJoinsALayerAroundIt() throws SQLException {
    driver.hooks = new NotingHooks("inner", "", events);
    Binding binding =
        driver.bind(BindRequest.of(false, true)).within(new NotingHooks("outer", "", events));
    binding.hooks().onBound(binding.connection());
    assertThat(events).containsExactly("outer bound", "inner bound");
  }

  @Test
  void noHooksAddNoLayer() {
    ConnectionHooks layer = new NotingHooks("only", "", events);
    assertThat(ConnectionHooks.none().andThen(layer)).isSameAs(layer);
    assertThat(layer.andThen(ConnectionHooks.none())).isSameAs(layer);
  }

  @Test
  void theDefaultsDoNothing() throws SQLException {
    ConnectionHooks hooks = new ConnectionHooks() {};
    hooks.onBound(driver.connect());
    hooks.onFirstStatement(driver.connect());
    hooks.beforeCommit(driver.connect());
    hooks.afterStatement(driver.connect());
    hooks.onCommitted(driver.connect());
    hooks.afterCommit(driver.connect());
    hooks.afterRollback(driver.connect());
    hooks.onClose();
    SQLException failure = new SQLException();
    assertThat((Object) hooks.onError(failure)).isSameAs(failure);
  }

  @Test
  void withAutocommitEachStatementThatRanMayHaveWritten() throws SQLException {
    driver.hooks = new NotingHooks("only", "", events);
    LazyConnection connection = driver.open();
    PreparedStatement statement = connection.prepareStatement("INSERT");
    statement.execute();
    statement.executeUpdate();
    statement.executeLargeUpdate();
    statement.executeQuery();
    statement.executeBatch();
    statement.executeLargeBatch();
    Statement plain = connection.createStatement();
    plain.execute("INSERT", 1);
    plain.executeUpdate("INSERT");
    plain.executeLargeUpdate("INSERT");
    plain.executeQuery("INSERT RETURNING").updateRow();
    connection.getMetaData().getTables(null, null, null, null);
    assertThat(events.subList(0, 2)).containsExactly("only bound", "only first");
    assertThat(events.subList(2, events.size())).hasSize(12).containsOnly("only committed");
  }

  @Test
  void aCommitThatALayerKnowsBetterOfIsNotTrusted() throws SQLException {
    LazyConnection connection = layered("", "confirming");
    connection.setAutoCommit(false);
    connection.createStatement().execute("INSERT");
    assertThatThrownBy(connection::commit).hasMessage("inner confirming");
    assertThat(events).doesNotContain("inner committed", "outer committed");
    assertThat(driver.log()).contains("Connection.commit[]");
    connection.close();
  }

  @Test
  void withAutocommitAWarningMayTakeTheTrustInAStatement() throws SQLException {
    driver.warning = new SQLWarning("gave up waiting");
    LazyConnection connection = layered("", "gave up waiting");
    Statement statement = connection.createStatement();
    assertThatThrownBy(() -> statement.executeUpdate("INSERT")).hasMessage("inner gave up waiting");
    assertThat(events).contains("inner committed", "outer committed");
    connection.setAutoCommit(false);
    statement.executeUpdate("INSERT"); // not committed yet: nothing to doubt
    connection.close();
    assertThat(events).filteredOn("inner gave up waiting"::equals).hasSize(1);
    driver.hooks = new ConnectionHooks() {};
    assertThat(driver.open().createStatement().executeUpdate("INSERT")).isZero();
  }

  @Test
  void eachStatementThatRanIsTold() throws SQLException {
    List<String> ran = new ArrayList<>();
    ConnectionHooks counter =
        new ConnectionHooks() {
          @Override
          public void afterStatement(Connection physical) {
            ran.add("ran");
            throw new IllegalStateException("dropped");
          }
        };
    driver.hooks = counter.andThen(new NotingHooks("inner", "", events));
    try (LazyConnection connection = driver.open()) {
      connection.setAutoCommit(false);
      Statement statement = connection.createStatement();
      statement.execute("INSERT");
      statement.executeQuery("SELECT");
      connection.setAutoCommit(true);
      statement.execute("INSERT");
    }
    assertThat(ran).hasSize(3);
  }

  @Test
  void aHookThatRefusesTheConnectionGivesItBack() throws SQLException {
    LazyConnection connection = layered("", "bound");
    assertThatThrownBy(connection::createStatement).hasMessage("inner bound");
    assertThat(driver.closes).containsExactly(1);
    connection.close();
    assertThat(driver.closes).containsExactly(1);
    assertThat(events)
        .containsExactly(
            "outer bound",
            "inner bound",
            "inner closing",
            "outer closing",
            "inner closed",
            "outer closed");
  }

  @Test
  void aHookThatStopsTheFirstStatementIsAskedAgain() throws SQLException {
    LazyConnection connection = layered("first", "");
    Statement statement = connection.createStatement();
    assertThatThrownBy(() -> statement.execute("INSERT")).hasMessage("outer first");
    assertThatThrownBy(() -> statement.execute("INSERT")).hasMessage("outer first");
    assertThat(driver.log()).noneMatch(call -> call.startsWith("Statement.execute"));
    connection.close();
    assertThat(driver.closes).containsExactly(1);
  }

  @Test
  void aHookThatStopsACommitLeavesTheTransactionOpen() throws SQLException {
    LazyConnection connection = layered("committing", "");
    connection.setAutoCommit(false);
    connection.createStatement().execute("INSERT");
    assertThatThrownBy(connection::commit).hasMessage("outer committing");
    assertThatThrownBy(() -> connection.setAutoCommit(true)).hasMessage("outer committing");
    assertThatThrownBy(() -> connection.setReadOnly(true))
        .hasFieldOrPropertyWithValue("SQLState", "25001");
    assertThat(driver.log())
        .doesNotContain("Connection.commit[]", "Connection.setAutoCommit[true]");
    connection.rollback();
    assertThat(events).endsWith("inner rolled back", "outer rolled back");
  }

  @Test
  void whatComesAfterCannotFailTheCaller() throws SQLException {
    for (String event : List.of("committed", "rolled back", "closed")) {
      events.clear();
      LazyConnection connection = layered(event, event);
      connection.setAutoCommit(false);
      connection.createStatement().execute("INSERT");
      connection.commit();
      connection.rollback();
      connection.close();
      assertThat(events)
          .containsSequence("inner committed", "outer committed")
          .containsSequence("inner rolled back", "outer rolled back")
          .endsWith("inner closed", "outer closed");
    }
    assertThat(driver.closes).containsOnly(1);
  }

  @Test
  void failuresOfTheDriverPassTheHooksInnerFirst() throws SQLException {
    LazyConnection connection = layered("", "");
    connection.setAutoCommit(false);
    PreparedStatement statement = connection.prepareStatement("SELECT 1");
    ResultSet rows = statement.executeQuery();
    driver.fault =
        call -> {
          throw new SQLException(call);
        };
    assertThatThrownBy(rows::next).hasMessage("outer of inner of ResultSet.next[]");
    assertThatThrownBy(() -> rows.absolute(1)).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(rows::afterLast).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(rows::deleteRow).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(statement::executeQuery).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(statement::executeUpdate).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(statement::executeBatch).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(() -> connection.prepareStatement("SELECT 2"))
        .hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(connection::createStatement).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(connection::setSavepoint).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(() -> connection.setSavepoint("s")).hasMessageStartingWith("outer of inner");
    assertThatThrownBy(() -> connection.releaseSavepoint(null)).hasMessageStartingWith("outer of");
    assertThatThrownBy(() -> connection.rollback(null)).hasMessageStartingWith("outer of inner of");
    assertThatThrownBy(connection::commit).hasMessage("outer of inner of Connection.commit[]");
    assertThatThrownBy(connection::rollback).hasMessage("outer of inner of Connection.rollback[]");
    assertThatThrownBy(() -> connection.setAutoCommit(true))
        .hasMessageStartingWith("outer of inner of");
    assertThat(events).doesNotContain("inner committed", "inner rolled back");
  }

  @Test
  void aHookThatFailsToTranslateDoesNotHideTheFailure() throws SQLException {
    LazyConnection connection = layered("", "error");
    Statement statement = connection.createStatement();
    driver.fail("Statement.execute", new SQLException("driver"));
    assertThatThrownBy(() -> statement.execute("SELECT 1"))
        .hasMessage("outer of driver")
        .cause()
        .hasSuppressedException(new IllegalStateException("inner error"));

    driver.hooks =
        new ConnectionHooks() {
          @Override
          public SQLException onError(SQLException failure) {
            return null;
          }
        };
    Statement next = driver.open().createStatement();
    assertThatThrownBy(() -> next.execute("SELECT 1")).hasMessage("driver");
  }

  @Test
  void closeIsToldEvenIfTheReturnFails() throws SQLException {
    LazyConnection connection = layered("", "");
    connection.createStatement();
    driver.fail("Connection.close", new SQLException("broken"));
    assertThatThrownBy(connection::close).hasMessage("broken");
    connection.close();
    assertThat(events)
        .containsExactly(
            "outer bound",
            "inner bound",
            "inner closing",
            "outer closing",
            "inner closed",
            "outer closed");
  }

  @Test
  void aSessionThatCannotBeRestoredIsAbortedAndTheCallerHearsNothing() throws SQLException {
    LazyConnection connection = layered("", "closing");
    connection.createStatement();
    driver.fault =
        call -> {
          if (call.startsWith("Connection.close") || call.startsWith("Connection.abort")) {
            throw new SQLException("already broken", "08003");
          }
        };
    connection.close();
    assertThat(driver.log()).anyMatch(call -> call.startsWith("Connection.abort"));
    assertThat(driver.closes).containsExactly(1);
    assertThat(events).endsWith("inner closing", "outer closing", "inner closed", "outer closed");
  }

  @Test
  void borrowHooksAreAskedInOrder() throws SQLException {
    BorrowTarget target = new BorrowTarget("s1", 7, 3, 2, false);
    BorrowHook first = asked -> events.add("first " + asked.slot());
    BorrowHook refusing =
        asked -> {
          throw new SQLTransientException("slot " + asked.slot() + " is moving");
        };
    BorrowHook last = asked -> events.add("last");
    assertThatThrownBy(() -> first.andThen(refusing).andThen(last).beforeBorrow(target))
        .hasMessage("slot 7 is moving");
    assertThat(events).containsExactly("first 7");
  }
}
