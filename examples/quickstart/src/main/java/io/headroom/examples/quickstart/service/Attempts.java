package io.headroom.examples.quickstart.service;

import io.headroom.RequestContext;
import io.headroom.routing.FailureKind;
import io.headroom.routing.NoFreshReplicaException;
import io.headroom.routing.ReplicationProbe;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes calls: what may pass (a server that has died, a replica that has to catch up, a failover)
 * is tried again until the request's time is up; what will not is thrown at once. Thread-safe.
 */
final class Attempts {

  private static final Duration PAUSE = Duration.ofMillis(5);

  /** Something to ask or to do, which may be done again. */
  @FunctionalInterface
  interface Call<T> {
    T make() throws SQLException;
  }

  private final LongAdder repeated = new LongAdder();

  <T> T call(Call<T> call) throws SQLException {
    while (true) {
      try {
        return call.make();
      } catch (SQLException failure) {
        awaitTheNext(failure);
      }
    }
  }

  private void awaitTheNext(SQLException failure) throws SQLException {
    Optional<Duration> pause = pauseAfter(failure);
    Duration left = RequestContext.current().remaining().orElse(Duration.ZERO);
    if (pause.isEmpty() || left.compareTo(pause.get()) <= 0) {
      throw failure;
    }
    repeated.increment();
    LockSupport.parkNanos(pause.get().toNanos());
  }

  /**
   * How long to wait before another attempt; empty if none would help. A scatter's failure has the
   * SQLSTATE of the shard's, and the shard's as its cause.
   */
  static Optional<Duration> pauseAfter(SQLException failure) {
    if (failure instanceof NoFreshReplicaException none) {
      return Optional.of(none.retryAfter());
    }
    if (failure.getCause() instanceof NoFreshReplicaException none) {
      return Optional.of(none.retryAfter());
    }
    FailureKind kind = ReplicationProbe.postgres().classify(failure);
    return switch (kind) {
      case CONNECTION_LOST, SESSION_ENDED, CONNECTION_CLOSED, READ_CONFLICT -> Optional.of(PAUSE);
      case READ_ONLY, STATEMENT -> Optional.empty();
    };
  }

  /** How many attempts were not the first. */
  long repeated() {
    return repeated.sum();
  }
}
