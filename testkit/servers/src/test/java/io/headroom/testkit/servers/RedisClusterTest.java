package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisClusterTest {

  @RegisterExtension static final RedisExtension<RedisCluster> redis = RedisExtension.cluster();

  @AfterEach
  void heal() {
    redis.heal();
    assertThat(redis.get().nodes())
        .extracting(RedisServer::isReplica)
        .containsExactly(false, false, false, true, true, true);
  }

  @Test
  void aKeyHasAPrimaryWithAReplicaWhichFailOverAndAreHealed() {
    RedisServer replica = redis.get().replicaOf(redis.get().primaryOf("order:7"));
    // snippet: servers-redis-cluster
    RedisCluster cluster = redis.get(); // of RedisExtension.cluster(): 3 primaries, 3 replicas
    RedisServer primary = cluster.primaryOf("order:7");
    primary.command("SET", "order:7", "paid");
    cluster.replicaOf(primary).awaitReplayOf(primary);
    RedisServer promoted = cluster.failOver(primary); // killed; all others agree on the next
    assertThat(promoted.command("GET", "order:7").text()).isEqualTo("paid");
    // end snippet
    assertThat(promoted).isEqualTo(replica).isEqualTo(cluster.primaryOf("order:7"));
    assertThat(primary.isRunning()).isFalse();
    assertThat(primary.isReplica()).isFalse();
    assertThatThrownBy(() -> cluster.failOver(primary)).hasMessageContaining("no primary now");
    assertThatThrownBy(() -> cluster.failOver(promoted)).hasMessageContaining("no replica");

    cluster.heal();
    assertThat(cluster.primaryOf("order:7")).isEqualTo(primary);
    assertThat(primary.command("GET", "order:7").text()).isEqualTo("paid");
  }

  @Test
  void primaryAndReplicaChangePlacesInOrder() {
    RedisCluster cluster = redis.get();
    RedisServer primary = cluster.primaryOf(0);
    RedisServer replica = cluster.replicaOf(primary);
    assertThat(cluster.switchOver(primary)).isEqualTo(replica);
    assertThat(cluster.primaryOf(0)).isEqualTo(replica);
    assertThat(cluster.replicaOf(replica)).isEqualTo(primary);
    assertThat(primary.isReplica()).isTrue();
    primary.kill();
    assertThat(primary.isReplica()).isTrue();
  }

  @Test
  void keysOfOneTagShareASlotAndOtherNodesRedirect() {
    RedisCluster cluster = redis.get();
    assertThat(cluster.uris()).hasSize(6).allMatch(uri -> uri.startsWith("redis://127.0.0.1:"));
    assertThat(cluster.slotOf("foo")).isEqualTo(12182);
    assertThat(cluster.slotOf("{foo}bar")).isEqualTo(12182);
    RedisServer owner = cluster.primaryOf("foo");
    assertThat(owner).isEqualTo(cluster.nodes().get(2));
    assertThatThrownBy(() -> cluster.nodes().get(0).command("GET", "foo"))
        .hasMessageContaining("MOVED 12182 127.0.0.1:" + owner.port());
    owner.command("SET", "foo", "bar");
    cluster.flush();
    assertThat(owner.command("GET", "foo").isNil()).isTrue();
  }

  @Test
  void aClusterThatHasForgottenSlotsIsFormedAnew() {
    RedisCluster cluster = redis.get();
    cluster.nodes().get(1).command("CLUSTER", "DELSLOTS", "6000");
    cluster.heal();
    assertThat(cluster.primaryOf(6000)).isEqualTo(cluster.nodes().get(1));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    RedisCluster cluster = redis.get();
    RedisServer primary = cluster.primaryOf(0);
    RedisServer replica = cluster.replicaOf(primary);
    assertThatThrownBy(() -> cluster.primaryOf(16_384)).hasMessageContaining("16384");
    assertThatThrownBy(() -> cluster.failOver(replica)).hasMessageContaining("no primary now");
    assertThatThrownBy(primary::addReplica).hasMessageContaining("part of a cluster");
    assertThatThrownBy(replica::promote).hasMessageContaining("part of a cluster");
    try (RedisServer stranger = RedisServer.start()) {
      assertThatThrownBy(() -> cluster.replicaOf(stranger)).hasMessageContaining("no node of");
      assertThatThrownBy(() -> stranger.follow(primary)).hasMessageContaining("part of a cluster");
    }
    replica.stop();
    assertThatThrownBy(() -> cluster.failOver(primary)).hasMessageContaining("does not answer");
    assertThat(primary.isRunning()).isTrue();
  }

  @Test
  void viewsAreReadAsRedisPrintsThem() {
    ClusterView view =
        ClusterView.parse(
            """
            a 127.0.0.1:7001@17001,host myself,master - 0 0 3 connected 0-5 7 [8->-b]
            b 127.0.0.1:7002@17002 master,fail? - 0 0 4 disconnected 5 9-10
            c ::1:7003@17003 slave a 0 0 3 connected
            """);
    assertThat(view.ownerOf(5)).map(ClusterView.Node::id).contains("b");
    assertThat(view.ownerOf(7)).map(ClusterView.Node::id).contains("a");
    assertThat(view.ownerOf(8)).isEmpty();
    assertThat(view.hasFailures()).isTrue();
    assertThat(view.replicasOf(view.onPort(7001).orElseThrow())).isEqualTo(List.of(7003));
  }
}
