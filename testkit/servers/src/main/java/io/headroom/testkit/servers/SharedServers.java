package io.headroom.testkit.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The servers that all test classes of a JVM share, as many as the most demanding has asked for.
 * JUnit closes them: before version 5.13 as a {@code CloseableResource}, then as {@link
 * AutoCloseable}.
 */
@SuppressWarnings("deprecation")
final class SharedServers implements AutoCloseable, ExtensionContext.Store.CloseableResource {

  /** What classes must agree on to share servers. */
  record Kind(Map<String, String> settings, int replicas) {}

  private final Kind kind;
  private final List<PostgresCluster> clusters = new ArrayList<>();
  private final List<PostgresServer> servers = new ArrayList<>();
  private int databases;

  SharedServers(Kind kind) {
    this.kind = kind;
  }

  /** The first primaries, all of them as at their start; those that are missing are started. */
  synchronized List<PostgresServer> first(int count) {
    List<PostgresServer> old = List.copyOf(servers.subList(0, Math.min(count, servers.size())));
    heal(old);
    if (servers.size() < count) {
      PostgresCluster.Builder builder =
          PostgresCluster.builder()
              .primaries(count - servers.size())
              .replicas(kind.replicas())
              .firstNumber(servers.size());
      kind.settings().forEach(builder::setting);
      PostgresCluster cluster = builder.start();
      clusters.add(cluster);
      servers.addAll(cluster.primaries());
    }
    return List.copyOf(servers.subList(0, count));
  }

  /** Undoes what was done to servers and their replicas. */
  static void heal(List<PostgresServer> primaries) {
    InParallel.run(primaries, primary -> primary.group().heal());
  }

  /** A name that no other database of these servers has, with the test's name in it. */
  synchronized String newDatabaseName(String test) {
    String words = test.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replaceAll("\\W+", "_");
    String name = words.toLowerCase(Locale.ROOT);
    databases++;
    return name.substring(0, Math.min(50, name.length())) + "_" + databases;
  }

  @Override
  public synchronized void close() {
    clusters.forEach(PostgresCluster::close);
  }
}
