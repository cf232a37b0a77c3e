package io.headroom.testkit.servers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Hands PostgreSQL servers to a JUnit 5 test class, with a database that is the class's own.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final PostgresExtension postgres = PostgresExtension.servers(2);
 *
 * @Test
 * void shardsAreSeparate() throws SQLException {
 *   try (Connection first = postgres.dataSource(0).getConnection();
 *       Connection second = postgres.dataSource(1).getConnection()) { ... }
 * }
 * }</pre>
 *
 * <p>The servers are shared by all test classes of the JVM that ask for the same settings and as
 * many replicas, and end with it. What isolates classes is the database: a fresh one of one name on
 * each server, dropped after the class. A server that a class has killed or stopped runs again for
 * the next class, and is primary or replica again as at the start, whichever was promoted ({@link
 * #heal} does so between tests); a class that does so, or changes what belongs to the whole server
 * (settings, roles, replication slots), in a build that runs classes in parallel, takes {@link
 * #exclusive() servers of its own}.
 *
 * <p>Register it in a static field. Thread-safe once the class has begun.
 */
public final class PostgresExtension implements BeforeAllCallback {

  private static final Namespace NAMESPACE = Namespace.create(PostgresExtension.class);

  private final int count;
  private final SharedServers.Kind kind;
  private final boolean exclusive;
  private volatile @Nullable Lease lease;

  private PostgresExtension(int count, SharedServers.Kind kind, boolean exclusive) {
    this.count = count;
    this.kind = kind;
    this.exclusive = exclusive;
  }

  /**
   * Returns an extension that hands out shared servers.
   *
   * @param count how many, at least 1
   * @return a new extension
   * @throws IllegalArgumentException if the count is below 1
   */
  public static PostgresExtension servers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("servers must be at least 1, was " + count);
    }
    return new PostgresExtension(count, new SharedServers.Kind(Map.of(), 0), false);
  }

  /**
   * Returns an extension like this one, whose servers have a setting.
   *
   * @param name a name from {@code postgresql.conf}
   * @param value its value, without quotes
   * @return a new extension
   * @throws IllegalArgumentException if the setting is set already
   */
  public PostgresExtension setting(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(kind.settings());
    String earlier = more.put(name, value);
    if (earlier != null) {
      throw new IllegalArgumentException(
          "setting " + name + " is set twice: to " + earlier + " and to " + value);
    }
    SharedServers.Kind other = new SharedServers.Kind(Map.copyOf(more), kind.replicas());
    return new PostgresExtension(count, other, exclusive);
  }

  /**
   * Returns an extension like this one, whose servers have streaming replicas each.
   *
   * @param count how many for each server, at least 0
   * @return a new extension
   * @throws IllegalArgumentException if the count is negative
   */
  public PostgresExtension replicas(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("replicas must be at least 0, was " + count);
    }
    return new PostgresExtension(
        this.count, new SharedServers.Kind(kind.settings(), count), exclusive);
  }

  /**
   * Returns an extension like this one, whose servers no other class gets; they end with the class.
   *
   * @return a new extension
   */
  public PostgresExtension exclusive() {
    return new PostgresExtension(count, kind, true);
  }

  /**
   * Returns the servers in the order of their numbers.
   *
   * @return an immutable list
   * @throws IllegalStateException if no test class has begun
   */
  public List<PostgresServer> servers() {
    return lease().servers();
  }

  /**
   * Returns one server.
   *
   * @param number its number, from 0
   * @return the server
   * @throws IndexOutOfBoundsException if there is no such server
   * @throws IllegalStateException if no test class has begun
   */
  public PostgresServer server(int number) {
    return servers().get(number);
  }

  /**
   * Returns the replicas that a server has now. The class's database is on them too: {@code
   * replica.dataSource(postgres.database())}.
   *
   * @param number the server's number, from 0
   * @return an immutable list, in the order of their numbers
   * @throws IndexOutOfBoundsException if there is no such server
   * @throws IllegalStateException if no test class has begun
   */
  public List<PostgresServer> replicasOf(int number) {
    return replicasOf(server(number));
  }

  /**
   * Returns the replicas, running or not, that were last told to follow a server: after a failover,
   * those of the promoted one.
   *
   * @param primary the server, which may be down
   * @return an immutable list of what there is now, in the order of their numbers
   */
  public List<PostgresServer> replicasOf(PostgresServer primary) {
    return primary.group().replicasOf(primary);
  }

  /**
   * Brings servers and replicas back to how the class got them, as {@link PostgresCluster#heal}:
   * between two tests of a class that kills, pauses or promotes. Databases stay as they are.
   *
   * @throws IllegalStateException if no test class has begun
   * @throws ServerException if a server does not start or stream
   */
  public void heal() {
    SharedServers.heal(servers());
  }

  /**
   * Returns the name of the class's own database, the same on every server.
   *
   * @return the name
   * @throws IllegalStateException if no test class has begun
   */
  public String database() {
    return lease().database();
  }

  /**
   * Returns the JDBC URL of the class's database on a server.
   *
   * @param number the server's number, from 0
   * @return a URL that needs nothing else to connect
   * @throws IllegalStateException if no test class has begun
   */
  public String jdbcUrl(int number) {
    return server(number).jdbcUrl(database());
  }

  /**
   * Returns a data source for the class's database on a server.
   *
   * @param number the server's number, from 0
   * @return a new data source without a pool: each connection is a new one
   * @throws IllegalStateException if no test class has begun
   */
  public DataSource dataSource(int number) {
    return server(number).dataSource(database());
  }

  /**
   * Called by JUnit before the tests of a class.
   *
   * @param context the class's context
   */
  @Override
  public void beforeAll(ExtensionContext context) {
    // A nested class finds, and keeps, what its outer class has got.
    lease =
        context
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent(this, extension -> extension.open(context), Lease.class);
  }

  private Lease open(ExtensionContext context) {
    SharedServers pool =
        exclusive
            ? new SharedServers(kind)
            : context
                .getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(kind, SharedServers::new, SharedServers.class);
    List<PostgresServer> servers = pool.first(count);
    String database = pool.newDatabaseName(context.getRequiredTestClass().getSimpleName());
    for (PostgresServer server : servers) {
      server.createDatabase(database);
      server.group().replicasOf(server).forEach(replica -> replica.awaitReplayOf(server));
    }
    return new Lease(servers, database, exclusive ? pool : null);
  }

  private Lease lease() {
    Lease current = lease;
    if (current == null) {
      throw new IllegalStateException(
          "No test class has begun: register the extension in a static field, and use it in tests"
              + " or in @BeforeAll");
    }
    return current;
  }

  @Override
  public String toString() {
    return "PostgresExtension[servers=" + count + ", " + lease + "]";
  }

  /**
   * What a class has: closed by JUnit at the end of the class, before version 5.13 if it is a
   * {@code CloseableResource}, from then on if it is {@link AutoCloseable}.
   */
  @SuppressWarnings("deprecation")
  private record Lease(List<PostgresServer> servers, String database, @Nullable SharedServers own)
      implements AutoCloseable, ExtensionContext.Store.CloseableResource {

    @Override
    public void close() {
      if (own != null) {
        own.close();
      } else {
        SharedServers.heal(servers);
        servers.forEach(server -> server.dropDatabase(database));
      }
    }
  }
}
