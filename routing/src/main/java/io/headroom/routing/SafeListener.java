package io.headroom.routing;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several listeners as one that never throws. */
final class SafeListener implements RoutingListener {

  private static final Logger log = LoggerFactory.getLogger(ReplicaDataSource.class);

  private static final int MOST_WARNED_OF = 64;

  private final RoutingListener[] listeners;
  private final Set<String> warnedOf = ConcurrentHashMap.newKeySet();

  SafeListener(List<RoutingListener> listeners) {
    this.listeners = listeners.toArray(new RoutingListener[0]);
  }

  private void tell(Consumer<RoutingListener> event) {
    for (RoutingListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException thrown) {
        dropped(listener, thrown);
      }
    }
  }

  /** A warning once for each class: some events come with every call. */
  private void dropped(RoutingListener listener, RuntimeException thrown) {
    String text = "Listener {} threw; the call went on without it";
    if (warnedOf.size() < MOST_WARNED_OF && warnedOf.add(listener.getClass().getName())) {
      log.warn(text + ". Further failures of it are logged as DEBUG", listener, thrown);
    } else {
      log.debug(text, listener, thrown);
    }
  }

  @Override
  public void onRouted(String node, RouteReason reason) {
    if (listeners.length > 0) {
      tell(listener -> listener.onRouted(node, reason));
    }
  }

  @Override
  public void onRefused(RouteReason reason) {
    tell(listener -> listener.onRefused(reason));
  }

  @Override
  public void onWaited(String node, long waitNanos, boolean caughtUp) {
    tell(listener -> listener.onWaited(node, waitNanos, caughtUp));
  }

  @Override
  public void onUp(String node) {
    tell(listener -> listener.onUp(node));
  }

  @Override
  public void onDown(String node, Exception cause) {
    tell(listener -> listener.onDown(node, cause));
  }

  @Override
  public void onEjected(String node, long forNanos) {
    tell(listener -> listener.onEjected(node, forNanos));
  }

  @Override
  public void onReturned(String node) {
    tell(listener -> listener.onReturned(node));
  }

  @Override
  public void onPrimaryChanged(@Nullable String from, @Nullable String to, long timeline) {
    tell(listener -> listener.onPrimaryChanged(from, to, timeline));
  }

  @Override
  public void onTrouble(String what) {
    tell(listener -> listener.onTrouble(what));
  }

  @Override
  public void onUnknownOutcome(String node) {
    tell(listener -> listener.onUnknownOutcome(node));
  }
}
