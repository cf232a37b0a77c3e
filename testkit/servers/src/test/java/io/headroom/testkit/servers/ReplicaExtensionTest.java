package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ReplicaExtensionTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1);

  @AfterEach
  void heal() {
    postgres.heal();
  }

  @RepeatedTest(2)
  void aFailoverInOneTestIsUndoneForTheNext() throws SQLException {
    PostgresServer replica = postgres.replicasOf(0).get(0);
    try (Connection connection = replica.dataSource(postgres.database()).getConnection()) {
      assertThat(connection.getCatalog()).isEqualTo(postgres.database());
    }
    assertThat(postgres.server(0).failOver()).isEqualTo(replica);
    assertThat(postgres.replicasOf(0)).isEmpty();
  }

  @Test
  void replicasAreThoseOfAServerOrOfItsNumber() {
    PostgresServer primary = postgres.server(0);
    PostgresServer replica = postgres.replicasOf(0).get(0);
    assertThat(postgres.replicasOf(primary)).containsExactly(replica);
    primary.kill();
    replica.promote();
    primary.recloneFrom(replica);
    assertThat(postgres.replicasOf(replica)).containsExactly(primary);
    assertThat(postgres.replicasOf(0)).isEqualTo(postgres.replicasOf(primary)).isEmpty();
    assertThatThrownBy(() -> postgres.replicasOf(1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void nonsenseIsRefusedByName() {
    assertThatThrownBy(() -> postgres.replicas(-1)).hasMessageContaining("at least 0, was -1");
    assertThat(postgres.replicas(2).toString()).contains("servers=1");
  }
}
