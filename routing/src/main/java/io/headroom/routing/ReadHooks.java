package io.headroom.routing;

import io.headroom.RequestContext;
import io.headroom.jdbc.ConnectionHooks;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Watches over one connection that was borrowed for reads. Made for each borrow. */
final class ReadHooks implements ConnectionHooks {

  private final Routes routes;
  private final Node node;
  private final Sample sample;
  private final boolean monotonic;
  private final RequestContext context;
  private long startedNanos;
  private boolean answered;
  private boolean lost;
  private @Nullable Connection borrowed;

  ReadHooks(Routes routes, Node node, Sample sample, boolean monotonic, RequestContext context) {
    this.routes = routes;
    this.node = node;
    this.sample = sample;
    this.monotonic = monotonic;
    this.context = context;
  }

  @Override
  public void onBound(Connection physical) {
    borrowed = physical;
  }

  @Override
  public void onFirstStatement(Connection physical) {
    startedNanos = routes.time().nanoTime();
  }

  /**
   * The first statement stands for the node's speed; the later ones wait for the application too.
   */
  @Override
  public void afterStatement(Connection physical) {
    if (!answered) {
      answered = true;
      long now = routes.time().nanoTime();
      node.load().answered(now - startedNanos, now);
      node.health().succeeded();
    }
  }

  @Override
  public SQLException onError(SQLException failure) {
    switch (routes.probe().classify(failure)) {
      case CONNECTION_LOST -> {
        lost = true;
        node.health().failed();
        routes.suspect(node);
        evict();
      }
      case READ_CONFLICT -> routes.counts().conflict(node);
      case READ_ONLY, STATEMENT -> {
        // the statement's own fault
      }
    }
    return failure;
  }

  private void evict() {
    Connection known = borrowed;
    if (known != null) {
      node.control().evict(known);
    }
  }

  /** This session refuses writes. */
  @Override
  public boolean staysBound(boolean readOnly) {
    return readOnly;
  }

  @Override
  public void beforeClose(Connection physical) {
    if (monotonic && answered && !lost) {
      routes.positions().sawReplica(context, sample, physical);
    }
  }

  @Override
  public void onClose() {
    node.load().ended();
  }
}
