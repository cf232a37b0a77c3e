package io.headroom.testkit.servers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL servers for tests, started together from binaries in jars and gone, with their data,
 * at {@link #close}.
 *
 * <pre>{@code
 * try (PostgresCluster cluster = PostgresCluster.start(2)) {
 *   DataSource orders = cluster.server(0).createDatabase("orders");
 *   cluster.server(1).kill();
 * }
 * }</pre>
 *
 * <p>The first cluster of a user unpacks the binaries into a cache (some seconds); after that, a
 * server is up in some tenths of a second. Should the JVM be killed, a watchdog ends the servers
 * and deletes their data. Thread-safe.
 */
public final class PostgresCluster implements AutoCloseable {

  private final List<PostgresServer> servers;

  private PostgresCluster(List<PostgresServer> servers) {
    this.servers = servers;
  }

  /**
   * Starts primaries with the default settings.
   *
   * @param primaries how many, at least 1
   * @return the running cluster
   * @throws PostgresServerException if one does not start; the others are ended then
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
   * Returns the servers in the order of their numbers.
   *
   * @return an immutable list
   */
  public List<PostgresServer> servers() {
    return servers;
  }

  /**
   * Returns one server.
   *
   * @param number its number, from 0
   * @return the server named {@code postgres-<number>}
   * @throws IndexOutOfBoundsException if there is no such server
   */
  public PostgresServer server(int number) {
    return servers.get(number);
  }

  /**
   * Ends the servers and deletes their data. Does nothing if that has been done.
   *
   * @throws PostgresServerException if a server's data cannot be deleted
   */
  @Override
  public void close() {
    inParallel(
        servers.size(),
        number -> {
          servers.get(number).close();
          return servers.get(number);
        });
  }

  @Override
  public String toString() {
    return "PostgresCluster" + servers;
  }

  /** Runs one step for each number on a thread of its own, and waits for all of them. */
  private static List<PostgresServer> inParallel(int count, IntFunction<PostgresServer> step) {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    List<CompletableFuture<PostgresServer>> results =
        IntStream.range(0, count)
            .mapToObj(number -> CompletableFuture.supplyAsync(() -> step.apply(number), threads))
            .toList();
    threads.shutdown();
    List<PostgresServer> servers = new ArrayList<>();
    RuntimeException failure = null;
    for (CompletableFuture<PostgresServer> result : results) {
      try {
        servers.add(result.join());
      } catch (CompletionException wrapper) {
        failure = combined(failure, Objects.requireNonNullElse(wrapper.getCause(), wrapper));
      }
    }
    if (failure != null) {
      servers.forEach(PostgresServer::close);
      throw failure;
    }
    return List.copyOf(servers);
  }

  private static RuntimeException combined(@Nullable RuntimeException first, Throwable next) {
    if (first != null) {
      first.addSuppressed(next);
      return first;
    }
    return next instanceof PostgresServerException known
        ? known
        : new PostgresServerException("A server failed: " + next, next);
  }

  /** Says what servers to start. Not thread-safe. */
  public static final class Builder {

    private final Map<String, String> settings = new LinkedHashMap<>();
    private int primaries = 1;
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
        throw new IllegalArgumentException("primaries must be at least 1, not " + count);
      }
      primaries = count;
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
     * Starts the servers in parallel and waits until all of them accept connections.
     *
     * @return the running cluster
     * @throws PostgresServerException if one does not start; the others are ended then
     */
    public PostgresCluster start() {
      PostgresHome home = PostgresHome.shared();
      Map<String, String> fixed = Map.copyOf(settings);
      return new PostgresCluster(
          inParallel(
              primaries,
              number ->
                  PostgresServer.start(
                      "postgres-" + (firstNumber + number), home, fixed, FreePort::find)));
    }
  }
}
