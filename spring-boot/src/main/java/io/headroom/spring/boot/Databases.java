package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.Spans;
import io.headroom.routing.Consistency;
import io.headroom.routing.NodeView;
import io.headroom.routing.ProbeThreads;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.ReplicaDataSourceBuilder;
import io.headroom.routing.RoutingListener;
import io.headroom.routing.TimelineStore;
import io.headroom.spring.boot.RoutingProperties.Level;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What is behind the application's data source: a pool for each server of {@code
 * headroom.database}, guarded if there is a guard, and a {@link ReplicaDataSource} for each cluster
 * that has replicas.
 *
 * <p>Thread-safe once it is made. It closes all of it, last opened first.
 */
final class Databases implements AutoCloseable {

  private static final int MOST_PROBE_THREADS = 16;
  private static final int MOST_OPENED_AT_ONCE = 4; // each has some servers to probe
  private static final Duration PRIMARY_ANSWERS_WITHIN = Duration.ofSeconds(5);

  private final DatabaseProperties properties;
  private final @Nullable GuardedPools guard;
  private final List<RoutingListener> listeners;
  private final Spans spans;
  private final Pools pools;
  private final Map<String, DataSource> clusters = new LinkedHashMap<>();

  /** Opens each cluster, once its pools are made. */
  private final Map<String, Supplier<DataSource>> ready = new LinkedHashMap<>();

  private final Map<String, HikariDataSource> poolsByName = new LinkedHashMap<>();

  /** Of each cluster, what its first primary is called among its nodes. */
  private final Map<String, String> firstPrimaries = new LinkedHashMap<>();

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private @Nullable ProbeThreads probeThreads;

  /**
   * Opens everything.
   *
   * @param guard null for none
   */
  Databases(
      DatabaseProperties properties,
      @Nullable GuardedPools guard,
      List<RoutingListener> listeners,
      Spans spans) {
    this.properties = properties;
    this.guard = guard;
    this.listeners = listeners;
    this.spans = spans;
    this.pools = new Pools(properties);
    try {
      open();
    } catch (RuntimeException | Error failure) {
      closeAfter(failure, this);
      throw failure;
    }
  }

  /** What fails at the end hides nothing of what failed before. */
  static void closeAfter(Throwable failure, AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception | Error another) {
      failure.addSuppressed(another);
    }
  }

  private void open() {
    if (properties.shards().isEmpty()) {
      prepare(
          DatabaseChecks.DATABASE,
          properties.name(),
          Objects.requireNonNull(properties.primary()),
          properties.replicas());
      ready.forEach((name, open) -> add(name, open.get()));
      return;
    }
    long servers =
        properties.shards().values().stream().mapToLong(shard -> 1 + shard.replicas().size()).sum();
    probeThreads = opened(ProbeThreads.create((int) Math.min(servers, MOST_PROBE_THREADS)));
    properties
        .shards()
        .forEach(
            (id, shard) ->
                prepare(
                    DatabaseChecks.DATABASE + ".shards." + id,
                    id,
                    Objects.requireNonNull(shard.primary()),
                    shard.replicas()));
    openAll();
  }

  /**
   * All clusters at a time, since each waits until its servers have answered, or for as long as a
   * probe may take.
   */
  private void openAll() {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.min(ready.size(), MOST_OPENED_AT_ONCE),
            task -> {
              Thread thread = new Thread(task, "headroom-databases");
              thread.setDaemon(true);
              return thread;
            });
    Map<String, CompletableFuture<DataSource>> opening = new LinkedHashMap<>();
    ready.forEach(
        (cluster, open) -> opening.put(cluster, CompletableFuture.supplyAsync(open, threads)));
    threads.shutdown();
    ready.clear();
    Throwable first = null;
    for (Map.Entry<String, CompletableFuture<DataSource>> one : opening.entrySet()) {
      try {
        add(one.getKey(), one.getValue().get()); // and those after it, which are to be closed
      } catch (InterruptedException interrupt) {
        threads.shutdownNow();
        throw givenUp(opening, interrupt, first);
      } catch (ExecutionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        if (first == null) {
          first = cause;
        } else {
          first.addSuppressed(cause);
        }
      }
    }
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      throw first instanceof RuntimeException own ? own : new CompletionException(first);
    }
  }

  /** Closes what nobody waits for any more, when it comes; its pools are closed with the others. */
  private IllegalStateException givenUp(
      Map<String, CompletableFuture<DataSource>> opening,
      InterruptedException interrupt,
      @Nullable Throwable before) {
    opening.forEach(
        (name, late) -> {
          if (!clusters.containsKey(name)) {
            var unused = late.thenAccept(Databases::closeCluster);
          }
        });
    Thread.currentThread().interrupt();
    IllegalStateException failure =
        new IllegalStateException(
            "the start was interrupted while it waited for the servers of "
                + DatabaseChecks.DATABASE
                + ".shards",
            interrupt);
    if (before != null) {
      failure.addSuppressed(before);
    }
    return failure;
  }

  /** On a thread that is interrupted, as all that open clusters are then. */
  private static void closeCluster(DataSource cluster) {
    if (cluster instanceof ReplicaDataSource replicas) {
      uninterrupted(replicas::close);
    }
  }

  private void add(String name, DataSource cluster) {
    if (cluster instanceof ReplicaDataSource replicas) {
      opened(replicas);
    }
    clusters.put(name, cluster);
  }

  /** Makes the pools of a cluster, of which the primary's pool is guarded by the cluster's name. */
  private void prepare(
      String at, String cluster, NodeProperties primary, Map<String, NodeProperties> replicas) {
    boolean alone = replicas.isEmpty();
    DataSource writes = pool(at + ".primary", primary, cluster, alone);
    if (alone) {
      ready.put(cluster, () -> writes);
      return;
    }
    ReplicaDataSourceBuilder builder = Setting.check(at, () -> ReplicaDataSource.builder(cluster));
    String first = primary.name() == null ? "primary" : primary.name();
    Setting.check(at + ".primary", () -> builder.primary(first, writes));
    firstPrimaries.put(cluster, first);
    placed(at + ".primary", builder, first, primary);
    replicas.forEach(
        (name, replica) -> {
          String where = at + ".replicas." + name;
          DataSource pool = pool(where, replica, cluster + "/" + name, true);
          Setting.check(where, () -> builder.replica(name, pool));
          placed(where, builder, name, replica);
          Setting.choose(where + ".backup", replica.backup(), () -> builder.backup(name));
        });
    routed(builder);
    ready.put(cluster, () -> Setting.check(at, builder::build));
  }

  private static void placed(
      String at, ReplicaDataSourceBuilder builder, String name, NodeProperties node) {
    Setting.set(at + ".weight", node.weight(), weight -> builder.weight(name, weight));
    Setting.set(at + ".zone", node.zone(), zone -> builder.zone(name, zone));
  }

  private void routed(ReplicaDataSourceBuilder builder) {
    String at = DatabaseChecks.DATABASE + ".routing.";
    RoutingProperties routing = properties.routing();
    Level level = routing.consistency();
    if (level != null) {
      builder.consistency(
          Setting.check(at + "maximum-lag", () -> consistency(level, routing.maximumLag())));
    }
    Setting.set(at + "local-zone", routing.localZone(), builder::localZone);
    Setting.set(at + "probe-interval", routing.probeInterval(), builder::probeInterval);
    Setting.set(at + "probe-timeout", routing.probeTimeout(), builder::probeTimeout);
    Setting.set(at + "replica-wait", routing.replicaWait(), builder::replicaWait);
    Setting.set(at + "primary-wait", routing.primaryWait(), builder::primaryWait);
    Setting.set(at + "primary-spill", routing.primarySpill(), builder::primarySpill);
    Setting.set(at + "timelines", routing.timelines(), file -> builder.timelines(store(at, file)));
    if (guard != null) {
      builder.loadSignal(guard.guard().levels());
    }
    if (probeThreads != null) {
      builder.probeThreads(probeThreads);
    }
    listeners.forEach(builder::listener);
    builder.spans(spans);
  }

  private static Consistency consistency(Level level, @Nullable Duration maximumLag) {
    return switch (level) {
      case EVENTUAL -> Consistency.EVENTUAL;
      case BOUNDED -> Consistency.bounded(Objects.requireNonNull(maximumLag));
      case READ_YOUR_WRITES -> Consistency.READ_YOUR_WRITES;
      case MONOTONIC -> Consistency.MONOTONIC;
      case STRONG -> Consistency.STRONG;
    };
  }

  private static TimelineStore store(String at, Path file) {
    try {
      return TimelineStore.file(file);
    } catch (IOException unreadable) {
      throw new HeadroomPropertyException(
          at + "timelines",
          "cannot be read: " + unreadable.getMessage(),
          "Name a file of timelines, or one that is not there yet.",
          new UncheckedIOException(unreadable));
    }
  }

  private DataSource pool(String at, NodeProperties node, String name, boolean readFrom) {
    HikariDataSource pool = opened(pools.open(at, node, name));
    poolsByName.put(name, pool);
    GuardedPools guarding = guard;
    return guarding == null
        ? pool
        : Setting.check(at, () -> guarding.protect(name, pool, readFrom));
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  /** The one cluster, where there are no shards. */
  DataSource only() {
    return clusters.values().iterator().next();
  }

  /** What is behind each shard, or the one cluster; by name. */
  Map<String, DataSource> clusters() {
    return Collections.unmodifiableMap(clusters);
  }

  /** Of the clusters, those that have replicas. */
  Map<String, ReplicaDataSource> replicated() {
    Map<String, ReplicaDataSource> some = new LinkedHashMap<>();
    clusters.forEach(
        (name, cluster) -> {
          if (cluster instanceof ReplicaDataSource replicas) {
            some.put(name, replicas);
          }
        });
    return some;
  }

  /**
   * The pool of the server that takes a cluster's writes now, which is another one than the file
   * says after a failover. No guard stands before it.
   *
   * @throws SQLException if there is none within {@code primary-wait}, or if it says nothing
   */
  HikariDataSource primaryOf(String cluster) throws SQLException {
    String name = cluster;
    if (clusters.get(cluster) instanceof ReplicaDataSource replicas) {
      String writer = Silence.ask(bounded -> writerOf(replicas, bounded));
      name = writer.equals(firstPrimaries.get(cluster)) ? cluster : cluster + "/" + writer;
    }
    return Objects.requireNonNull(poolsByName.get(name), name);
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private static String writerOf(ReplicaDataSource replicas, boolean bounded) throws SQLException {
    RequestContext critical = RequestContext.builder().criticality(Criticality.CRITICAL).build();
    try (RequestContext.Scope scope = critical.attach();
        Connection connection = replicas.getConnection();
        Statement statement = connection.createStatement()) {
      Silence.bound(statement, PRIMARY_ANSWERS_WITHIN, bounded);
      statement.execute("SELECT 1"); // waits for a primary
    }
    return replicas.nodes().stream()
        .filter(NodeView::primary)
        .map(NodeView::name)
        .findFirst()
        .orElseThrow(
            () ->
                new SQLTransientConnectionException(
                    "cluster '" + replicas.name() + "' has lost its primary", "08001"));
  }

  Map<String, HikariDataSource> pools() {
    return Collections.unmodifiableMap(poolsByName);
  }

  /** Also for a thread that is interrupted, for which HikariCP would leave half of a pool open. */
  @Override
  public void close() {
    uninterrupted(this::closeAll);
  }

  static void uninterrupted(Runnable work) {
    boolean interrupted = Thread.interrupted();
    try {
      work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void closeAll() {
    RuntimeException first = null;
    for (AutoCloseable resource = opened.poll(); resource != null; resource = opened.poll()) {
      try {
        resource.close();
      } catch (Exception failure) {
        first = first == null ? new IllegalStateException("could not be closed", failure) : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
