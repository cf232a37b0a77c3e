package io.headroom.guard;

import io.headroom.SetOnce;

/**
 * How many connections this process may have open, over all pools that a guard guards: pools of
 * idle shards shrink to nothing, busy ones grow, and none starves.
 *
 * <pre>{@code
 * ConnectionGuard guard =
 *     ConnectionGuard.builder()
 *         .budget(PoolBudget.of(100).processes(200)) // each of 200 processes opens up to 100
 *         .build();
 * }</pre>
 *
 * <p>A pool begins with nothing, and has as many as it needed lately: at most its own size, which
 * is how large it was when it was given to the guard. It may take what no pool has, and what
 * another does not use. If all is in use, connections that come back are closed in favour of pools
 * that wait and have fewer. A pool that has not been used for five seconds has none.
 *
 * <p>Immutable.
 */
public final class PoolBudget {

  private static final int MOST = 1_000_000;

  private final int connections;

  /** 0 for not known. */
  private final int processes;

  private PoolBudget(int connections, int processes) {
    this.connections = connections;
    this.processes = processes;
  }

  /**
   * A budget for one process.
   *
   * @param connections how many may be open, 1 to 1,000,000: fewer than there are pools is enough,
   *     if they take turns
   * @return a budget for a fleet of unknown size
   * @throws IllegalArgumentException if the number is out of range
   */
  public static PoolBudget of(int connections) {
    return new PoolBudget(inRange("budget", " connections", connections), 0);
  }

  /**
   * Tells how many processes have this budget each, for a warning in the log if all of them
   * together could open more connections than a server accepts. Counted is what the pools may open:
   * neither the connections that probes keep beside them, nor those that listen for news. It
   * changes nothing else.
   *
   * @param processes how many, 1 to 1,000,000
   * @return a budget with that
   * @throws IllegalArgumentException if the number is out of range
   * @throws IllegalStateException if it is set already
   */
  public PoolBudget processes(int processes) {
    SetOnce.refuseSecond("budget", "processes", this.processes > 0);
    return new PoolBudget(connections, inRange("processes", "", processes));
  }

  private static int inRange(String option, String what, int value) {
    if (value < 1 || value > MOST) {
      throw new IllegalArgumentException(
          option + " must be 1 to " + MOST + what + ", was " + value);
    }
    return value;
  }

  int connections() {
    return connections;
  }

  /** 0 if that is not known. */
  int processes() {
    return processes;
  }

  @Override
  public String toString() {
    return connections
        + " connections"
        + (processes > 0 ? " in each of " + processes + " processes" : "");
  }
}
