package io.headroom.routing;

import io.headroom.Audience;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several listeners as one that never throws. */
final class SafeListener implements RoutingListener {

  private final Audience<RoutingListener> listeners;

  SafeListener(String cluster, List<RoutingListener> listeners) {
    this.listeners = Audience.of(ReplicaDataSource.class, "cluster '" + cluster + "'", listeners);
  }

  @Override
  public void onRouted(String node, RouteReason reason) {
    if (!listeners.isEmpty()) { // for each connection that is bound
      listeners.tell(listener -> listener.onRouted(node, reason));
    }
  }

  @Override
  public void onRefused(RouteReason reason) {
    listeners.tell(listener -> listener.onRefused(reason));
  }

  @Override
  public void onWaited(String node, long waitNanos, boolean caughtUp) {
    listeners.tell(listener -> listener.onWaited(node, waitNanos, caughtUp));
  }

  @Override
  public void onUp(String node) {
    listeners.tell(listener -> listener.onUp(node));
  }

  @Override
  public void onDown(String node, Exception cause) {
    listeners.tell(listener -> listener.onDown(node, cause));
  }

  @Override
  public void onEjected(String node, long forNanos) {
    listeners.tell(listener -> listener.onEjected(node, forNanos));
  }

  @Override
  public void onReturned(String node) {
    listeners.tell(listener -> listener.onReturned(node));
  }

  @Override
  public void onPrimaryChanged(@Nullable String from, @Nullable String to, long timeline) {
    listeners.tell(listener -> listener.onPrimaryChanged(from, to, timeline));
  }

  @Override
  public void onTrouble(String what) {
    listeners.tell(listener -> listener.onTrouble(what));
  }

  @Override
  public void onUnknownOutcome(String node) {
    listeners.tell(listener -> listener.onUnknownOutcome(node));
  }
}
