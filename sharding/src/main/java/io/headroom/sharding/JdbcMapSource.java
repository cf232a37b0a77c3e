package io.headroom.sharding;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls a {@link JdbcShardMapStore}. Where the driver can, it keeps a connection that listens, so
 * that a NOTIFY ends the wait early.
 */
final class JdbcMapSource implements StorePoller.Source {

  private static final Logger LOG = LoggerFactory.getLogger(ShardMapStore.class);

  /** The longest wait in the driver, which an interrupt does not end. */
  private static final long SLICE_MILLIS = 200;

  /** What LISTEN meets on a standby. */
  private static final String READ_ONLY = "25006";

  private static final String NOT_SUPPORTED = "0A000";

  private final JdbcShardMapStore store;

  /** The connection that listens, and its notifications; both or neither. */
  private @Nullable StoreSession listening;

  private @Nullable PostgresNotifications notifications;
  private boolean cannotListen;

  JdbcMapSource(JdbcShardMapStore store, boolean listens) {
    this.store = store;
    this.cannotListen = !listens;
  }

  @Override
  public StorePoller.Reading read(@Nullable Object seen) {
    try {
      if (listening == null && !listen()) {
        try (StoreSession session = store.open()) {
          return read(session.connection(), seen);
        }
      }
      return read(Objects.requireNonNull(listening).connection(), seen);
    } catch (SQLException e) {
      drop();
      throw store.failure("read", e);
    }
  }

  private StorePoller.Reading read(Connection connection, @Nullable Object seen)
      throws SQLException {
    JdbcShardMapStore.Row row =
        store
            .read(connection, (JdbcShardMapStore.Row) seen)
            .orElseThrow(() -> new ShardMapStoreException(store + " is empty"));
    return new StorePoller.Reading(row.stamp(), row.json() == null ? null : store.parse(row));
  }

  /** Opens the connection that listens, unless the driver or the server cannot. */
  private boolean listen() throws SQLException {
    if (cannotListen) {
      return false;
    }
    StoreSession session = store.open();
    try {
      session.connection().setAutoCommit(true);
      notifications = PostgresNotifications.of(session.connection());
      if (notifications != null) {
        execute(session, "LISTEN \"" + store.channel() + "\"");
        listening = session;
        return true;
      }
    } catch (SQLException e) {
      notifications = null;
      if (!READ_ONLY.equals(e.getSQLState()) && !NOT_SUPPORTED.equals(e.getSQLState())) {
        try (session) {
          throw e;
        }
      }
    }
    session.close();
    cannotListen = true;
    LOG.info("{} is only polled, since its connections cannot LISTEN", store);
    return false;
  }

  private static void execute(StoreSession session, String sql) throws SQLException {
    try (Statement statement = session.connection().createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public boolean await(long nanos) throws InterruptedException {
    long left = Math.max(1, nanos / 1_000_000);
    while (left > 0) {
      PostgresNotifications waiting = notifications;
      if (waiting == null) {
        return StorePoller.park(left * 1_000_000);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long slice = Math.min(left, SLICE_MILLIS);
      try {
        if (waiting.await((int) slice)) {
          return true;
        }
      } catch (SQLException e) {
        // the connection is gone, perhaps every watcher's; the next read opens another, or reports
        // why it cannot
        drop();
        return true;
      }
      left -= slice;
    }
    return false;
  }

  @Override
  public void release() {
    StoreSession session = listening;
    listening = null;
    notifications = null;
    if (session != null) {
      try (session) {
        execute(session, "UNLISTEN *");
      } catch (SQLException e) {
        LOG.debug("{}: the connection that listened could not be given back", store, e);
      }
    }
  }

  /** Gives up a broken connection, so that a pool does not lend it again. */
  private void drop() {
    StoreSession session = listening;
    listening = null;
    notifications = null;
    if (session != null) {
      try (session) {
        session.connection().abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("{}: a broken connection could not be closed", store, e);
      }
    }
  }
}
