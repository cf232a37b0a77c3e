package io.headroom.cache;

import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replica of a cluster takes over, in order or not, and may not have heard of everything. */
class ClusterFailoverTest {

  @RegisterExtension static final RedisExtension<RedisCluster> cluster = RedisExtension.cluster();

  @AfterEach
  void heal() {
    cluster.heal();
  }

  private static Pair pair(Fleet fleet) {
    return new Pair(fleet, builder -> builder, shared -> shared.partitions(2));
  }

  private static RedisServer primaryOf(Fleet fleet) {
    return cluster.get().primaryOf("{" + fleet.name() + ":00}");
  }

  private static Fleet onCluster() {
    return new Fleet(true, cluster.get().uris().toArray(String[]::new));
  }

  @Test
  void aClusterReplacesADeadPrimary() {
    Fleet fleet = onCluster();
    try (Pair pair = pair(fleet)) {
      String meanwhile = pair.sharedKey();
      pair.assertSurvives(
          () -> {
            RedisServer primary = primaryOf(fleet);
            primary.kill();
            pair.change(meanwhile);
            cluster.get().failOver(primary);
          });
      pair.awaitNew(pair.there, meanwhile);
    }
  }

  @Test
  void aClusterSwitchesOver() {
    Fleet fleet = onCluster();
    try (Pair pair = pair(fleet)) {
      pair.assertSurvives(() -> cluster.get().switchOver(primaryOf(fleet)));
    }
  }
}
