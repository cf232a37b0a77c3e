package io.headroom.guard;

import io.headroom.LoadLevel;
import java.time.Duration;

/**
 * What a guarded pool goes through. Immutable.
 *
 * @param resource the pool's name
 * @param level its level
 * @param inUse connections in use
 * @param size connections that may be
 * @param waiting how many wait for one
 * @param oldestWait how long the one that waits longest has waited
 * @param meanHold how long a connection is held, lately; zero if that is not known
 * @param utilization the share of connections in use over the last second, from 0 to 1
 */
public record PoolStatus(
    String resource,
    LoadLevel level,
    int inUse,
    int size,
    int waiting,
    Duration oldestWait,
    Duration meanHold,
    double utilization) {

  static PoolStatus of(PoolGuard pool, long nowNanos) {
    PoolView view = pool.view();
    Gate gate = pool.gate();
    return new PoolStatus(
        pool.resource(),
        view.level(),
        pool.inUse(),
        gate.limit(),
        pool.waiting(),
        Duration.ofNanos(gate.oldestWaitNanos(nowNanos)),
        Duration.ofNanos(view.sample().meanHoldNanos()),
        view.sample().utilization());
  }
}
