package io.headroom;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What else is to be done when something is closed: taking its meters out of their registry, say.
 *
 * <pre>{@code
 * private final CloseActions closing = new CloseActions();
 *
 * public void close() {
 *   try {
 *     follower.close();
 *   } finally {
 *     closing.run();
 *   }
 * }
 * }</pre>
 *
 * <p>Each is done once, whatever another throws; one that comes after the close is done at once, or
 * it never would be. Thread-safe.
 */
public final class CloseActions implements Runnable {

  private final Queue<Runnable> actions = new ArrayDeque<>();
  private boolean closed;

  /** Starts with nothing to do. */
  public CloseActions() {}

  /**
   * Has something done at the close, or now if that was before.
   *
   * @param action what
   */
  public void add(Runnable action) {
    Objects.requireNonNull(action, "action must not be null");
    synchronized (actions) {
      if (!closed) {
        actions.add(action);
        return;
      }
    }
    action.run();
  }

  /** Does what was not done yet, in the order in which it was added; the first failure last. */
  @Override
  public void run() {
    RuntimeException failed = null;
    for (Runnable action = next(); action != null; action = next()) {
      try {
        action.run();
      } catch (RuntimeException failure) {
        if (failed == null) {
          failed = failure;
        } else {
          failed.addSuppressed(failure);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  private @Nullable Runnable next() {
    synchronized (actions) {
      closed = true;
      return actions.poll();
    }
  }

  @Override
  public String toString() {
    synchronized (actions) {
      return "CloseActions[" + (closed ? "closed" : actions.size() + " to do") + "]";
    }
  }
}
