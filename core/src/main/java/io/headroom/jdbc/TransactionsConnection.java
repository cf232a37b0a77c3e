package io.headroom.jdbc;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of a connection: it knows when one is open, and tells the hooks and the request.
 */
abstract class TransactionsConnection extends StatementsConnection {

  /** Null unless bound. Written before the state says so, and read after. */
  @Nullable Connection physical;

  private ConnectionHooks hooks = ConnectionHooks.none();

  private boolean autoCommit = true;
  private boolean readOnly;
  private boolean startedOnce;

  /** Nothing is left to be done before a statement runs: hook told, transaction marked open. */
  private boolean flowing;

  /** Who was told of an open write transaction, and is owed word of its end. */
  private @Nullable RequestContext writer;

  TransactionsConnection(ConnectionSource source, SourceFacts facts) {
    super(source, facts);
  }

  /** A physical connection has been taken, in this state. */
  final void begins(ConnectionHooks itsHooks, boolean itsAutoCommit, boolean declaredReadOnly) {
    hooks = itsHooks;
    startedOnce = false;
    flowing = false;
    autoCommit = itsAutoCommit;
    readOnly = declaredReadOnly;
  }

  // Executions, as told by statements and result sets

  final void beforeExecution() throws SQLException {
    if (!flowing || !isBound()) {
      startFlowing();
    }
    Connection connection = physical;
    if (autoCommit && connection != null) {
      hooks.beforeAutoCommit(connection);
    }
  }

  private void startFlowing() throws SQLException {
    Connection connection = bound();
    if (!startedOnce) {
      hooks.onFirstStatement(connection);
      startedOnce = true;
    }
    if (!autoCommit && !readOnly) {
      RequestContext context = RequestContext.current();
      context.writeTransactionOpened();
      writer = context;
    }
    flowing = true;
  }

  /** A statement ran; which one, where that is known. */
  final void afterExecution(@Nullable Statement statement) throws SQLException {
    Connection connection = physical;
    if (connection != null) {
      facts.ran(hooks, connection);
      if (autoCommit) {
        facts.committed(hooks, connection);
        SQLWarning warning = statement == null ? null : warningOf(statement);
        if (warning != null) {
          hooks.onAutoCommitted(connection, warning);
        }
      }
    }
  }

  private static @Nullable SQLWarning warningOf(Statement statement) {
    try {
      return statement.getWarnings();
    } catch (SQLException itDoesNotTell) {
      return null; // the statement ran, and that stands
    }
  }

  @Override
  final SQLException translated(SQLException failure) {
    return SourceFacts.translate(hooks, failure);
  }

  private boolean inTransaction() {
    return !autoCommit && flowing;
  }

  final void transactionEnded() {
    flowing = false;
    tellWriter();
  }

  /** After the hooks: what waits for the commit may ask for its position. */
  private void tellWriter() {
    RequestContext told = writer;
    if (told != null) {
      writer = null;
      told.writeTransactionClosed();
    }
  }

  // Transactions

  @Override
  public void commit() throws SQLException {
    if (!isBound()) {
      endUnbegun("commit");
      return;
    }
    Connection connection = bound();
    if (autoCommit) {
      connection.commit(); // an error, in the driver's own words
      return;
    }
    hooks.beforeCommit(connection);
    try {
      physicallyCommit(connection);
      hooks.onCommitted(connection);
      facts.committed(hooks, connection);
    } finally {
      tellWriter();
    }
  }

  private void physicallyCommit(Connection connection) throws SQLException {
    try {
      connection.commit();
    } catch (SQLException e) {
      throw translated(e);
    } finally {
      flowing = false;
    }
  }

  @Override
  public void rollback() throws SQLException {
    if (!isBound()) {
      endUnbegun("rollback");
      return;
    }
    Connection connection = bound();
    if (autoCommit) {
      connection.rollback();
      return;
    }
    try {
      connection.rollback();
    } catch (SQLException e) {
      throw translated(e);
    } finally {
      transactionEnded();
    }
    facts.rolledBack(hooks, connection);
  }

  /** Nothing was begun, so nothing is to be ended; with autocommit, asking for it is a mistake. */
  private void endUnbegun(String action) throws SQLException {
    checkOpen();
    boolean known = facts.defaults().known() || remembers(RememberedSettings.AUTO_COMMIT);
    if (known && assumedAutoCommit()) {
      throw new SQLException(
          "Cannot " + action + " with autocommit on: call setAutoCommit(false) first", "25P01");
    }
  }

  @Override
  public Savepoint setSavepoint() throws SQLException {
    beforeExecution();
    Connection connection = bound();
    try {
      return connection.setSavepoint();
    } catch (SQLException e) {
      throw translated(e);
    }
  }

  @Override
  public Savepoint setSavepoint(String name) throws SQLException {
    beforeExecution();
    Connection connection = bound();
    try {
      return connection.setSavepoint(name);
    } catch (SQLException e) {
      throw translated(e);
    }
  }

  @Override
  public void releaseSavepoint(Savepoint savepoint) throws SQLException {
    Connection connection = bound();
    try {
      connection.releaseSavepoint(savepoint);
    } catch (SQLException e) {
      throw translated(e);
    }
  }

  @Override
  public void rollback(Savepoint savepoint) throws SQLException {
    Connection connection = bound();
    try {
      connection.rollback(savepoint);
    } catch (SQLException e) {
      throw translated(e);
    }
  }

  // Autocommit and read-only: the settings that bear on transactions

  final boolean assumedAutoCommit() {
    RememberedSettings settings = remembered;
    if (settings != null && settings.has(RememberedSettings.AUTO_COMMIT)) {
      return settings.autoCommit();
    }
    return facts.defaults().autoCommit();
  }

  @Override
  final boolean mayBeLeft() {
    return mayBeLeft(hooks, readOnly, autoCommit);
  }

  /** Whether another declaration, made later on, would be work for another database. */
  static boolean mayBeLeft(ConnectionHooks hooks, boolean readOnly, boolean autoCommit) {
    return hooks != ConnectionHooks.none()
        && !(hooks.staysBound(!readOnly, autoCommit) && hooks.staysBound(readOnly, !autoCommit));
  }

  final boolean declaredReadOnly() {
    RememberedSettings settings = remembered;
    return settings != null && settings.readOnly();
  }

  @Override
  public void setAutoCommit(boolean value) throws SQLException {
    checkOpen();
    if (!isBound()) {
      settings().autoCommit(value);
      return;
    }
    Connection connection = bound();
    if (value == autoCommit) {
      connection.setAutoCommit(value);
      return;
    }
    boolean commits = inTransaction(); // JDBC: turning it on commits
    if (commits) {
      hooks.beforeCommit(connection);
    } else if (!hooks.staysBound(readOnly, value) && unbind()) {
      settings().autoCommit(value);
      return;
    }
    try {
      turnAutoCommit(connection, value);
      facts.autoCommitTurned(hooks, value);
      if (commits) {
        hooks.onCommitted(connection);
        facts.committed(hooks, connection);
      }
    } finally {
      if (commits) {
        tellWriter();
      }
    }
  }

  private void turnAutoCommit(Connection connection, boolean value) throws SQLException {
    try {
      connection.setAutoCommit(value);
      autoCommit = value;
      settings().autoCommit(value);
    } catch (SQLException e) {
      throw translated(e);
    } finally {
      flowing = false;
    }
  }

  @Override
  public boolean getAutoCommit() throws SQLException {
    checkOpen();
    return isBound() ? bound().getAutoCommit() : assumedAutoCommit();
  }

  @Override
  public void setReadOnly(boolean value) throws SQLException {
    checkOpen();
    if (!isBound()) {
      settings().readOnly(value);
      return;
    }
    if (inTransaction()) {
      throw new SQLException(
          "Cannot change read-only to "
              + value
              + " inside a transaction: declare it before the first statement, or commit or roll"
              + " back first",
          "25001");
    }
    if (value == readOnly || hooks.staysBound(value, autoCommit) || !unbind()) {
      if (value != readOnly) {
        hooks.onReadOnly(bound(), value);
      }
      bound().setReadOnly(value);
      readOnly = value;
    }
    settings().readOnly(value);
  }

  /** Gives the physical connection back, if no statement of it is open. */
  abstract boolean unbind();

  @Override
  public boolean isReadOnly() throws SQLException {
    checkOpen();
    return isBound() ? bound().isReadOnly() : declaredReadOnly();
  }
}
