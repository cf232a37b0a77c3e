package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.jdbc.ConnectionHooks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is held, from the moment that it may be taken until it is back in its pool. Its
 * hook gives the permit back, once.
 */
final class Hold implements ConnectionHooks {

  private static final VarHandle BACK;

  static {
    try {
      BACK = MethodHandles.lookup().findVarHandle(Hold.class, "back", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final PoolGuard guard;
  private final Thread owner;
  private final Criticality criticality;

  /** When it asked, in nanoseconds. */
  private final long askedNanos;

  /** When it was let through to the pool. */
  private volatile long sinceNanos;

  /** Null unless it is to be known where connections are taken. */
  private final @Nullable Throwable where;

  /** Written by its owner, and read by the tick that comes some time later. */
  private volatile boolean connected;

  private boolean reported;

  @SuppressWarnings("UnusedVariable") // through BACK
  private volatile boolean back;

  /** For who gives it up; written and read by whoever uses the connection. */
  private @Nullable Connection physical;

  /** Of {@link Holds}: where it is kept; -1 for nowhere. */
  int place = -1;

  Hold(
      PoolGuard guard,
      Criticality criticality,
      long askedNanos,
      long sinceNanos,
      @Nullable Throwable where) {
    this.guard = guard;
    this.owner = Thread.currentThread();
    this.criticality = criticality;
    this.askedNanos = askedNanos;
    this.sinceNanos = sinceNanos;
    this.where = where;
  }

  /** What it took until now was a wait in the pool. */
  void begins(long nowNanos) {
    sinceNanos = nowNanos;
  }

  /** The pool has given the connection. */
  void connected() {
    connected = true;
  }

  boolean isConnected() {
    return connected;
  }

  /** Whether this is the first call. */
  private boolean comesBack() {
    return BACK.compareAndSet(this, false, true);
  }

  /** Gives the permit back; does nothing if that is done. */
  void end() {
    if (comesBack()) {
      guard.ended(this);
    }
  }

  @Override
  public void onBound(Connection taken) {
    physical = taken;
  }

  /** The pool's connection; null if it gave none. */
  @Nullable Connection physical() {
    return physical;
  }

  @Override
  public void onClose() {
    end();
  }

  Thread owner() {
    return owner;
  }

  Criticality criticality() {
    return criticality;
  }

  long askedNanos() {
    return askedNanos;
  }

  long sinceNanos() {
    return sinceNanos;
  }

  @Nullable Throwable where() {
    return where;
  }

  /** Whether it is the first time that this is asked. By the tick alone. */
  boolean isToBeReported() {
    boolean first = !reported;
    reported = true;
    return first;
  }
}
