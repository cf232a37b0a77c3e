package io.headroom.testkit.servers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * PostgreSQL servers for tests, primaries and their streaming replicas, started together from
 * binaries in jars and gone, with their data, at {@link #close}.
 *
 * <pre>{@code
 * try (PostgresCluster cluster = PostgresCluster.builder().primaries(2).replicas(1).start()) {
 *   DataSource orders = cluster.server(0).createDatabase("orders");
 *   cluster.server(0).failOver();
 *   cluster.server(1).kill();
 * }
 * }</pre>
 *
 * <p>The first cluster of a user unpacks the binaries into a cache (some seconds); after that, a
 * server is up in some tenths of a second. Should the JVM be killed, a watchdog ends the servers
 * and deletes their data. Thread-safe.
 */
public final class PostgresCluster implements AutoCloseable {

  private final List<ServerGroup> groups;

  private PostgresCluster(List<ServerGroup> groups) {
    this.groups = groups;
  }

  /**
   * Starts primaries with the default settings.
   *
   * @param primaries how many, at least 1
   * @return the running cluster
   * @throws ServerException if one does not start; the others are ended then
   */
  public static PostgresCluster start(int primaries) {
    return builder().primaries(primaries).start();
  }

  /**
   * Returns a builder of a cluster with one primary, until it is told otherwise.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns all servers, those of {@link #server} first, then the replicas.
   *
   * @return an immutable list of what there is now
   */
  public List<PostgresServer> servers() {
    return Stream.concat(
            groups.stream().map(ServerGroup::first),
            groups.stream().flatMap(group -> group.members().stream().skip(1)))
        .toList();
  }

  /**
   * Returns one of the servers that were started as primaries, whatever it is now.
   *
   * @param number its number, from 0
   * @return the server named {@code postgres-<number>}
   * @throws IndexOutOfBoundsException if there is no such server
   */
  public PostgresServer server(int number) {
    return groups.get(number).first();
  }

  /**
   * Returns the servers that are no replicas, running or not: after a failover, the killed primary
   * and the promoted one.
   *
   * @return an immutable list of what there is now
   */
  public List<PostgresServer> primaries() {
    return servers().stream().filter(server -> !server.isReplica()).toList();
  }

  /**
   * Returns the replicas, running or not, that were last told to follow a server.
   *
   * @param primary the server, which may be down
   * @return an immutable list of what there is now
   */
  public List<PostgresServer> replicasOf(PostgresServer primary) {
    return primary.group().replicasOf(primary);
  }

  /**
   * Returns the replicas, running or not, that were last told to follow one of the servers that
   * were started as primaries.
   *
   * @param number the server's number, from 0, as of {@link #server}
   * @return an immutable list of what there is now, in the order of their numbers
   * @throws IndexOutOfBoundsException if there is no such server
   */
  public List<PostgresServer> replicasOf(int number) {
    return replicasOf(server(number));
  }

  /**
   * Makes every server run that was there at the start, in the role it had then, without pause,
   * apply delay or synchronous replicas; replicas that were added since are ended. What {@link
   * PostgresServer#set} has set stays, save on a server that has to be cloned again.
   *
   * @throws ServerException if a server does not start or stream
   */
  public void heal() {
    InParallel.run(groups, ServerGroup::heal);
  }

  /**
   * Ends the servers and deletes their data. Does nothing if that has been done.
   *
   * @throws ServerException if a server's data cannot be deleted
   */
  @Override
  public void close() {
    InParallel.run(servers(), PostgresServer::close);
  }

  @Override
  public String toString() {
    return "PostgresCluster" + servers();
  }

  /** Says what servers to start. Not thread-safe. */
  public static final class Builder {

    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<Integer, Integer> replicasByPrimary = new TreeMap<>();
    private int primaries = 1;
    private int replicas;
    private int firstNumber;

    private Builder() {}

    /**
     * Sets the number of independent primaries.
     *
     * @param count how many, at least 1
     * @return this builder
     * @throws IllegalArgumentException if the count is below 1
     */
    public Builder primaries(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("primaries must be at least 1, was " + count);
      }
      primaries = count;
      return this;
    }

    /**
     * Sets the number of streaming replicas of each primary, named {@code
     * <primary>-replica-<number>} with numbers from 1.
     *
     * @param count how many, at least 0
     * @return this builder
     * @throws IllegalArgumentException if the count is negative
     */
    public Builder replicas(int count) {
      replicas = checkedReplicas(count);
      return this;
    }

    /**
     * Sets the number of streaming replicas of one primary, over that of {@link #replicas(int)}.
     *
     * @param primary the primary's number, from 0
     * @param count how many, at least 0
     * @return this builder
     * @throws IllegalArgumentException if the count is negative
     */
    public Builder replicas(int primary, int count) {
      replicasByPrimary.put(primary, checkedReplicas(count));
      return this;
    }

    /**
     * Sets a setting of every server, over the defaults of this kit. For a setting of one server,
     * see {@link PostgresServer#set}.
     *
     * @param name a name from {@code postgresql.conf}, such as {@code max_connections}
     * @param value its value, without quotes
     * @return this builder
     * @throws IllegalArgumentException if the name is none, the setting is set already, or it is
     *     the port, which is chosen for each server
     */
    public Builder setting(String name, String value) {
      if (!name.matches("[A-Za-z_][A-Za-z0-9_.]*") || name.equals("port")) {
        throw new IllegalArgumentException(
            "'" + name + "' is not a setting that can be set: give a name from postgresql.conf");
      }
      String earlier = settings.putIfAbsent(name, value);
      if (earlier != null) {
        throw new IllegalArgumentException(
            "setting " + name + " is set twice: to " + earlier + " and to " + value);
      }
      return this;
    }

    /** Numbers the servers from here on, for a cluster that continues another. */
    Builder firstNumber(int number) {
      firstNumber = number;
      return this;
    }

    /**
     * Starts the servers in parallel, and waits until all of them accept connections and replicas
     * stream.
     *
     * @return the running cluster
     * @throws IllegalArgumentException if replicas are asked for of a primary that is not
     * @throws ServerException if one does not start; the others are ended then
     */
    public PostgresCluster start() {
      for (int primary : replicasByPrimary.keySet()) {
        if (primary < 0 || primary >= primaries) {
          throw new IllegalArgumentException(
              "replicas of primary " + primary + ", but primaries are 0 to " + (primaries - 1));
        }
      }
      PostgresHome home = PostgresHome.shared();
      Map<String, String> fixed = Map.copyOf(settings);
      List<ServerGroup> groups =
          InParallel.map(
              IntStream.range(firstNumber, firstNumber + primaries).boxed().toList(),
              number -> ServerGroup.start("postgres-" + number, home, fixed, FreePort::find),
              ServerGroup::close);
      PostgresCluster cluster = new PostgresCluster(groups);
      try {
        InParallel.run(onePerReplica(groups), group -> group.addReplica(group.first()));
        groups.forEach(ServerGroup::complete);
        return cluster;
      } catch (RuntimeException | Error failure) {
        cluster.close();
        throw failure;
      }
    }

    private List<ServerGroup> onePerReplica(List<ServerGroup> groups) {
      return IntStream.range(0, primaries)
          .boxed()
          .flatMap(
              primary ->
                  Collections.nCopies(
                      replicasByPrimary.getOrDefault(primary, replicas), groups.get(primary))
                      .stream())
          .toList();
    }

    private static int checkedReplicas(int count) {
      if (count < 0) {
        throw new IllegalArgumentException("replicas must be at least 0, was " + count);
      }
      return count;
    }
  }
}
