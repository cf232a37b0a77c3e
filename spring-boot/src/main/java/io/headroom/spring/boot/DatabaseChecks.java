package io.headroom.spring.boot;

import static io.headroom.spring.boot.Setting.require;
import static io.headroom.spring.boot.Setting.wrong;

import io.headroom.spring.boot.RoutingProperties.Level;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What must hold of {@code headroom.database} as a whole, and no library can know. */
final class DatabaseChecks {

  static final String DATABASE = "headroom.database";

  private DatabaseChecks() {}

  static void check(@Nullable DatabaseProperties database) {
    if (database == null || !database.enabled()) {
      return;
    }
    if (database.shards().isEmpty()) {
      checkServers(DATABASE, database.primary(), database.replicas());
      String why = "is for shards, and there are none in headroom.database.shards.";
      if (database.sharding().metadataShard() != null) {
        throw wrong(DATABASE + ".sharding.metadata-shard", why, "Name the shards, or drop it.");
      }
      if (database.sharding().mapFile() != null) {
        throw wrong(DATABASE + ".sharding.map-file", why, "Name the shards, or drop it.");
      }
    } else {
      String mend = "Make it a shard of its own, or drop headroom.database.shards.";
      if (database.primary() != null) {
        throw wrong(DATABASE + ".primary", "stands beside headroom.database.shards.", mend);
      }
      if (!database.replicas().isEmpty()) {
        throw wrong(DATABASE + ".replicas", "stand beside headroom.database.shards.", mend);
      }
      database
          .shards()
          .forEach(
              (id, shard) ->
                  checkServers(DATABASE + ".shards." + id, shard.primary(), shard.replicas()));
    }
    if (database.migrations().password() != null && database.migrations().username() == null) {
      throw wrong(
          DATABASE + ".migrations.password",
          "has no effect without " + DATABASE + ".migrations.username.",
          "Say whose it is, or drop it.");
    }
    checkConsistency(database.routing());
    checkRouting(database);
  }

  private static void checkServers(
      String at, @Nullable NodeProperties primary, Map<String, NodeProperties> replicas) {
    requireUrl(at + ".primary", primary);
    replicas.forEach(
        (name, replica) -> {
          requireUrl(at + ".replicas." + name, replica);
          if (replica.name() != null) {
            throw wrong(
                at + ".replicas." + name + ".name",
                "is '" + replica.name() + "', but a replica is called by its key.",
                "Write " + at + ".replicas." + replica.name() + " instead.");
          }
        });
    if (primary != null && replicas.isEmpty()) {
      checkAlone(at + ".primary.", primary);
    }
  }

  /** What only replicas give a sense would be overlooked. */
  private static void checkAlone(String at, NodeProperties primary) {
    refuse(at + "name", primary.name() != null);
    refuse(at + "weight", primary.weight() != null);
    refuse(at + "zone", primary.zone() != null);
    refuse(at + "backup", primary.backup());
  }

  private static void checkRouting(DatabaseProperties database) {
    boolean replicated =
        !database.replicas().isEmpty()
            || database.shards().values().stream().anyMatch(shard -> !shard.replicas().isEmpty());
    if (!replicated) {
      String at = DATABASE + ".routing.";
      RoutingProperties routing = database.routing();
      refuse(at + "consistency", routing.consistency() != null);
      refuse(at + "local-zone", routing.localZone() != null);
      refuse(at + "probe-interval", routing.probeInterval() != null);
      refuse(at + "probe-timeout", routing.probeTimeout() != null);
      refuse(at + "replica-wait", routing.replicaWait() != null);
      refuse(at + "primary-wait", routing.primaryWait() != null);
      refuse(at + "primary-spill", routing.primarySpill() != null);
      refuse(at + "timelines", routing.timelines() != null);
    }
  }

  private static void refuse(String property, boolean isSet) {
    if (isSet) {
      throw wrong(
          property, "has no effect, since there are no replicas.", "Name some, or drop it.");
    }
  }

  private static void requireUrl(String at, @Nullable NodeProperties node) {
    String url = node == null ? null : node.url();
    require(
        at + ".url",
        url == null || url.isBlank() ? null : url,
        "is missing: there is no server to connect to.",
        "Set it, as in jdbc:postgresql://db-a.internal/orders.");
  }

  private static void checkConsistency(RoutingProperties routing) {
    boolean bounded = routing.consistency() == Level.BOUNDED;
    if (bounded && routing.maximumLag() == null) {
      throw wrong(
          DATABASE + ".routing.maximum-lag",
          "is missing, and consistency is bounded.",
          "Say how far behind a replica may be, such as 5s.");
    }
    if (!bounded && routing.maximumLag() != null) {
      throw wrong(
          DATABASE + ".routing.maximum-lag",
          "has no effect unless consistency is bounded.",
          "Set headroom.database.routing.consistency to bounded, or drop it.");
    }
  }
}
