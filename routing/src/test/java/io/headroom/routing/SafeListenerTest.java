package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each event comes with the cluster's name first, then the node's, and what it is about. */
class SafeListenerTest {

  private final List<List<@Nullable Object>> heard = new ArrayList<>();

  private void heard(@Nullable Object... event) {
    heard.add(Arrays.asList(event));
  }

  private final RoutingListener listener =
      new RoutingListener() {
        @Override
        public void onRouted(String cluster, String node, RouteReason reason) {
          heard("routed", cluster, node, reason);
        }

        @Override
        public void onRefused(String cluster, RouteReason reason) {
          heard("refused", cluster, reason);
        }

        @Override
        public void onWaited(String cluster, String node, long waitNanos, boolean caughtUp) {
          heard("waited", cluster, node, waitNanos, caughtUp);
        }

        @Override
        public void onUp(String cluster, String node) {
          heard("up", cluster, node);
        }

        @Override
        public void onDown(String cluster, String node, Exception cause) {
          heard("down", cluster, node, cause);
        }

        @Override
        public void onEjected(String cluster, String node, long forNanos) {
          heard("ejected", cluster, node, forNanos);
        }

        @Override
        public void onReturned(String cluster, String node) {
          heard("returned", cluster, node);
        }

        @Override
        public void onPrimaryChanged(
            String cluster, @Nullable String from, @Nullable String to, long timeline) {
          heard("changed", cluster, from, to, timeline);
        }

        @Override
        public void onTrouble(String cluster, String what) {
          heard("trouble", cluster, what);
        }

        @Override
        public void onUnknownOutcome(String cluster, String node) {
          heard("unknown", cluster, node);
        }
      };

  @Test
  void eachEventNamesItsClusterAndItsNode() {
    SQLException cause = new SQLException("down");
    SafeListener listeners = new SafeListener("orders", List.of(listener));
    listeners.onRouted("a", RouteReason.WRITE);
    listeners.onRefused(RouteReason.REFUSED_LOAD);
    listeners.onWaited("b", 1, true);
    listeners.onUp("c");
    listeners.onDown("d", cause);
    listeners.onEjected("e", 2);
    listeners.onReturned("f");
    listeners.onPrimaryChanged("g", "h", 3);
    listeners.onPrimaryChanged("h", null, 3);
    listeners.onTrouble("split brain");
    listeners.onUnknownOutcome("i");
    assertThat(heard)
        .containsExactly(
            List.of("routed", "orders", "a", RouteReason.WRITE),
            List.of("refused", "orders", RouteReason.REFUSED_LOAD),
            List.of("waited", "orders", "b", 1L, true),
            List.of("up", "orders", "c"),
            List.of("down", "orders", "d", cause),
            List.of("ejected", "orders", "e", 2L),
            List.of("returned", "orders", "f"),
            List.of("changed", "orders", "g", "h", 3L),
            Arrays.asList("changed", "orders", "h", null, 3L),
            List.of("trouble", "orders", "split brain"),
            List.of("unknown", "orders", "i"));
  }
}
