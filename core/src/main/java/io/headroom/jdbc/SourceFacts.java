package io.headroom.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is learned once per source and answered from then on without a physical connection. Safe for
 * use by many threads.
 */
final class SourceFacts {

  private static final Logger LOG = LoggerFactory.getLogger(LazyConnection.class);

  /** Questions come with arguments at times; what does not fit is asked each time. */
  private static final int MAX_CONSTANTS = 1024;

  /** Beyond so many classes something else is wrong. */
  private static final int MAX_HOOKS_WARNED_OF = 256;

  /** The settings of a fresh connection; before one was seen, JDBC's and PostgreSQL's defaults. */
  record Defaults(
      boolean known, boolean autoCommit, int isolation, int holdability, int networkTimeout) {
    private static final Defaults ASSUMED =
        new Defaults(
            false,
            true,
            Connection.TRANSACTION_READ_COMMITTED,
            java.sql.ResultSet.CLOSE_CURSORS_AT_COMMIT,
            0);
  }

  /** Of sources that have nowhere to keep what is learned: nothing is. */
  static final SourceFacts FORGETFUL = new SourceFacts(false);

  private final boolean learns;
  private volatile Defaults defaults = Defaults.ASSUMED;
  private final Map<Object, Object> constants = new ConcurrentHashMap<>();

  /** Names of the hook classes that were warned of: names, so as to keep no class loader. */
  private final Set<String> hooksWarnedOf = ConcurrentHashMap.newKeySet();

  SourceFacts() {
    this(true);
  }

  private SourceFacts(boolean learns) {
    this.learns = learns;
  }

  static SourceFacts of(ConnectionSource source) {
    if (source instanceof LazyDataSource lazy) {
      return lazy.facts;
    }
    return source instanceof PoolSource pool ? pool.facts : FORGETFUL;
  }

  Defaults defaults() {
    return defaults;
  }

  /** Looks at the first physical connection before anything is set on it. */
  void learn(Connection fresh, boolean autoCommit) {
    if (learns && !defaults.known()) {
      try {
        defaults =
            new Defaults(
                true,
                autoCommit,
                ask(fresh, Setting.ISOLATION, Defaults.ASSUMED.isolation()),
                ask(fresh, Setting.HOLDABILITY, Defaults.ASSUMED.holdability()),
                ask(fresh, Setting.NETWORK_TIMEOUT, Defaults.ASSUMED.networkTimeout()));
      } catch (SQLException broken) {
        LOG.debug("A connection broke while its defaults were read; the next will do", broken);
      }
    }
  }

  /** Not lambdas: those cost an application some milliseconds of its start. */
  private enum Setting {
    ISOLATION,
    HOLDABILITY,
    NETWORK_TIMEOUT
  }

  private static int ask(Connection fresh, Setting setting, int assumed) throws SQLException {
    try {
      return switch (setting) {
        case ISOLATION -> fresh.getTransactionIsolation();
        case HOLDABILITY -> fresh.getHoldability();
        case NETWORK_TIMEOUT -> fresh.getNetworkTimeout();
      };
    } catch (SQLException e) {
      if (e.getSQLState() != null && e.getSQLState().startsWith("08")) {
        throw e;
      }
      return assumed; // the driver does not know this one
    } catch (UnsupportedOperationException | AbstractMethodError older) {
      return assumed; // nor does a driver from before JDBC 4.1
    }
  }

  @Nullable Object constant(Object question) {
    return constants.get(question);
  }

  void remember(Object question, Object answer) {
    if (learns && constants.size() < MAX_CONSTANTS) {
      constants.put(question, answer);
    }
  }

  void ran(ConnectionHooks hooks, Connection physical) {
    try {
      hooks.afterStatement(physical);
    } catch (RuntimeException e) {
      dropped("afterStatement", hooks, e);
    }
  }

  void committed(ConnectionHooks hooks, Connection physical) {
    try {
      hooks.afterCommit(physical);
    } catch (RuntimeException e) {
      dropped("afterCommit", hooks, e);
    }
  }

  void autoCommitTurned(ConnectionHooks hooks, boolean autoCommit) {
    try {
      hooks.onAutoCommit(autoCommit);
    } catch (RuntimeException e) {
      dropped("onAutoCommit", hooks, e);
    }
  }

  void rolledBack(ConnectionHooks hooks, Connection physical) {
    try {
      hooks.afterRollback(physical);
    } catch (RuntimeException e) {
      dropped("afterRollback", hooks, e);
    }
  }

  void closed(ConnectionHooks hooks) {
    try {
      hooks.onClose();
    } catch (RuntimeException e) {
      dropped("onClose", hooks, e);
    }
  }

  /** Once for each class of hooks a warning: hooks are often made anew for each connection. */
  private void dropped(String call, ConnectionHooks hooks, RuntimeException failure) {
    String culprit = culprit(call, hooks, failure);
    String text =
        "Connection hook {} threw from {}, where it must not; the call went on without it";
    if (hooksWarnedOf.size() < MAX_HOOKS_WARNED_OF && hooksWarnedOf.add(culprit)) {
      LOG.warn(
          text + ". Further failures of this class are logged as DEBUG", culprit, call, failure);
    } else {
      LOG.debug(text, culprit, call, failure);
    }
  }

  /** The class whose own method failed, among hooks that are composed into one. */
  private static String culprit(String call, ConnectionHooks hooks, RuntimeException failure) {
    for (StackTraceElement frame : failure.getStackTrace()) {
      if (frame.getMethodName().equals(call)) {
        return frame.getClassName();
      }
    }
    return hooks.getClass().getName(); // a JVM leaves stack traces out where they come too often
  }

  /** A physical connection could not be returned while another failure was being reported. */
  void returnFailed(Exception failure) {
    LOG.debug("A connection could not be returned to its pool", failure);
  }

  /** What the hooks make of a failure; a hook that fails itself must not hide it. */
  @SuppressWarnings("ConstantConditions") // a hook may be written without null checks
  static SQLException translate(ConnectionHooks hooks, SQLException failure) {
    try {
      @Nullable SQLException translated = hooks.onError(failure);
      return translated == null ? failure : translated;
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      return failure;
    }
  }
}
