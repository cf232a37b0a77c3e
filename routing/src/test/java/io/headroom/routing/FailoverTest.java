package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.RetryLater;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@SuppressWarnings("try") // scopes are opened for their effect
class FailoverTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2).exclusive();

  private PostgresServer primary;
  private PostgresServer first;
  private PostgresServer second;
  private Fleet fleet;

  @BeforeEach
  void open() throws SQLException {
    primary = postgres.server(0);
    first = postgres.replicasOf(0).get(0);
    second = postgres.replicasOf(0).get(1);
    List<PostgresServer> servers = new ArrayList<>(List.of(primary, first, second));
    fleet = new Fleet(servers, postgres.database(), builder -> builder);
    fleet.createTable();
  }

  @AfterEach
  void nothingIsLeaked() {
    assertThat(fleet.borrowed()).as("connections not given back").isZero();
    assertThat(fleet.dataSource().nodes()).allMatch(view -> view.inFlight() == 0);
    fleet.close();
    postgres.heal();
  }

  @Test
  void aPromotedReplicaIsWrittenToWithoutARestart() throws SQLException {
    fleet.insert(1);
    first.awaitReplayOf(primary);
    primary.kill();
    first.promote();
    long promoted = System.nanoTime();
    fleet.insert(2);
    System.out.printf(
        "first write %d ms after the promotion, probes every %d ms%n",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - promoted),
        Fleet.PROBE_INTERVAL.toMillis());
    assertThat(fleet.primary()).isEqualTo(first.name());
    assertThat(fleet.writeNode()).isEqualTo(first.name());
    try (Connection connection = fleet.dataSource().getConnection()) {
      assertThat(Fleet.sees(connection, 1)).isTrue();
      assertThat(Fleet.sees(connection, 2)).isTrue();
    }
  }

  @Test
  void aWriteDuringTheGapWaitsForTheNewPrimary() throws Exception {
    primary.kill();
    Thread promotion = new Thread(first::promote, "promotion");
    Awaitility.await().until(() -> fleet.primary().equals("none"));
    promotion.start();
    fleet.insert(3);
    promotion.join();
    assertThat(fleet.writeNode()).isEqualTo(first.name());
  }

  @Test
  void aWriteGivesUpInTimeAndSaysWhatIsMissing() {
    primary.kill();
    Awaitility.await().until(() -> fleet.primary().equals("none"));
    RequestContext hurried = RequestContext.builder().timeout(Duration.ofMillis(300)).build();
    try (RequestContext.Scope scope = hurried.attach()) {
      assertThatThrownBy(() -> fleet.insert(1))
          .isInstanceOfSatisfying(
              NoPrimaryException.class,
              none ->
                  assertThat(none.retryAfter())
                      .as("a probe's time-out")
                      .isEqualTo(Duration.ofMillis(500)))
          .isInstanceOf(RetryLater.class)
          .hasMessageContaining("cluster 'orders' has no primary")
          .hasMessageContaining(primary.name());
    }
  }

  @Test
  void anOldTokenDoesNotSendItsCallerToThePrimaryForEver() throws SQLException {
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope scope = request.attach()) {
      fleet.insert(1);
      assertThat(fleet.sees(1)).isTrue();
    }
    first.awaitReplayOf(primary);
    second.awaitReplayOf(primary);
    primary.kill();
    first.promote();
    second.follow(first);
    fleet.insert(2);
    Awaitility.await()
        .untilAsserted(
            () -> {
              try (RequestContext.Scope scope = request.attach()) {
                assertThat(fleet.sees(1)).isTrue();
                assertThat(fleet.readNode()).isEqualTo(second.name());
              }
            });
  }

  /** Its primary died before anyone asked where the commit lies. */
  @Test
  void aTokenOfUnknownPositionIsMendedByOneReadOfTheNewPrimary() throws SQLException {
    first.awaitReplayOf(primary);
    second.awaitReplayOf(primary);
    RequestContext request = RequestContext.builder().build();
    String domain = domainOf(request);
    request.observe(ConsistencyToken.of(domain, 1, Long.MAX_VALUE));
    primary.kill();
    first.promote();
    second.follow(first);
    fleet.insert(1);
    Awaitility.await()
        .untilAsserted(
            () -> {
              try (RequestContext.Scope scope = request.attach()) {
                assertThat(fleet.readNode()).isEqualTo(second.name());
              }
            });
    assertThat(request.token().position(domain).orElseThrow().incarnation()).isEqualTo(2);
  }

  /** Its place could not be asked, and no failover came that would have ended its timeline. */
  @Test
  void aTokenOfUnknownPositionIsMendedByOneReadOfThePrimaryItIsAbout() throws SQLException {
    RequestContext request = RequestContext.builder().build();
    String domain = domainOf(request);
    ConsistencyToken.Position known = request.token().position(domain).orElseThrow();
    request.observe(ConsistencyToken.of(domain, 1, ConsistencyToken.Position.UNKNOWN));
    try (RequestContext.Scope scope = request.attach()) {
      assertThat(fleet.readNode()).isEqualTo(primary.name());
      assertThat(request.token().position(domain).orElseThrow().position())
          .isGreaterThanOrEqualTo(known.position())
          .isLessThan(ConsistencyToken.Position.UNKNOWN);
      Awaitility.await()
          .untilAsserted(() -> assertThat(fleet.readNode()).isNotEqualTo(primary.name()));
    }
  }

  /** As after a database was built anew from a dump: its timelines begin at 1 again. */
  @Test
  void aTokenOfAnotherClusterUnderTheSameNameStopsNothing() throws SQLException {
    RequestContext stranger = RequestContext.builder().build();
    stranger.observe(
        ConsistencyToken.of(TokenDomain.of("orders", "7000000000000000001"), 9, 1L << 40));
    RequestContext own = RequestContext.builder().build();
    try (RequestContext.Scope scope = stranger.attach()) {
      fleet.insert(1);
      assertThat(fleet.sees(1)).isTrue();
      assertThat(fleet.readNode()).isNotEqualTo(primary.name());
    }
    try (RequestContext.Scope scope = own.attach()) {
      fleet.insert(2);
    }
    assertThat(stranger.token().domains()).hasSize(2).containsAll(own.token().domains());
  }

  private String domainOf(RequestContext request) throws SQLException {
    try (RequestContext.Scope scope = request.attach()) {
      fleet.insert(0);
    }
    return request.token().domains().iterator().next();
  }

  @Test
  void anOldPrimaryThatComesBackIsNotWrittenTo() throws SQLException {
    primary.kill();
    first.promote();
    fleet.insert(1);
    primary.restart(); // takes writes, on a timeline that has ended
    Awaitility.await().until(() -> fleet.view(primary.name()).up());
    for (int i = 0; i < 20; i++) {
      assertThat(fleet.writeNode()).isEqualTo(first.name());
      assertThat(fleet.readNode()).isNotEqualTo(primary.name());
    }
  }

  @Test
  void aConnectionThatIsKeptDoesNotOutliveItsPrimary() throws SQLException {
    try (Connection kept = fleet.dataSource().getConnection();
        Connection open = fleet.dataSource().getConnection()) {
      open.setAutoCommit(false);
      try (Statement autoCommitting = kept.createStatement();
          Statement transacting = open.createStatement()) {
        autoCommitting.execute("INSERT INTO notes VALUES (1, 'before')");
        transacting.execute("INSERT INTO notes VALUES (2, 'open')");
        first.awaitReplayOf(primary);
        first.promote(); // while the old primary lives, and would take both
        Awaitility.await().until(() -> fleet.primary().equals(first.name()));
        assertThatThrownBy(open::commit).isInstanceOf(PrimaryDemotedException.class);
        assertThatThrownBy(() -> autoCommitting.execute("INSERT INTO notes VALUES (3, 'after')"))
            .isInstanceOf(SQLException.class);
      }
    }
    try (Connection old = primary.dataSource(postgres.database()).getConnection()) {
      assertThat(Fleet.sees(old, 1)).isTrue();
      assertThat(Fleet.sees(old, 2)).isFalse();
      assertThat(Fleet.sees(old, 3)).isFalse();
    }
  }

  @Test
  void aConnectionThatIsCutOffBetweenTwoTransactionsIsClosedWithoutAWord() throws SQLException {
    try (Connection between = fleet.dataSource().getConnection()) {
      between.setAutoCommit(false);
      try (Statement statement = between.createStatement()) {
        statement.execute("INSERT INTO notes VALUES (1, 'before')");
        statement.executeQuery("SELECT 1"); // kept open, or the connection would be given back
        between.commit();
        first.awaitReplayOf(primary);
        first.promote();
        Awaitility.await().until(() -> fleet.primary().equals(first.name()));
        Awaitility.await().until(() -> fleet.borrowed() == 0); // evicted
      }
    }
    fleet.insert(2);
  }

  @Test
  void aTransactionThatIsOpenWhenItsPrimaryDiesIsNotCommitted() throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("INSERT INTO notes VALUES (1, 'open')");
        primary.kill();
        assertThatThrownBy(connection::commit)
            .isInstanceOf(UnknownOutcomeException.class)
            .hasMessageContaining("unknown");
      }
    }
    first.promote();
    fleet.insert(2);
    try (Connection connection = fleet.dataSource().getConnection()) {
      assertThat(Fleet.sees(connection, 1)).isFalse();
    }
  }
}
