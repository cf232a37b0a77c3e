package io.headroom.sharding;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * One connection of one scatter to one shard, and the rule of who may touch it.
 *
 * <p>A worker borrows, runs and releases. {@link #cut} may come at any moment, from another thread,
 * and does not wait: a borrow is interrupted; a running statement is severed, after which the
 * worker closes what is left; what comes after the cut does not begin. A connection never goes back
 * to its pool while a cancel for it is on its way.
 */
final class ShardSession {

  /** How far the work on the shard has come. */
  enum Phase {
    WAITING,
    BORROWING,
    PARKED,
    RUNNING,
    RELEASING,
    RELEASED
  }

  private final Shard shard;
  private final int ordinal;
  private final DataSource dataSource;
  private final Severer severer;
  private final CountDownLatch severed = new CountDownLatch(1);

  // guarded by this
  private Phase phase = Phase.WAITING;
  private boolean cut;
  private boolean severing;
  private boolean hasRun;
  private @Nullable Thread borrower;
  private @Nullable Connection connection;
  private @Nullable PreparedStatement statement;

  ShardSession(Shard shard, int ordinal, DataSource dataSource, Severer severer) {
    this.shard = shard;
    this.ordinal = ordinal;
    this.dataSource = dataSource;
    this.severer = severer;
  }

  Shard shard() {
    return shard;
  }

  int ordinal() {
    return ordinal;
  }

  /** Takes a connection and prepares the statement. On a worker. */
  PreparedStatement borrow(String sql, boolean readOnly, boolean autoCommit) throws SQLException {
    synchronized (this) {
      refuseIfCut();
      phase = Phase.BORROWING;
      borrower = Thread.currentThread();
    }
    Connection taken = null;
    PreparedStatement prepared = null;
    boolean unwanted;
    try {
      taken = dataSource.getConnection();
      taken.setReadOnly(readOnly);
      taken.setAutoCommit(autoCommit);
      prepared = taken.prepareStatement(sql); // takes the physical connection
    } finally {
      synchronized (this) {
        borrower = null;
        connection = taken;
        statement = prepared;
        phase = Phase.PARKED;
        unwanted = cut;
        if (unwanted) {
          Thread.interrupted(); // it was for the borrow, not for what this thread does next
        }
      }
    }
    if (unwanted) {
      throw cutOff();
    }
    return prepared;
  }

  /** To be called before the statement runs, or more of its rows are fetched. On a worker. */
  synchronized PreparedStatement run() throws SQLException {
    refuseIfCut();
    PreparedStatement prepared = statement;
    if (prepared == null) {
      throw new SQLException("shard '" + shard.id() + "' has no open statement", "08003");
    }
    phase = Phase.RUNNING;
    hasRun = true;
    return prepared;
  }

  /**
   * To be called when the statement rests. On a worker, which has to release the connection if this
   * fails: whoever cut the work off has left that to it.
   */
  synchronized void park() throws SQLException {
    if (phase == Phase.RUNNING) {
      phase = Phase.PARKED;
    }
    refuseIfCut();
  }

  synchronized boolean isParked() {
    return phase == Phase.PARKED;
  }

  /** Whether nobody waits for it any more. */
  synchronized boolean isCut() {
    return cut;
  }

  private void refuseIfCut() throws SQLException {
    if (cut) {
      throw cutOff();
    }
  }

  private SQLException cutOff() {
    return new SQLTransientException("the work on shard '" + shard.id() + "' was cut off", "57014");
  }

  /** Whether a statement has been sent to the shard, whatever became of it. */
  synchronized boolean hasRun() {
    return hasRun;
  }

  /** Gives the connection back. Idempotent. On a worker, which waits for an abort in progress. */
  void release() throws SQLException {
    Connection open;
    PreparedStatement prepared;
    synchronized (this) {
      if (phase == Phase.RELEASING || phase == Phase.RELEASED) {
        return;
      }
      phase = Phase.RELEASING;
      open = connection;
      prepared = statement;
    }
    if (open == null) {
      return;
    }
    try {
      if (!isSevering() && !open.getAutoCommit()) {
        open.rollback(); // of a transaction that has only read
      }
    } finally {
      // from here on nobody else has the connection: it goes back, dead or alive
      if (taken()) {
        awaitSevered();
      }
      try (open) {
        if (prepared != null) {
          prepared.close();
        }
      }
    }
  }

  private synchronized boolean isSevering() {
    return severing;
  }

  /** Takes the connection out of the reach of a cut, and tells whether one came before. */
  private synchronized boolean taken() {
    connection = null;
    statement = null;
    phase = Phase.RELEASED;
    return severing;
  }

  private void awaitSevered() {
    boolean interrupted = false;
    while (true) {
      try {
        severed.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // a connection that may yet be cancelled must not go back
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives the connection back after the work has failed or was cut: what comes now tells less. */
  void releaseQuietly(@Nullable Throwable failure) {
    try {
      release();
    } catch (SQLException | RuntimeException e) {
      if (failure != null && failure != e) {
        failure.addSuppressed(e);
      }
    }
  }

  /**
   * Ends the work, from any thread, without waiting.
   *
   * @return how far it had come
   */
  synchronized Phase cut() {
    if (cut) {
      return phase;
    }
    cut = true;
    Connection open = connection;
    if (phase == Phase.BORROWING && borrower != null) {
      borrower.interrupt();
    } else if (open != null && (phase == Phase.RUNNING || phase == Phase.RELEASING)) {
      severing = true;
      severer.sever(phase == Phase.RUNNING ? statement : null, open, severed);
    }
    return phase;
  }

  /**
   * Aborts a connection that no worker is at: a polite release could wait for a server that hangs.
   */
  void abandon() {
    Connection open;
    synchronized (this) {
      cut = true;
      open = connection;
      if (open == null || severing || phase != Phase.PARKED) {
        return;
      }
      severing = true;
      severer.sever(null, open, severed);
    }
    releaseQuietly(null);
  }
}
