package io.headroom.redis;

import io.lettuce.core.api.StatefulConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection to Redis, which is made when it can be, and made anew when it is stuck: a peer
 * that has vanished without a word keeps TCP waiting for a quarter of an hour. Thread-safe.
 *
 * @param <C> the type of the connection
 */
public final class Lane<C extends StatefulConnection<byte[], byte[]>> {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Supplier<CompletableFuture<? extends C>> connect;
  private final Consumer<C> made;
  private final CompletableFuture<Void> firstMade = new CompletableFuture<>();
  private volatile @Nullable C connection;
  private volatile @Nullable Throwable why;

  // under the lock
  private boolean connecting;
  private boolean closed;
  private long triedNanos;
  private int renewals;

  /**
   * Creates one that is not connected.
   *
   * @param connect makes a connection
   * @param made does what is to be done with a new one, as soon as it is there
   */
  public Lane(Supplier<CompletableFuture<? extends C>> connect, Consumer<C> made) {
    this.connect = connect;
    this.made = made;
  }

  /**
   * Returns the connection, if there is one.
   *
   * @return open or not; null if there is none
   */
  public @Nullable C get() {
    return connection;
  }

  /**
   * Tells when there has been a connection.
   *
   * @return done once there was one; it never fails
   */
  public CompletableFuture<Void> firstMade() {
    return firstMade;
  }

  /**
   * Tells why there is no connection.
   *
   * @return for people to read
   */
  public String whyNot() {
    Throwable root = why;
    while (root != null && root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root == null ? "it has not answered yet" : root.toString();
  }

  /**
   * Connects if that is to be done.
   *
   * @param nowNanos the time
   */
  public void tick(long nowNanos) {
    int before;
    synchronized (this) {
      if (closed
          || connecting
          || connection != null
          || (triedNanos != 0 && nowNanos - triedNanos < PAUSE_NANOS)) {
        return;
      }
      connecting = true;
      triedNanos = nowNanos;
      before = renewals;
    }
    CompletableFuture<? extends C> attempt;
    try {
      attempt = connect.get();
    } catch (RuntimeException unreachable) {
      attempt = CompletableFuture.failedFuture(unreachable);
    }
    var unused = attempt.whenComplete((connected, failure) -> tried(connected, failure, before));
  }

  private void tried(@Nullable C connected, @Nullable Throwable failure, int before) {
    why = failure;
    boolean keep;
    synchronized (this) {
      connecting = false;
      keep = connected != null && !closed && before == renewals;
      if (keep) {
        connection = connected;
      }
    }
    if (keep && connected != null) {
      made.accept(connected);
      firstMade.complete(null);
    } else if (connected != null) {
      var unused = connected.closeAsync();
    }
  }

  /** Gives the connection up, or the one that is being made; the next tick makes another. */
  public void renew() {
    C stuck;
    synchronized (this) {
      renewals++;
      stuck = connection;
      connection = null;
    }
    if (stuck != null) {
      var unused = stuck.closeAsync();
    }
  }

  /** Gives the connection up for good; whoever made it ends it, with all others. */
  public synchronized void close() {
    closed = true;
    connection = null;
  }
}
