package io.headroom.examples.quickstart;

import io.headroom.routing.RoutingListener;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells what happens during the load as it happens: what is done to the servers, and, further to
 * the right, what Headroom makes of it. Silent before {@link #start}. Thread-safe.
 */
final class Events {

  private final Screen screen;
  private volatile long startNanos;
  private volatile boolean started;

  Events(Screen screen) {
    this.screen = screen;
  }

  /** Counts seconds from now. */
  void start() {
    startNanos = System.nanoTime();
    started = true;
  }

  void stop() {
    started = false;
  }

  void tell(String what) {
    if (started) {
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      screen.line(String.format(Locale.ROOT, "   %6.2f s  %s", seconds, what));
    }
  }

  /** Tells what becomes of one shard's servers. */
  RoutingListener of(String shard) {
    return new RoutingListener() {
      @Override
      public void onUp(String node) {
        noticed("%s answers again".formatted(node));
      }

      @Override
      public void onDown(String node, Exception cause) {
        noticed("%s does not answer".formatted(node));
      }

      @Override
      public void onEjected(String node, long forNanos) {
        noticed("no reads for %s now".formatted(node));
      }

      @Override
      public void onReturned(String node) {
        noticed("reads for %s again".formatted(node));
      }

      @Override
      public void onPrimaryChanged(@Nullable String from, @Nullable String to, long timeline) {
        noticed(
            to == null
                ? "no primary, writes wait"
                : String.format(Locale.ROOT, "writes go to %s, timeline %d", to, timeline));
      }

      @Override
      public void onTrouble(String what) {
        noticed(what);
      }

      private void noticed(String what) {
        tell("   %s: %s".formatted(shard, what));
      }
    };
  }
}
