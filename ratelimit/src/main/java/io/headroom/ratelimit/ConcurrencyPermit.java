package io.headroom.ratelimit;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Whether a caller may go on and, if so, its place among those that are at it. Close it when it has
 * ended, whatever the decision was; {@code try}-with-resources does.
 *
 * <p>Thread-safe. It may be closed by any thread, and more than once.
 */
public final class ConcurrencyPermit implements AutoCloseable {

  private final Decision decision;
  private final AtomicReference<@Nullable Runnable> giveBack;

  ConcurrencyPermit(Decision decision, @Nullable Runnable giveBack) {
    this.decision = decision;
    this.giveBack = new AtomicReference<>(giveBack);
  }

  /**
   * Returns whether the caller may go on.
   *
   * @return always the same
   */
  public Decision decision() {
    return decision;
  }

  /** Gives the permit back; the first time. Nothing to do if none was given. */
  @Override
  public void close() {
    Runnable first = giveBack.getAndSet(null);
    if (first != null) {
      first.run();
    }
  }

  @Override
  public String toString() {
    return "ConcurrencyPermit[" + decision + "]";
  }
}
