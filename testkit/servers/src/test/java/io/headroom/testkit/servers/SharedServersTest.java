package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedServersTest {

  @Test
  void growsToTheMostDemandingAndHealsWhatTheLastUserBroke() {
    try (SharedServers shared =
        new SharedServers(new SharedServers.Kind(Map.of("work_mem", "3MB"), 0))) {
      List<PostgresServer> two = shared.first(2);
      two.get(0).kill();
      two.get(1).stop();
      List<PostgresServer> three = shared.first(3);
      assertThat(three).startsWith(two.get(0), two.get(1)).hasSize(3);
      assertThat(three).extracting(PostgresServer::name).doesNotHaveDuplicates();
      three.forEach(server -> server.createDatabase("answers"));
      assertThat(shared.first(1)).containsExactly(two.get(0));
    }
  }

  @Test
  void namesDatabasesAfterTheTestAndEachOnce() {
    try (SharedServers shared = new SharedServers(new SharedServers.Kind(Map.of(), 0))) {
      assertThat(shared.newDatabaseName("KeyHashTest")).isEqualTo("key_hash_test_1");
      assertThat(shared.newDatabaseName("KeyHashTest")).isEqualTo("key_hash_test_2");
      assertThat(shared.newDatabaseName("X".repeat(100))).hasSizeLessThan(63);
    }
  }
}
