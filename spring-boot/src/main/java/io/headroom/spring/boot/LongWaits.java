package io.headroom.spring.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of pools that hold a request for so long when their server dies that none of its time is
 * left for the server that takes over.
 */
final class LongWaits {

  private static final Logger LOG = LoggerFactory.getLogger(LongWaits.class);

  /** HikariCP takes no less. */
  private static final long SHORTEST_MILLIS = 250;

  private static final String KEY = ".pool.connection-timeout";
  private static final String OF_ALL = DatabaseChecks.DATABASE + KEY;

  private LongWaits() {}

  /**
   * How long a pool holds who asks for a connection.
   *
   * @param property which says so
   * @param timeout how long
   * @param isSet whether it is in the file, or what holds without
   */
  private record Wait(String property, Duration timeout, boolean isSet) {

    /** Of 0 ms HikariCP makes all that it can count. */
    long millis() {
      long millis = timeout.toMillis();
      return millis == 0 ? Integer.MAX_VALUE : millis;
    }

    @Override
    public String toString() {
      String what =
          timeout.toMillis() == 0 ? "0 ms, which is for ever" : timeout.toMillis() + " ms";
      return property + (isSet ? " (" : " (not set: ") + what + ")";
    }
  }

  /**
   * Warns, once, of the pool that holds its callers longest, if it has replicas beside it and that
   * is half of a request's time or more.
   */
  static void warn(DatabaseProperties database, RequestProperties request) {
    Duration inAll = request.timeout();
    if (inAll == null) {
      return;
    }
    waits(database)
        .max(Comparator.comparing(Wait::millis))
        .filter(longest -> longest.millis() * 2 >= inAll.toMillis())
        .ifPresent(
            longest ->
                LOG.warn(
                    "{} is half of headroom.request.timeout ({} ms) or more: who asks a pool for a"
                        + " connection when its server dies is held for that long, and has too"
                        + " little time left for the server that takes over. {}",
                    longest,
                    inAll.toMillis(),
                    advice(longest.property(), inAll.toMillis())));
  }

  /** A third of what a request has, if HikariCP can be told so. */
  private static String advice(String property, long requestMillis) {
    if (SHORTEST_MILLIS * 2 >= requestMillis) {
      return "No pool can wait for less than "
          + SHORTEST_MILLIS
          + " ms, so give requests more than "
          + SHORTEST_MILLIS * 2
          + " ms, or do not count on their outliving a server";
    }
    long third = Math.max(SHORTEST_MILLIS, requestMillis / 30 * 10); // in round figures
    return "Set " + property + " well below that, as to " + third + "ms";
  }

  private static Stream<Wait> waits(DatabaseProperties database) {
    PoolProperties all = database.pool();
    if (database.shards().isEmpty()) {
      return waits(DatabaseChecks.DATABASE, database.primary(), database.replicas(), all);
    }
    return database.shards().entrySet().stream()
        .flatMap(
            shard ->
                waits(
                    DatabaseChecks.DATABASE + ".shards." + shard.getKey(),
                    shard.getValue().primary(),
                    shard.getValue().replicas(),
                    all));
  }

  /** Of a cluster; none where there is no other server to go to. */
  private static Stream<Wait> waits(
      String at,
      @Nullable NodeProperties primary,
      Map<String, NodeProperties> replicas,
      PoolProperties all) {
    if (replicas.isEmpty()) {
      return Stream.empty();
    }
    List<Wait> waits = new ArrayList<>();
    waits.add(wait(at + ".primary", Objects.requireNonNull(primary).pool(), all));
    replicas.forEach(
        (name, replica) -> waits.add(wait(at + ".replicas." + name, replica.pool(), all)));
    return waits.stream();
  }

  private static Wait wait(String at, PoolProperties own, PoolProperties all) {
    Duration ofNode = own.connectionTimeout();
    if (ofNode != null) {
      return new Wait(at + KEY, ofNode, true);
    }
    Duration ofAll = all.connectionTimeout();
    return ofAll == null
        ? new Wait(OF_ALL, Pools.CONNECTION_TIMEOUT, false)
        : new Wait(OF_ALL, ofAll, true);
  }
}
