package io.headroom;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done when something is closed: its own end first, and then what others have asked
 * for, such as taking its meters out of their registry.
 *
 * <pre>{@code
 * private final CloseActions closing = new CloseActions();
 *
 * ShardRouter(StoreFollower follower) {
 *   closing.add(follower::close);
 * }
 *
 * public void close() {
 *   closing.run();
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

  /**
   * Does what was not done yet, in the order in which it was added. What one of them throws, an
   * {@link Error} as well, is thrown when all are done; of several the first, with the others
   * suppressed.
   */
  @Override
  public void run() {
    Throwable failed = null;
    for (Runnable action = next(); action != null; action = next()) {
      try {
        action.run();
      } catch (RuntimeException | Error failure) {
        if (failed == null) {
          failed = failure;
        } else if (failure != failed) {
          failed.addSuppressed(failure);
        }
      }
    }
    if (failed instanceof Error error) {
      throw error;
    }
    if (failed != null) {
      throw (RuntimeException) failed;
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
