package io.headroom.guard;

import io.headroom.CloseActions;
import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.LoadLevels;
import io.headroom.LoadSignal;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guards connection pools against more load than they can take: each pool by itself, in steps, and
 * the least critical work first.
 *
 * <pre>{@code
 * ConnectionGuard guard = ConnectionGuard.create();
 * DataSource orders = guard.protect("orders", hikariPool); // use this one in its place
 *
 * try (Connection connection = orders.getConnection()) {
 *   connection.createStatement().execute("SELECT 1"); // throws PoolRefusedException under load
 * }
 * }</pre>
 *
 * <p>What a pool goes through makes its {@link LoadLevel}, which {@link #levels} tells by the
 * pool's name to whoever can spare it something:
 *
 * <table>
 * <caption>Levels</caption>
 * <tr><th>level</th><th>begins when</th><th>what the guard does</th></tr>
 * <tr><td>{@code ELEVATED}</td><td>85 % of connections are in use, over a second</td><td>tells</td>
 * </tr>
 * <tr><td>{@code HIGH}</td><td>everybody has had to wait for more than 5 ms, for a tenth of a
 *     second</td><td>sheds what is beyond what the pool can do: {@code SHEDDABLE} work first,
 *     {@code STANDARD} work then, by users ({@link RequestContext#cohort}), so that the same ones
 *     are refused and the others see a healthy service; and keeps the queue short</td></tr>
 * <tr><td>{@code CRITICAL}</td><td>somebody waits and nothing has come back for 250 ms, or four
 *     times as long as a connection is held else</td><td>lets in only {@code CRITICAL}
 *     work</td></tr>
 * </table>
 *
 * <p>A level ends when it has been calm for half a second, and one at a time; later the more often
 * it comes, so that levels do not flap. At any level, ten times as many wait as there are
 * connections at most, for 200 ms at most, and nobody whose deadline would pass meanwhile: they are
 * refused at once. Who waits gets connections in the order of criticality, and of coming.
 *
 * <p>A connection is taken at its first statement, as with all of Headroom's data sources. It is
 * thread-safe. One thread of its own looks at the pools ten times a second.
 */
public final class ConnectionGuard implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionGuard.class);

  private final GuardSettings settings;
  private final TimeSource time;
  private final GuardListeners listeners;
  private final LoadLevels levels;
  private final Map<String, PoolGuard> pools = new ConcurrentHashMap<>();
  private final Door door;

  /** Null without a budget, and in shadow mode. */
  private final @Nullable Allowances allowances;

  /** Null without a budget. */
  private final @Nullable FleetCheck fleet;

  private final @Nullable Thread ticker;
  private volatile boolean closed;
  private final CloseActions closing = new CloseActions();

  ConnectionGuard(
      GuardSettings settings,
      TimeSource time,
      GuardListeners listeners,
      LoadLevels levels,
      @Nullable PoolBudget budget,
      boolean ticks) {
    this.settings = settings;
    this.time = time;
    this.listeners = listeners;
    this.levels = levels;
    this.door = new Door(settings, time, listeners, pools);
    this.allowances = budget == null || settings.shadow() ? null : new Allowances(budget, time);
    this.fleet = budget == null ? null : new FleetCheck(budget, time);
    closing.add(this::end);
    this.ticker = ticks ? new Thread(this::tickOn, "headroom-guard") : null;
    if (ticker != null) {
      ticker.setDaemon(true);
      ticker.start();
    }
  }

  /**
   * A guard with the defaults.
   *
   * @return a guard of no pools yet
   */
  public static ConnectionGuard create() {
    return builder().build();
  }

  /**
   * Starts a guard.
   *
   * @return a builder
   */
  public static ConnectionGuardBuilder builder() {
    return new ConnectionGuardBuilder();
  }

  /**
   * Guards a HikariCP pool.
   *
   * @param resource its name, by which levels, meters and refusals know it
   * @param pool the pool, which stays its owner's to close
   * @return the data source to use in its place; it unwraps to the pool
   * @throws IllegalArgumentException if the name is empty or taken, if the pool is guarded already,
   *     or if it is not one of HikariCP: give a {@link ManagedPool} then
   * @throws IllegalStateException if the guard is closed
   */
  public DataSource protect(String resource, DataSource pool) {
    Objects.requireNonNull(pool, "pool must not be null");
    requireUnguarded(resource, pool);
    return protect(resource, ManagedPool.of(pool));
  }

  /**
   * Guards any pool.
   *
   * @param resource its name, by which levels, meters and refusals know it
   * @param pool the pool, which stays its owner's to close
   * @return the data source to use in its place; it unwraps to the pool
   * @throws IllegalArgumentException if the name is empty or taken, or the pool is guarded already
   * @throws IllegalStateException if the guard is closed
   */
  public DataSource protect(String resource, ManagedPool pool) {
    Objects.requireNonNull(resource, "resource must not be null");
    Objects.requireNonNull(pool, "pool must not be null");
    if (resource.isBlank()) {
      throw new IllegalArgumentException(
          "resource must have a name, was '" + resource + "': the shard's, say");
    }
    requireUnguarded(resource, pool.dataSource());
    int size = pool.maximumSize();
    PoolGuard made = new PoolGuard(resource, pool, settings, time, listeners, door.counts());
    synchronized (pools) {
      if (closed) {
        throw new IllegalStateException("the guard is closed, and guards no further pools");
      }
      for (PoolGuard other : pools.values()) {
        if (other.pool().equals(pool) || other.pool().dataSource() == pool.dataSource()) {
          throw new IllegalArgumentException(
              "the pool of '"
                  + resource
                  + "' is guarded already, as '"
                  + other.resource()
                  + "': use the data source that protect returned");
        }
      }
      if (pools.containsKey(resource)) {
        throw new IllegalArgumentException(
            "there is a pool '" + resource + "' already: give each a name of its own");
      }
      if (allowances != null) {
        made.share(allowances);
      }
      pools.put(resource, made);
    }
    door.tick(time.nanoTime());
    DataSource guarded = new GuardedDataSource(made);
    if (fleet != null) {
      made.check(fleet);
      fleet.add(resource, guarded, size);
    }
    return guarded;
  }

  private static void requireUnguarded(String resource, DataSource pool) {
    boolean guarded;
    try {
      guarded = pool.isWrapperFor(GuardedDataSource.class);
    } catch (SQLException | RuntimeException | AbstractMethodError e) {
      guarded = false;
    }
    if (guarded) {
      throw new IllegalArgumentException(
          "the pool of '"
              + resource
              + "' is guarded already ("
              + pool
              + "): guard the pool itself");
    }
  }

  /**
   * Tells at the door whether a request may go on, before anything is done for it. Refused are
   * those that the pool which they are for would shed ({@link RequestContext#resource}; if that is
   * not set, those that all pools would shed), and those whose deadline has passed. A request that
   * gets all that it needs from a cache may so be refused too, at {@link LoadLevel#HIGH} and above.
   *
   * @param criticality how much the request matters
   * @return the answer, to be closed when the request has ended
   */
  public Admission admit(Criticality criticality) {
    Objects.requireNonNull(criticality, "criticality must not be null");
    return door.admit(criticality, RequestContext.current());
  }

  /**
   * As {@link #admit(Criticality)}, as critical as the current {@link RequestContext} says.
   *
   * @return the answer, to be closed when the request has ended
   */
  public Admission admit() {
    RequestContext context = RequestContext.current();
    return door.admit(context.criticality(), context);
  }

  /**
   * As {@link #admit()}, for those who have no answer of their own for a refusal.
   *
   * @return an admission, to be closed when the request has ended
   * @throws OverloadedException if the request is refused
   */
  public Admission admitOrThrow() {
    Admission admission = admit();
    if (!admission.allowed()) {
      throw new OverloadedException(admission.refusal().orElseThrow());
    }
    return admission;
  }

  /**
   * Returns the levels of the guarded pools, by name: for caches ({@code loadSignal}), replica
   * routing, rate limits, and the application.
   *
   * @return the levels, kept up to date
   */
  public LoadSignal levels() {
    return levels;
  }

  /**
   * Returns what a pool goes through now.
   *
   * @param resource the pool's name
   * @return its figures
   * @throws IllegalArgumentException if there is no such pool
   */
  public PoolStatus status(String resource) {
    PoolGuard pool = pools.get(resource);
    if (pool == null) {
      throw new IllegalArgumentException(
          "there is no pool '" + resource + "', only " + pools.keySet());
    }
    return PoolStatus.of(pool, time.nanoTime());
  }

  Collection<PoolGuard> pools() {
    return pools.values();
  }

  Door door() {
    return door;
  }

  /** The budget and who has what of it; null if there is none. */
  @Nullable Allowances allowances() {
    return allowances;
  }

  /** What servers accept, and the fleet could open; null without a budget. */
  @Nullable FleetCheck fleet() {
    return fleet;
  }

  /** Has something more done at {@link #close}, once. */
  void onClose(Runnable more) {
    closing.add(more);
  }

  private void tickOn() {
    long next = time.nanoTime();
    while (!closed) {
      next += settings.windowNanos();
      for (long left = next - time.nanoTime(); left > 0 && !closed; left = next - time.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      tick();
      if (fleet != null) {
        attempt("the servers' limits", fleet::tick);
      }
      long now = time.nanoTime();
      if (now - next > settings.windowNanos()) {
        next = now; // what was slept through is not made up for
      }
    }
  }

  void tick() {
    for (PoolGuard pool : pools.values()) {
      attempt(pool.resource(), () -> tick(pool));
    }
    if (allowances != null) {
      attempt("the budget", () -> allowances.tick(time.nanoTime()));
    }
    attempt("the door", () -> door.tick(time.nanoTime()));
  }

  private void tick(PoolGuard pool) {
    LoadLevel level = pool.tick(time.nanoTime());
    synchronized (pools) {
      if (!closed && !settings.shadow()) {
        levels.set(pool.resource(), level);
      }
    }
  }

  /** Without its thread, a guard would go on shedding whom it shed last. */
  private static void attempt(String what, Runnable look) {
    try {
      look.run();
    } catch (RuntimeException | Error unexpected) {
      LOG.error("guard: could not look at {}, and will again", what, unexpected);
    }
  }

  /**
   * Ends its thread, and takes {@link GuardMetrics} out of their registries. Pools stay bounded,
   * but nothing is shed any more, and their levels are {@link LoadLevel#NORMAL}. Does nothing if
   * that is done; of two calls at a time, one may return before the other has ended all.
   */
  @Override
  public void close() {
    closing.run();
  }

  private void end() {
    synchronized (pools) {
      closed = true;
      for (PoolGuard pool : pools.values()) {
        levels.set(pool.resource(), LoadLevel.NORMAL);
        attempt(pool.resource(), pool::rest);
      }
    }
    if (ticker != null) {
      LockSupport.unpark(ticker);
    }
  }

  @Override
  public String toString() {
    return "ConnectionGuard" + pools.values() + (closed ? ", closed" : "");
  }
}
