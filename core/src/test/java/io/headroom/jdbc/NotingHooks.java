package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.SQLWarning;
import java.util.List;

/** Notes what it is told, and throws where its name is followed by the event to fail at. */
final class NotingHooks implements ConnectionHooks {
  private final String name;
  private final String failAt;
  private final List<String> events;

  NotingHooks(String name, String failAt, List<String> events) {
    this.name = name;
    this.failAt = failAt;
    this.events = events;
  }

  private void note(String event) {
    events.add(name + " " + event);
    if (event.equals(failAt)) {
      throw new IllegalStateException(name + " " + event);
    }
  }

  private void gate(String event) throws SQLException {
    events.add(name + " " + event);
    if (event.equals(failAt)) {
      throw new SQLTransientException(name + " " + event);
    }
  }

  @Override
  public void onBound(Connection physical) throws SQLException {
    assertThat(physical).isInstanceOf(StubDriver.Stub.class);
    gate("bound");
  }

  @Override
  public void onFirstStatement(Connection physical) throws SQLException {
    gate("first");
  }

  @Override
  public void beforeCommit(Connection physical) throws SQLException {
    gate("committing");
  }

  @Override
  public void onCommitted(Connection physical) throws SQLException {
    gate("confirming");
  }

  @Override
  public void onAutoCommitted(Connection physical, SQLWarning warning) throws SQLException {
    gate(warning.getMessage());
  }

  @Override
  public void afterCommit(Connection physical) {
    note("committed");
  }

  @Override
  public void afterRollback(Connection physical) {
    note("rolled back");
  }

  @Override
  public SQLException onError(SQLException failure) {
    note("error");
    return new SQLException(name + " of " + failure.getMessage(), failure);
  }

  @Override
  public void beforeClose(Connection physical) throws SQLException {
    gate("closing");
  }

  @Override
  public void onClose() {
    note("closed");
  }
}
