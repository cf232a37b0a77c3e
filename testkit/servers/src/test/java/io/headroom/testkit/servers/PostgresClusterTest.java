package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class PostgresClusterTest {

  @Test
  void serversAreSeparateAndGoneAfterClose() throws SQLException {
    List<Path> folders;
    try (PostgresCluster cluster = PostgresCluster.start(2)) {
      folders = cluster.servers().stream().map(PostgresServer::dataFolder).toList();
      assertThat(cluster.server(0).port()).isNotEqualTo(cluster.server(1).port());
      try (Connection first = cluster.server(0).createDatabase("orders").getConnection();
          Connection second = cluster.server(1).createDatabase("orders").getConnection()) {
        first.createStatement().execute("CREATE TABLE item (id bigint)");
        second.createStatement().execute("CREATE TABLE item (id bigint)");
      }
      assertThat(folders).allMatch(folder -> folder.resolve("PG_VERSION").toFile().exists());
    }
    assertThat(folders).noneMatch(folder -> folder.toFile().exists());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aKilledServerLeavesNoSharedMemoryBehind() throws IOException {
    Path segments = Path.of("/proc/sysvipc/shm");
    try (PostgresCluster cluster = PostgresCluster.start(1)) {
      Path lockFile = cluster.server(0).dataFolder().resolve("postmaster.pid");
      String[] keyAndId = Files.readAllLines(lockFile).get(6).strip().split(" +", 2);
      Pattern row = Pattern.compile("(?m)^ *-?\\d+ +" + keyAndId[1] + " ");
      assertThat(Files.readString(segments)).containsPattern(row);
      cluster.server(0).kill();
      assertThat(Files.readString(segments)).doesNotContainPattern(row);
    }
  }

  @Test
  void eachPrimaryHasItsOwnNumberOfReplicas() {
    try (PostgresCluster cluster =
        PostgresCluster.builder().primaries(2).replicas(1).replicas(1, 0).start()) {
      assertThat(cluster.servers())
          .extracting(PostgresServer::name)
          .containsExactly("postgres-0", "postgres-1", "postgres-0-replica-1");
      assertThat(cluster.replicasOf(cluster.server(0))).containsExactly(cluster.servers().get(2));
      assertThat(cluster.replicasOf(cluster.server(1))).isEmpty();
      assertThat(cluster.primaries()).containsExactly(cluster.server(0), cluster.server(1));
      assertThatThrownBy(() -> cluster.servers().get(2).follow(cluster.server(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "postgres-0-replica-1 cannot follow postgres-1, which has other data: give one of"
                  + " [postgres-0, postgres-0-replica-1]");
    }
  }

  @Test
  void aReplicaLeftBehindByItsPrimarysSettingsIsClonedAgain() {
    try (PostgresCluster cluster = PostgresCluster.builder().replicas(1).start()) {
      cluster.server(0).set("max_connections", "151");
      cluster.server(0).restart();
      PostgresServer added = cluster.server(0).addReplica();
      assertThat(added.name()).isEqualTo("postgres-0-replica-2");
      assertThat(Session.ask(added, "SHOW max_connections")).isEqualTo("151");
      cluster.heal();
      PostgresServer replica = cluster.replicasOf(cluster.server(0)).get(0);
      assertThat(Session.ask(replica, "SHOW max_connections")).isEqualTo("151");
      replica.awaitReplayOf(cluster.server(0));
    }
  }

  @Test
  void nonsenseIsRefusedByName() {
    PostgresCluster.Builder builder = PostgresCluster.builder().setting("work_mem", "1MB");
    assertThatThrownBy(() -> builder.primaries(0)).hasMessageContaining("at least 1, was 0");
    assertThatThrownBy(() -> builder.replicas(-1)).hasMessageContaining("at least 0, was -1");
    assertThatThrownBy(() -> PostgresCluster.builder().replicas(1, 2).start())
        .hasMessageContaining("replicas of primary 1, but primaries are 0 to 0");
    assertThatThrownBy(() -> builder.setting("work_mem", "2MB"))
        .hasMessageContaining("work_mem is set twice: to 1MB and to 2MB");
    assertThatThrownBy(() -> builder.setting("port", "5432")).hasMessageContaining("'port'");
    assertThatThrownBy(() -> builder.setting("a b", "1")).hasMessageContaining("'a b'");
  }

  @Test
  void aClosedServerSaysSo() {
    PostgresCluster cluster = PostgresCluster.start(1);
    cluster.close();
    cluster.close();
    PostgresServer server = cluster.server(0);
    assertThat(server.isRunning()).isFalse();
    assertThat(cluster.toString()).contains("postgres-0").contains("closed");
    assertThatThrownBy(server::restart).hasMessageContaining("postgres-0 is closed");
    assertThatThrownBy(server::log).isInstanceOf(ServerException.class);
  }
}
