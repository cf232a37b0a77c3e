package io.headroom.guard;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a guard says at the door: whether a request may go on. To be closed when the request ends,
 * whichever way and by whatever thread; closing it again does nothing.
 *
 * <pre>{@code
 * try (Admission admission = guard.admit(Criticality.STANDARD)) {
 *   return admission.allowed() ? serve(request) : unavailable(admission.retryAfter());
 * }
 * }</pre>
 *
 * <p>It holds no connection, and promises none: it keeps requests out that would be refused at
 * their pool anyway, before anything is done for them. Thread-safe.
 */
public final class Admission implements AutoCloseable {

  private static final VarHandle CLOSED;

  static {
    try {
      CLOSED = MethodHandles.lookup().findVarHandle(Admission.class, "closed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Door door;
  private final @Nullable Refusal refusal;
  private final Door.@Nullable Watched watched;

  @SuppressWarnings("UnusedVariable") // through CLOSED
  private volatile boolean closed;

  private Admission(
      @Nullable Door door, @Nullable Refusal refusal, Door.@Nullable Watched watched) {
    this.door = door;
    this.refusal = refusal;
    this.watched = watched;
  }

  static Admission allowed(Door door, @Nullable Refusal shadowed, Door.@Nullable Watched watched) {
    return new Admission(door, shadowed, watched);
  }

  static Admission refused(Refusal refusal) {
    return new Admission(null, refusal, null);
  }

  /**
   * Tells whether the request may go on.
   *
   * @return false if it is refused
   */
  public boolean allowed() {
    return door != null;
  }

  /**
   * Returns why it is refused; in shadow mode, why it would be.
   *
   * @return empty if there is nothing against it
   */
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(refusal);
  }

  /**
   * Returns when to come back.
   *
   * @return zero if there is nothing against the request now
   */
  public Duration retryAfter() {
    return refusal == null ? Duration.ZERO : refusal.retryAfter();
  }

  /** Ends it. */
  @Override
  public void close() {
    if (door != null && CLOSED.compareAndSet(this, false, true)) {
      door.ended(watched);
    }
  }

  @Override
  public String toString() {
    return allowed() ? "admitted" : "refused: " + refusal;
  }
}
