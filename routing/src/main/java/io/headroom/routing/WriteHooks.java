package io.headroom.routing;

import io.headroom.RequestContext;
import io.headroom.jdbc.ConnectionHooks;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** Watches over one connection to the primary. Made for each borrow. */
final class WriteHooks implements ConnectionHooks {

  private final Routes routes;
  private final Node node;
  private final Sample sample;
  private volatile @Nullable Connection borrowed;

  /** Kept here, since a connection that broke does not tell. */
  private boolean autoCommit = true;

  private boolean committing;
  private @Nullable SQLWarning lastBefore;

  WriteHooks(Routes routes, Node node, Sample sample) {
    this.routes = routes;
    this.node = node;
    this.sample = sample;
  }

  @Override
  public void onBound(Connection physical) throws SQLException {
    borrowed = physical;
    autoCommit = physical.getAutoCommit();
    node.writers().add(this);
    requireNotReplaced(); // from now on a change cuts it off; one that came before did not
  }

  /** Whatever is under way on a primary that was replaced must not go on. From any thread. */
  void cutOffIfReplaced(Topology now) {
    Connection known = borrowed;
    if (known != null && now.isReplaced(node, sample)) {
      node.control().cutOff(known);
    }
  }

  /** A connection that is kept must not outlive its primary, whose commits would be lost. */
  private void requireNotReplaced() throws SQLException {
    if (routes.isReplaced(node, sample)) {
      evict();
      throw new PrimaryDemotedException(routes.cluster(), node.name(), null);
    }
  }

  @Override
  public void beforeAutoCommit(Connection physical) throws SQLException {
    requireNotReplaced();
  }

  @Override
  public void onAutoCommit(boolean now) {
    autoCommit = now;
  }

  @Override
  public void beforeCommit(Connection physical) throws SQLException {
    requireNotReplaced();
    lastBefore = last(physical.getWarnings());
    committing = true;
  }

  @Override
  public void onCommitted(Connection physical) throws SQLException {
    committing = false;
    SQLWarning before = lastBefore;
    requireConfirmed(before == null ? warningsOf(physical) : before.getNextWarning());
  }

  @Override
  public void onAutoCommitted(Connection physical, SQLWarning warning) throws SQLException {
    requireConfirmed(warning);
  }

  private @Nullable SQLWarning warningsOf(Connection physical) throws SQLException {
    try {
      return physical.getWarnings();
    } catch (SQLException closed) {
      throw unknown("the connection was closed before the answer to COMMIT was read", closed);
    }
  }

  private void requireConfirmed(@Nullable SQLWarning first) throws SQLException {
    for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
      if (routes.probe().leavesCommitUnconfirmed(warning)) {
        throw unknown(
            "the server did not wait for its synchronous replica: " + warning.getMessage(),
            warning);
      }
    }
  }

  private static @Nullable SQLWarning last(@Nullable SQLWarning chain) {
    SQLWarning last = chain;
    while (last != null && last.getNextWarning() != null) {
      last = last.getNextWarning();
    }
    return last;
  }

  @Override
  public void afterCommit(Connection physical) {
    mayHaveCommitted();
  }

  private void mayHaveCommitted() {
    routes.positions().committed(RequestContext.current(), node, sample, routes.time().nanoTime());
  }

  @Override
  public SQLException onError(SQLException failure) {
    boolean ofCommit = committing;
    committing = false; // it is answered, or never will be
    return switch (routes.probe().classify(failure)) {
      case CONNECTION_LOST -> {
        routes.suspect(node);
        yield onLost(failure, ofCommit);
      }
      case SESSION_ENDED -> onLost(failure, ofCommit);
      case CONNECTION_CLOSED -> onClosed(failure);
      case READ_ONLY -> onRefusedWrite(failure);
      case READ_CONFLICT, STATEMENT -> {
        if (autoCommit) {
          mayHaveCommitted(); // a batch may have done so in part
        }
        yield failure;
      }
    };
  }

  /** Nothing was sent, and what a transaction had written before is gone with its connection. */
  private SQLException onClosed(SQLException failure) {
    evict();
    return routes.isReplaced(node, sample)
        ? new PrimaryDemotedException(routes.cluster(), node.name(), failure) // cut off, say
        : failure;
  }

  /** A FATAL in place of the answer, too: the server may have committed just before. */
  private SQLException onLost(SQLException failure, boolean ofCommit) {
    evict();
    if (ofCommit) {
      return unknown("the connection broke during COMMIT", failure);
    }
    if (!autoCommit && routes.isReplaced(node, sample)) {
      return new PrimaryDemotedException(routes.cluster(), node.name(), failure); // cut off, say
    }
    return autoCommit
        ? unknown(
            "the connection broke during a statement that commits by itself, if it wrote", failure)
        : failure;
  }

  /** The server refuses writes, or only this transaction does: the server must say. */
  private SQLException onRefusedWrite(SQLException failure) {
    long left = Routes.nanosLeft(routes.waits().forProbe(), RequestContext.current());
    try {
      if (left <= 0 || routes.isStillPrimary(node, left)) {
        return failure;
      }
    } catch (SQLException interrupted) {
      failure.addSuppressed(interrupted);
      return failure;
    }
    evict();
    return new PrimaryDemotedException(routes.cluster(), node.name(), failure);
  }

  private UnknownOutcomeException unknown(String why, @Nullable Throwable cause) {
    mayHaveCommitted(); // whoever looks whether it is there must not look at a copy that is behind
    routes.counts().unknownOutcome();
    routes.listener().onUnknownOutcome(node.name());
    return new UnknownOutcomeException(routes.cluster(), node.name(), why, cause);
  }

  private void evict() {
    Connection known = borrowed;
    if (known != null) {
      node.control().evict(known);
    }
  }

  /** This session takes writes, and reads need not burden the primary. */
  @Override
  public boolean staysBound(boolean readOnly, boolean autoCommit) {
    return !readOnly
        && !(autoCommit && ReplicaDataSource.autoCommitReads(RequestContext.current()));
  }

  /** A statement is open, so it could not go to a replica: it stays here, and refuses writes. */
  @Override
  public void onReadOnly(Connection physical, boolean readOnly) throws SQLException {
    routes.borrowing().setReadOnly(node, physical, readOnly);
  }

  @Override
  public void onClose() {
    node.writers().remove(this);
    node.load().ended();
  }
}
