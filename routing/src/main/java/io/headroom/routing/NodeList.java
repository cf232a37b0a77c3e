package io.headroom.routing;

import io.headroom.SetOnce;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What a builder was told of each node. Not thread-safe. */
final class NodeList {

  private final String cluster;
  private final Map<String, DataSource> pools = new LinkedHashMap<>();
  private final Map<String, Double> weights = new HashMap<>();
  private final Map<String, String> zones = new HashMap<>();
  private final Map<String, DataSource> probedVia = new HashMap<>();
  private final Map<String, String> resources = new HashMap<>();
  private final Set<String> backups = new TreeSet<>();
  private @Nullable String primary;

  NodeList(String cluster) {
    this.cluster = cluster;
  }

  void primary(String name, DataSource pool) {
    if (primary != null) {
      throw new IllegalStateException(
          "cluster '"
              + cluster
              + "' has two primaries: '"
              + primary
              + "' and '"
              + name
              + "'; a cluster has one, the others are replicas");
    }
    add(name, pool);
    primary = name;
  }

  @SuppressWarnings("ReferenceEquality") // is it the very same pool?
  void add(String name, DataSource pool) {
    requireName("node", name);
    Objects.requireNonNull(pool, () -> "pool of node '" + name + "' must not be null");
    pools.forEach(
        (other, itsPool) -> {
          if (itsPool == pool) {
            throw new IllegalStateException(
                "nodes '" + other + "' and '" + name + "' have the same pool: give each its own");
          }
        });
    if (pools.size() == Node.MAX) {
      throw new IllegalArgumentException("a cluster has at most " + Node.MAX + " nodes");
    }
    if (pools.putIfAbsent(name, pool) != null) {
      throw new IllegalStateException(
          "node '" + name + "' is there twice in cluster '" + cluster + "': name each differently");
    }
  }

  void weight(String node, double weight) {
    if (!(weight > 0 && weight <= 1_000)) {
      throw new IllegalArgumentException(
          "weight of node '" + node + "' must be more than 0 and at most 1000, was " + weight);
    }
    requireFirst("weight", node, weights.putIfAbsent(node, weight) == null);
  }

  void zone(String node, String zone) {
    requireFirst("zone", node, zones.putIfAbsent(node, requireName("zone", zone)) == null);
  }

  void backup(String node) {
    requireFirst("backup", node, backups.add(node));
  }

  void probeVia(String node, DataSource connections) {
    Objects.requireNonNull(connections, "connections must not be null");
    requireFirst("probeVia", node, probedVia.putIfAbsent(node, connections) == null);
  }

  void loadResource(String node, String resource) {
    requireName("loadResource of node '" + node + "'", resource);
    requireFirst("loadResource", node, resources.putIfAbsent(node, resource) == null);
  }

  private void requireFirst(String option, String node, boolean first) {
    SetOnce.refuseSecond("cluster '" + cluster + "'", option + " of node '" + node + "'", !first);
  }

  static String requireName(String what, String name) {
    if (Objects.requireNonNull(name, () -> what + " must not be null").isBlank()) {
      throw new IllegalArgumentException(what + " must not be blank");
    }
    return name;
  }

  void check(@Nullable String localZone) {
    if (primary == null) {
      throw new IllegalStateException(
          "cluster '" + cluster + "' has no primary: name it with primary(name, pool)");
    }
    requireKnown("weight", weights.keySet());
    requireKnown("zone", zones.keySet());
    requireKnown("backup", backups);
    requireKnown("probeVia", probedVia.keySet());
    requireKnown("loadResource", resources.keySet());
    if (backups.contains(primary)) {
      throw new IllegalStateException(
          "node '"
              + primary
              + "' of cluster '"
              + cluster
              + "' is the primary and a backup: only a replica can be a backup");
    }
    if (localZone != null && !zones.containsValue(localZone)) {
      throw new IllegalStateException(
          "localZone '"
              + localZone
              + "' of cluster '"
              + cluster
              + "' is the zone of no node; the zones are "
              + new TreeSet<>(zones.values()));
    }
  }

  private void requireKnown(String option, Set<String> names) {
    Set<String> unknown = new TreeSet<>(names);
    unknown.removeAll(pools.keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalStateException(
          option
              + " is set for "
              + unknown
              + ", but the nodes of cluster '"
              + cluster
              + "' are "
              + pools.keySet());
    }
  }

  /** By name, the primary first. */
  Map<String, DataSource> pools() {
    Map<String, DataSource> ordered = new LinkedHashMap<>();
    String first = Objects.requireNonNull(primary);
    ordered.put(first, Objects.requireNonNull(pools.get(first)));
    pools.forEach(ordered::putIfAbsent);
    return ordered;
  }

  NodeSettings settings(String node, int capacity) {
    return new NodeSettings(
        node,
        weights.getOrDefault(node, 1.0),
        zones.get(node),
        backups.contains(node),
        capacity,
        resources.getOrDefault(node, node.equals(primary) ? cluster : cluster + "/" + node));
  }

  @Nullable DataSource probedVia(String node) {
    return probedVia.get(node);
  }
}
