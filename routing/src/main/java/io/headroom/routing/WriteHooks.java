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
  private @Nullable Connection borrowed;
  private boolean autoCommit = true;
  private boolean committing;
  private @Nullable SQLWarning lastBefore;

  WriteHooks(Routes routes, Node node, Sample sample) {
    this.routes = routes;
    this.node = node;
    this.sample = sample;
  }

  @Override
  public void onBound(Connection physical) {
    borrowed = physical;
  }

  @Override
  public void onFirstStatement(Connection physical) throws SQLException {
    autoCommit = physical.getAutoCommit();
  }

  @Override
  public void beforeCommit(Connection physical) throws SQLException {
    lastBefore = last(physical.getWarnings());
    committing = true;
  }

  @Override
  public void onCommitted(Connection physical) throws SQLException {
    committing = false;
    SQLWarning before = lastBefore;
    SQLWarning first = before == null ? physical.getWarnings() : before.getNextWarning();
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
    routes.positions().committed(RequestContext.current(), node, sample, routes.time().nanoTime());
  }

  @Override
  public SQLException onError(SQLException failure) {
    return switch (routes.probe().classify(failure)) {
      case CONNECTION_LOST -> onLost(failure);
      case READ_ONLY -> onRefusedWrite(failure);
      case READ_CONFLICT, STATEMENT -> {
        committing = false;
        yield failure;
      }
    };
  }

  private SQLException onLost(SQLException failure) {
    routes.suspect(node);
    evict();
    if (committing) {
      committing = false;
      return unknown("the connection broke during COMMIT", failure);
    }
    return isAutoCommit()
        ? unknown(
            "the connection broke during a statement that commits by itself, if it wrote", failure)
        : failure;
  }

  /** The server refuses writes, or only this transaction does: the server must say. */
  private SQLException onRefusedWrite(SQLException failure) {
    try {
      if (routes.isStillPrimary(node)) {
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
    routes.counts().unknownOutcome();
    routes.listener().onUnknownOutcome(node.name());
    return new UnknownOutcomeException(routes.cluster(), node.name(), why, cause);
  }

  private boolean isAutoCommit() {
    Connection known = borrowed;
    try {
      return known == null ? autoCommit : known.getAutoCommit();
    } catch (SQLException closed) {
      return autoCommit;
    }
  }

  private void evict() {
    Connection known = borrowed;
    if (known != null) {
      node.control().evict(known);
    }
  }

  /** This session takes writes, and reads need not burden the primary. */
  @Override
  public boolean staysBound(boolean readOnly) {
    return !readOnly;
  }

  @Override
  public void onClose() {
    node.load().ended();
  }
}
