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
  private final int trial;
  private final RequestContext context;
  private long startedNanos;
  private boolean answered;
  private boolean reported;
  private boolean lost;
  private @Nullable Connection borrowed;

  /**
   * For one connection.
   *
   * @param sample the newest that speaks for it
   * @param monotonic whether the request's later reads may not show less
   * @param trial the round of trials whose breaker waits to hear of this read, else {@link
   *     NodeHealth#NO_TRIAL}
   */
  ReadHooks(
      Routes routes,
      Node node,
      Sample sample,
      boolean monotonic,
      int trial,
      RequestContext context) {
    this.routes = routes;
    this.node = node;
    this.sample = sample;
    this.monotonic = monotonic;
    this.trial = trial;
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
      reportSuccess();
    }
  }

  /** Once: a trial of the breaker is for a whole read. An error is an answer, too. */
  private void reportSuccess() {
    if (!reported && isOfReplica()) {
      reported = true;
      node.health().succeeded();
    }
  }

  /** The breaker is for replicas: no trial would ever go to a primary that it ejected. */
  private boolean isOfReplica() {
    return sample.status().role() == NodeRole.REPLICA && !node.isPrimary();
  }

  @Override
  public SQLException onError(SQLException failure) {
    switch (routes.probe().classify(failure)) {
      case CONNECTION_LOST -> lost();
      case SESSION_ENDED, CONNECTION_CLOSED -> {
        lost = true;
        evict();
      }
      case READ_CONFLICT -> {
        if (sample.status().role() == NodeRole.REPLICA) {
          routes.counts().conflict(node); // a primary applies nothing: two of its callers met
        }
        reportSuccess();
      }
      case READ_ONLY, STATEMENT -> reportSuccess();
    }
    return failure;
  }

  /** Once, though every call on the connection fails from now on, the rollback to begin with. */
  private void lost() {
    if (!lost) {
      lost = true;
      if (isOfReplica()) {
        reported = true;
        node.health().failed();
      }
      routes.suspect(node);
      evict();
    }
  }

  private void evict() {
    Connection known = borrowed;
    if (known != null) {
      node.control().evict(known);
    }
  }

  /** This session refuses writes. */
  @Override
  public boolean staysBound(boolean readOnly, boolean autoCommit) {
    return readOnly;
  }

  @Override
  public void beforeClose(Connection physical) {
    if (monotonic && answered) {
      boolean onPrimary = sample.status().role() == NodeRole.PRIMARY;
      if (onPrimary || lost || !routes.positions().saw(context, sample, physical)) {
        sawAtMostThePrimary();
      }
    }
  }

  /** Where it cannot be asked what it showed: no more than its primary has, that is certain. */
  private void sawAtMostThePrimary() {
    Node primary = routes.monitor().current().primary();
    Sample known = primary == null ? null : primary.sample();
    if (primary != null && known != null) {
      routes.positions().committed(context, primary, known, routes.time().nanoTime());
    } else {
      routes.positions().sawUnknown(context, sample, () -> routes.monitor().current().primary());
    }
  }

  @Override
  public void onClose() {
    if (trial != NodeHealth.NO_TRIAL && !reported) {
      node.health().trialSaidNothing(trial);
    }
    node.load().ended();
  }
}
