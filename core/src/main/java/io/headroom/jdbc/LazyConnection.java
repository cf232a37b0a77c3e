package io.headroom.jdbc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A connection that takes its physical one at the first statement and keeps it until it is closed.
 *
 * <pre>{@code
 * try (Connection connection = LazyConnection.open(source)) {
 *   connection.setReadOnly(true); // only remembered
 *   connection.setAutoCommit(false); // likewise
 *   try (PreparedStatement statement = connection.prepareStatement("SELECT 1")) { // bound here
 *     statement.executeQuery();
 *   }
 * }
 * }</pre>
 *
 * <p><b>Before it is bound</b>, autoCommit, readOnly, isolation, schema, catalog, holdability,
 * client info, network timeout and type map are remembered, and made on the physical connection
 * when it is taken; if that fails it goes back, and the next statement tries again. What was not
 * set is answered as on the first physical connection that the source gave, and before that with
 * autocommit, read committed, cursors closed at commit, no timeout; read-only is false unless it
 * was set. Schema, catalog and client info that were not set bind, since only the database knows
 * them. No transaction has begun: {@code commit()} and {@code rollback()} do nothing (and fail with
 * 25P01, as in pgjdbc, where autocommit is known to be on); {@code isValid} says that the
 * connection is open. {@link #getMetaData()} answers constants without binding.
 *
 * <p><b>Once bound</b>, it stays on its physical connection until {@code close()}, so that session
 * state cannot mislead; but where its source sends reads and writes to different databases ({@link
 * ConnectionHooks#staysBound}), {@code setReadOnly} or {@code setAutoCommit} between two
 * transactions, with no statement open, gives the physical connection back, and the next statement
 * binds anew with all settings. Statements, result sets and metadata hand back this connection.
 * {@code unwrap} to a driver's type binds. Values are the driver's own: a {@link java.sql.Array}
 * that is asked for a result set gives the driver's.
 *
 * <p><b>After close</b>, every method fails with 08003 except {@code close}, {@code isClosed},
 * {@code isValid} and {@code abort}. An aborted connection must still be closed by its owner; that
 * is when the physical one goes back.
 *
 * <p>Statements and transactions are seen through this class and what it hands out only: {@code
 * COMMIT} sent as SQL is not, nor what runs through an unwrapped driver object ({@code
 * CopyManager}, say), for which no hook is called and no write transaction is counted.
 *
 * <p>A connection and all that it hands out belong to one thread at a time, except {@link #abort}
 * and {@link Statement#cancel()}, which any thread may call.
 */
public final class LazyConnection extends TransactionsConnection {

  private static final int UNBOUND = 0;
  private static final int BOUND = 1;
  private static final int ABORTED = 2;
  private static final int CLOSED = 3;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(LazyConnection.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Changed by compare-and-set, so that abort and close or bind never both get the connection. */
  @SuppressWarnings("UnusedVariable") // through STATE
  private volatile int state;

  private @Nullable Binding binding;

  private int openStatements;

  /** Those whose driver closes them with their last result set; null while there was none. */
  private @Nullable List<LazyStatement> selfClosing;

  LazyConnection(ConnectionSource source, SourceFacts facts) {
    super(source, facts);
  }

  /**
   * Opens a connection that takes its physical one from a source. What is learned of the databases
   * behind is kept by a {@link LazyDataSource} and by {@link ConnectionSource#of}; with any other
   * source each connection asks anew, so prefer {@link LazyDataSource#open} there.
   *
   * @param source where the physical connection comes from
   * @return an unbound connection
   */
  public static LazyConnection open(ConnectionSource source) {
    return new LazyConnection(source, SourceFacts.of(source));
  }

  // Binding

  @Override
  Connection bound() throws SQLException {
    Connection connection = physical;
    if (state == BOUND && connection != null) {
      return connection;
    }
    checkOpen();
    return bind();
  }

  private Connection bind() throws SQLException {
    RememberedSettings settings = remembered;
    boolean readOnly = declaredReadOnly();
    int isolation = settings == null ? TRANSACTION_NONE : settings.isolation();
    Binding taken = source.bind(BindRequest.of(readOnly, assumedAutoCommit(), isolation));
    Connection connection = taken.connection();
    boolean kept = false;
    try {
      boolean connectionAutoCommit = connection.getAutoCommit();
      facts.learn(connection, connectionAutoCommit);
      if (settings != null) {
        if (settings.has(RememberedSettings.OF_SESSION)
            && mayBeLeft(taken.hooks(), readOnly, assumedAutoCommit())) {
          found().lookAtAll(settings, connection);
        }
        settings.applyTo(connection);
        if (settings.has(RememberedSettings.AUTO_COMMIT)) {
          connectionAutoCommit = settings.autoCommit();
        }
      }
      taken.hooks().onBound(connection);
      begins(taken.hooks(), connectionAutoCommit, readOnly);
      binding = taken;
      physical = connection;
      kept = STATE.compareAndSet(this, UNBOUND, BOUND);
    } finally {
      if (!kept) {
        physical = null;
        binding = null;
        taken.releaseQuietly(facts); // the failure under way tells more
      }
    }
    checkOpen(); // aborted while it was being bound
    return connection;
  }

  @Override
  LazyConnection self() {
    return this;
  }

  @Override
  boolean isBound() {
    return state == BOUND;
  }

  @Override
  void checkOpen() throws SQLException {
    int now = state;
    if (now == ABORTED || now == CLOSED) {
      throw new SQLNonTransientConnectionException(
          "This connection was "
              + (now == ABORTED ? "aborted" : "closed")
              + "; take a new one from "
              + source,
          "08003");
    }
  }

  /** The source, if this connection is as good as new and need not stand before it. */
  @Nullable ConnectionSource sourceIfUntouched() {
    return state == UNBOUND && remembered == null ? source : null;
  }

  /** A connection to ask for constants, to be given back at once. */
  Binding borrowForMetadata() throws SQLException {
    Binding taken = source.bind(BindRequest.forMetadataOnly());
    boolean ready = false;
    try {
      facts.learn(taken.connection(), taken.connection().getAutoCommit());
      taken.hooks().onBound(taken.connection());
      ready = true;
    } finally {
      if (!ready) {
        taken.releaseQuietly(facts); // the failure under way tells more
      }
    }
    return taken;
  }

  @Override
  public DatabaseMetaData getMetaData() throws SQLException {
    checkOpen();
    return MetaDataProxy.of(this);
  }

  // Identity and end

  @Override
  public boolean isValid(int timeoutSeconds) throws SQLException {
    if (timeoutSeconds < 0) {
      throw new SQLException(
          "Timeout " + timeoutSeconds + " s must not be negative; 0 means none", "22023");
    }
    int now = state;
    Connection connection = physical;
    return now == UNBOUND
        || (now == BOUND && connection != null && connection.isValid(timeoutSeconds));
  }

  @Override
  public boolean isClosed() throws SQLException {
    int now = state;
    Connection connection = physical;
    return now != UNBOUND && (now != BOUND || connection == null || connection.isClosed());
  }

  @Override
  public void close() throws SQLException {
    if (STATE.compareAndSet(this, UNBOUND, CLOSED)) {
      return;
    }
    if (STATE.compareAndSet(this, BOUND, CLOSED)) {
      Binding taken = letGo();
      if (taken != null) {
        taken.release(facts);
      }
      return;
    }
    synchronized (this) { // an abort in progress still holds the physical connection
      if (!STATE.compareAndSet(this, ABORTED, CLOSED)) {
        return;
      }
    }
    Binding taken = letGo();
    if (taken != null) {
      taken.releaseQuietly(facts);
    }
  }

  @Override
  boolean unbind() {
    if (isAnyOpen() || !STATE.compareAndSet(this, BOUND, UNBOUND)) {
      return false;
    }
    FoundSettings before = found;
    Binding taken = letGo();
    if (taken != null) {
      (before == null ? taken : taken.within(before)).releaseQuietly(facts);
    }
    return true;
  }

  private boolean isAnyOpen() {
    if (openStatements > 0 && selfClosing != null) {
      selfClosing.removeIf(LazyStatement::hasClosed);
    }
    return openStatements > 0;
  }

  /** A statement is not open any more once the driver says so, though nobody closes it. */
  void closesItself(LazyStatement statement) {
    List<LazyStatement> known = selfClosing;
    if (known == null) {
      known = new ArrayList<>();
      selfClosing = known;
    }
    known.removeIf(LazyStatement::hasClosed);
    known.add(statement);
  }

  void statementOpened() {
    openStatements++;
  }

  void statementClosed() {
    openStatements--;
  }

  private @Nullable Binding letGo() {
    transactionEnded();
    found = null;
    Binding taken = binding;
    binding = null;
    physical = null;
    return taken;
  }

  /**
   * Ends whatever the connection is doing, from any thread. The owner still closes it; that is when
   * the physical connection goes back.
   *
   * @param executor for the driver's clean-up
   * @throws SQLException if the driver could not abort
   */
  @Override
  public void abort(Executor executor) throws SQLException {
    if (executor == null) {
      throw new SQLException("executor must not be null", "22023");
    }
    // its owner may bind or unbind it meanwhile: until one of the two has been met
    for (int now = state; now == UNBOUND || now == BOUND; now = state) {
      if (now == UNBOUND && STATE.compareAndSet(this, UNBOUND, ABORTED)) {
        return;
      }
      synchronized (this) {
        if (STATE.compareAndSet(this, BOUND, ABORTED)) {
          Connection connection = physical; // close waits for this block, so it is still ours
          if (connection != null) {
            connection.abort(executor);
          }
        }
      }
    }
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    checkOpen();
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    Connection connection = bound();
    return type.isInstance(connection) ? type.cast(connection) : connection.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    checkOpen();
    if (type.isInstance(this)) {
      return true;
    }
    if (isBound()) {
      return wraps(bound(), type);
    }
    Object known = facts.constant(type);
    if (known == null) {
      Binding taken = borrowForMetadata();
      try {
        known = wraps(taken.connection(), type);
      } finally {
        taken.release(facts);
      }
      facts.remember(type, known);
    }
    return (Boolean) known;
  }

  private static boolean wraps(Connection connection, Class<?> type) throws SQLException {
    return type.isInstance(connection) || connection.isWrapperFor(type);
  }

  /** Says whether it is bound, and to what; never binds. */
  @Override
  public String toString() {
    Connection connection = physical;
    String what =
        switch (state) {
          case UNBOUND -> "unbound, " + source;
          case BOUND -> "bound to " + connection;
          case ABORTED -> "aborted";
          default -> "closed";
        };
    return "LazyConnection[" + what + "]";
  }
}
