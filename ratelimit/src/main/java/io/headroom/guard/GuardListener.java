package io.headroom.guard;

import io.headroom.LoadLevel;
import java.util.Optional;

/**
 * Hears what a guard does. Every method does nothing unless overridden.
 *
 * <p>Called on the thread that asks for a connection or, of levels and of what is held too long, on
 * the guard's own: be quick. Must be thread-safe. An exception thrown here is logged and goes no
 * further.
 */
public interface GuardListener {

  /**
   * A pool's level has changed.
   *
   * @param resource the pool's name
   * @param from the level before
   * @param to the level now
   */
  default void onLevelChanged(String resource, LoadLevel from, LoadLevel to) {}

  /**
   * A request was refused, at its pool or at the door.
   *
   * @param refusal says why
   * @param shadowed whether it was let through all the same, since the guard is in shadow mode
   */
  default void onRefused(Refusal refusal, boolean shadowed) {}

  /**
   * A request has its connection after it had to wait.
   *
   * @param resource the pool's name
   * @param waitNanos how long, in nanoseconds
   */
  default void onWaited(String resource, long waitNanos) {}

  /**
   * A connection, or an admission, has been held for very long. Told once of each.
   *
   * @param resource the pool's name; that of an admission is {@code "door"}
   * @param heldNanos how long by now, in nanoseconds
   * @param where where it was taken, if that is noted ({@link
   *     ConnectionGuardBuilder#noteWhereTaken}); of admissions always
   */
  default void onHeldTooLong(String resource, long heldNanos, Optional<Throwable> where) {}
}
