package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each pool's server once how many connections it accepts, and warns if the fleet could open
 * more. Pools of the same server count together; what is opened beside them (by the probe of a
 * {@code ReplicaDataSource}, by whoever listens to a shard map) is not known here and does not
 * count. Of databases other than PostgreSQL it knows nothing, and says nothing. Thread-safe.
 */
final class FleetCheck {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionGuard.class);

  /** When a server was started tells it from others; replicas and other clusters have their own. */
  private static final String SQL =
      "SELECT pg_postmaster_start_time() || ' ' || coalesce(inet_server_port(), 0),"
          + " (SELECT setting FROM pg_settings WHERE name = 'max_connections'),"
          + " (SELECT sum(setting::int) FROM pg_settings WHERE name IN"
          + " ('superuser_reserved_connections', 'reserved_connections'))";

  private static final int ATTEMPTS = 5;
  private static final long AGAIN = TimeUnit.SECONDS.toNanos(10);

  private final PoolBudget budget;
  private final TimeSource time;
  private final Queue<Asked> toBeAsked = new ConcurrentLinkedQueue<>();
  private final Map<String, Server> servers = new ConcurrentHashMap<>();
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile long notBefore;

  FleetCheck(PoolBudget budget, TimeSource time) {
    this.budget = budget;
    this.time = time;
    this.notBefore = time.nanoTime();
  }

  /** A pool whose server is to be asked. */
  private static final class Asked {
    private final String resource;
    private final DataSource guarded;
    private final int size;
    private int attempts;

    Asked(String resource, DataSource guarded, int size) {
      this.resource = resource;
      this.guarded = guarded;
      this.size = size;
    }
  }

  /**
   * What is known of a server.
   *
   * @param pools the pools that are known to be there, the one asked last at the end
   * @param perProcess how many connections one process may open there
   * @param processes how many processes do so
   * @param most its {@code max_connections}
   * @param reserved how many of them are not for everybody
   */
  record Server(List<String> pools, int perProcess, int processes, int most, int reserved) {

    int accepts() {
      return most - reserved;
    }

    /** How many the fleet may open. */
    long fleet() {
      return (long) processes * perProcess;
    }

    boolean isTooMany() {
      return fleet() > accepts();
    }

    String warning() {
      int others = pools.size() - 1;
      return String.format(
          Locale.ROOT,
          "pool '%s'%s: %,d process%s × up to %,d connections = %,d, but %s server accepts %,d"
              + " (max_connections %,d, of which %,d are reserved): give less to each, or put a"
              + " pooler between",
          pools.get(others),
          others == 0 ? "" : " and " + others + " on the same server",
          processes,
          processes == 1 ? "" : "es",
          perProcess,
          fleet(),
          others == 0 ? "its" : "that",
          accepts(),
          most,
          reserved);
    }
  }

  void add(String resource, DataSource guarded, int size) {
    toBeAsked.add(new Asked(resource, guarded, size));
  }

  /** Asks on a thread of its own, if there is anybody to ask: a server may take long to answer. */
  void tick() {
    if (!toBeAsked.isEmpty()
        && time.nanoTime() - notBefore >= 0
        && asking.compareAndSet(false, true)) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  ask();
                } finally {
                  notBefore = time.nanoTime() + AGAIN;
                  asking.set(false);
                }
              },
              "headroom-guard-fleet");
      thread.setDaemon(true);
      boolean started = false;
      try {
        thread.start();
        started = true;
      } finally {
        if (!started) {
          asking.set(false);
        }
      }
    }
  }

  /** Asks all servers that have not been asked, one by one. */
  void ask() {
    List<Asked> again = new ArrayList<>();
    for (Asked next = toBeAsked.poll(); next != null; next = toBeAsked.poll()) {
      try {
        ask(next);
      } catch (SQLException | RuntimeException failed) {
        LOG.debug("pool '{}': could not be asked what its server accepts", next.resource, failed);
        boolean busy = failed instanceof PoolRefusedException; // it has not been asked then
        if (busy || ++next.attempts < ATTEMPTS) {
          again.add(next);
        }
      }
    }
    toBeAsked.addAll(again);
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private void ask(Asked pool) throws SQLException {
    RequestContext context = RequestContext.builder().criticality(Criticality.SHEDDABLE).build();
    Server known;
    try (RequestContext.Scope scope = context.attach();
        Connection connection = pool.guarded.getConnection()) {
      if (!connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
        return;
      }
      known = read(connection, pool);
    }
    if (known != null && known.isTooMany()) {
      LOG.warn(known.warning());
    }
  }

  private @Nullable Server read(Connection connection, Asked pool) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SQL)) {
      if (!row.next()) {
        return null;
      }
      int most = row.getInt(2);
      int reserved = row.getInt(3);
      return servers.merge(
          row.getString(1),
          server(List.of(pool.resource), pool.size, most, reserved),
          (before, added) -> {
            List<String> pools = new ArrayList<>(before.pools());
            pools.addAll(added.pools());
            return server(pools, before.perProcess() + pool.size, most, reserved);
          });
    }
  }

  private Server server(List<String> pools, int connections, int most, int reserved) {
    int perProcess = Math.min(budget.connections(), connections);
    return new Server(
        List.copyOf(pools), perProcess, Math.max(1, budget.processes()), most, reserved);
  }

  /** What is known of a pool's server; null as long as that has not answered. */
  @Nullable Server server(String resource) {
    for (Server server : servers.values()) {
      if (server.pools().contains(resource)) {
        return server;
      }
    }
    return null;
  }

  /** What is known of the servers that have answered. */
  List<Server> servers() {
    return List.copyOf(servers.values());
  }
}
