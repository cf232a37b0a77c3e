package io.headroom.routing;

import io.headroom.Audience;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells the listeners of one data source, whatever they throw. */
final class SafeListener {

  private final String cluster;
  private final Audience<RoutingListener> listeners;

  SafeListener(String cluster, List<RoutingListener> listeners) {
    this.cluster = cluster;
    this.listeners = Audience.of(ReplicaDataSource.class, "cluster '" + cluster + "'", listeners);
  }

  public void onRouted(String node, RouteReason reason) {
    if (!listeners.isEmpty()) { // for each connection that is bound
      listeners.tell(listener -> listener.onRouted(cluster, node, reason));
    }
  }

  public void onRefused(RouteReason reason) {
    listeners.tell(listener -> listener.onRefused(cluster, reason));
  }

  public void onWaited(String node, long waitNanos, boolean caughtUp) {
    listeners.tell(listener -> listener.onWaited(cluster, node, waitNanos, caughtUp));
  }

  public void onUp(String node) {
    listeners.tell(listener -> listener.onUp(cluster, node));
  }

  public void onDown(String node, Exception cause) {
    listeners.tell(listener -> listener.onDown(cluster, node, cause));
  }

  public void onEjected(String node, long forNanos) {
    listeners.tell(listener -> listener.onEjected(cluster, node, forNanos));
  }

  public void onReturned(String node) {
    listeners.tell(listener -> listener.onReturned(cluster, node));
  }

  public void onPrimaryChanged(@Nullable String from, @Nullable String to, long timeline) {
    listeners.tell(listener -> listener.onPrimaryChanged(cluster, from, to, timeline));
  }

  public void onTrouble(String what) {
    listeners.tell(listener -> listener.onTrouble(cluster, what));
  }

  public void onUnknownOutcome(String node) {
    listeners.tell(listener -> listener.onUnknownOutcome(cluster, node));
  }
}
