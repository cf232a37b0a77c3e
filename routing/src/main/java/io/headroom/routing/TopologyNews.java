package io.headroom.routing;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners, and the log, of every change in the order in which they were added, one call at
 * a time and with no lock held, on whichever thread finds some untold. Thread-safe.
 */
final class TopologyNews {

  private static final Logger LOG = LoggerFactory.getLogger(TopologyMonitor.class);

  private final String name;
  private final List<Node> nodes;
  private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();

  // All guarded by the queue.
  private final Queue<Topology> untold = new ArrayDeque<>();
  private Topology last = Verdict.NONE.topology();
  private boolean telling;

  /**
   * Of one data source.
   *
   * @param name its name, for the log
   * @param nodes its nodes
   */
  TopologyNews(String name, List<Node> nodes) {
    this.name = name;
    this.nodes = nodes;
  }

  void onChange(Consumer<Topology> listener) {
    listeners.add(listener);
  }

  /** Logs a change, and leaves it to be told by {@link #tell}; the caller may hold a lock. */
  void add(Topology now) {
    synchronized (untold) {
      log(last, now);
      last = now;
      untold.add(now);
    }
  }

  /** Tells what is untold, unless another thread is at it, which then tells this too. */
  void tell() {
    for (Topology told = next(); told != null; told = next()) {
      try {
        for (Consumer<Topology> listener : listeners) {
          tell(listener, told);
        }
      } finally {
        synchronized (untold) {
          telling = false;
        }
      }
    }
  }

  private @Nullable Topology next() {
    synchronized (untold) {
      Topology next = telling ? null : untold.poll();
      telling |= next != null;
      return next;
    }
  }

  private void tell(Consumer<Topology> listener, Topology told) {
    try {
      listener.accept(told);
    } catch (RuntimeException e) {
      LOG.warn("{}: a listener of changes threw; routing goes on", name, e);
    }
  }

  private void log(Topology before, Topology now) {
    Node primary = now.primary();
    if (primary != null && primary != before.primary()) {
      LOG.info("{}: node '{}' is the primary, on timeline {}", name, primary, now.timeline());
    } else if (primary == null && !Objects.equals(before.trouble(), now.trouble())) {
      LOG.warn("{}: no primary: {}", name, now.trouble());
    }
    for (Node node : nodes) {
      if ((~before.refused() & node.bit()) != 0) {
        Refusal.of(node, now)
            .ifPresent(why -> LOG.warn("{}: node '{}' is not used: {}", name, node, why));
      }
    }
  }
}
