package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LagLimit;
import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of several copies that would do a read gets. */
@SuppressWarnings("try") // scopes are opened for their effect
class ReadPlacementTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  private final PostgresServer first = postgres.replicasOf(0).get(0);
  private final PostgresServer second = postgres.replicasOf(0).get(1);

  private final Fleet fleet =
      new Fleet(
          List.of(postgres.server(0), first, second),
          postgres.database(),
          builder -> builder.backup(second.name()).replicaWait(Duration.ofSeconds(10)));

  @AfterEach
  void nothingIsLeaked() {
    assertThat(fleet.borrowed()).as("connections not given back").isZero();
    assertThat(fleet.dataSource().nodes()).allMatch(view -> view.inFlight() == 0);
    fleet.close();
  }

  /** With no probe in between, which could be late, or bring what it saw before the last read. */
  @Test
  void readsOfOwnWritesLeaveTheBackupAlone() throws SQLException {
    fleet.createTable();
    try (Fleet seldomProbed =
        new Fleet(
            List.of(postgres.server(0), first, second),
            postgres.database(),
            PostgresServer::port,
            Duration.ofHours(1),
            builder -> builder.backup(second.name()).replicaWait(Duration.ofSeconds(10)))) {
      for (long id = 1; id <= 300; id++) {
        try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
          seldomProbed.insert(id);
          assertThat(seldomProbed.readNode()).as("read %s", id).isEqualTo(first.name());
          assertThat(seldomProbed.sees(id)).isTrue();
        }
      }
      assertThat(seldomProbed.dataSource().routes().counts().routed(1, RouteReason.FRESH))
          .as("what one read has learned by asking, the next need not ask")
          .isGreaterThanOrEqualTo(300);
    }
  }

  @Test
  void underALagLimitAPausedReplicaIsNotReadThoughAnyWouldDo() throws SQLException {
    Duration limit = Duration.ofSeconds(1);
    RequestContext any =
        RequestContext.builder().with(Consistency.KEY, Consistency.EVENTUAL).build();
    fleet.createTable();
    second.awaitReplayOf(postgres.server(0));
    first.awaitReplayOf(postgres.server(0));
    first.pauseReplay();
    try (RequestContext.Scope unlimited = any.attach()) {
      fleet.insert(1);
      second.awaitReplayOf(postgres.server(0));
      Awaitility.await()
          .until(
              () ->
                  fleet.dataSource().node(1).lag().orElse(Duration.ZERO).compareTo(limit) > 0
                      && fleet.readNode().equals(first.name()));
      assertThat(fleet.sees(1)).as("without a limit").isFalse();
      RequestContext load = any.toBuilder().with(LagLimit.KEY, limit).build();
      try (RequestContext.Scope limited = load.attach()) {
        for (int i = 0; i < 20; i++) {
          assertThat(fleet.readNode()).isNotEqualTo(first.name());
          assertThat(fleet.sees(1)).isTrue();
        }
      }
    } finally {
      first.resumeReplay();
    }
  }

  /** A replica would answer 0A000. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSerializableReadRunsOnThePrimary(boolean autoCommit) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(autoCommit);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      assertThat(fleet.nodeOf(connection)).isEqualTo("postgres-0");
      if (!autoCommit) {
        connection.commit();
      }
    }
    RouteCounts counts = fleet.dataSource().routes().counts();
    assertThat(counts.routed(0, RouteReason.SERIALIZABLE)).isEqualTo(1);
    for (int i = 0; i < 10; i++) {
      try (Connection connection = fleet.dataSource().getConnection()) {
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        assertThat(fleet.nodeOf(connection)).isEqualTo(first.name());
      }
    }
  }
}
