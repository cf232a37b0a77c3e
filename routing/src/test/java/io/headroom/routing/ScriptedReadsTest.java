package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ConsistencyToken;
import io.headroom.LagLimit;
import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of reads when servers do what real ones do only at the wrong moment. */
@SuppressWarnings("try") // scopes are opened for their effect
class ScriptedReadsTest {

  /** The machine's clock, which can be put forward. */
  private static final class ShiftedTime implements TimeSource {

    private final AtomicLong ahead = new AtomicLong();

    @Override
    public long nanoTime() {
      return System.nanoTime() + ahead.get();
    }

    @Override
    public Instant wallTime() {
      return Instant.EPOCH;
    }
  }

  private final ScriptedServers servers = new ScriptedServers(3);
  private final ShiftedTime time = new ShiftedTime();
  private ReplicaDataSource dataSource;

  private void open(int replicas, UnaryOperator<ReplicaDataSourceBuilder> options) {
    ReplicaDataSourceBuilder builder =
        ReplicaDataSource.builder("orders")
            .primary("0", servers.get(0).pool())
            .probeVia("0", servers.get(0).aside())
            .probe(servers)
            .time(time);
    for (int index = 1; index <= replicas; index++) {
      builder
          .replica("" + index, servers.get(index).pool())
          .probeVia("" + index, servers.get(index).aside());
    }
    dataSource = options.apply(builder).build();
  }

  private static ReplicaDataSourceBuilder seldomProbed(ReplicaDataSourceBuilder builder) {
    return builder.probeInterval(Duration.ofHours(1)).probeTimeout(Duration.ofSeconds(5));
  }

  @AfterEach
  void eachConnectionWasGivenBackOnce() {
    assertThat(dataSource.nodes()).allMatch(view -> view.inFlight() == 0);
    dataSource.close();
    for (Node node : dataSource.routes().nodes()) {
      assertThat(node.waiters().availablePermits()).isEqualTo(Integer.MAX_VALUE / 2);
      assertThat(node.guests().availablePermits()).isEqualTo(Integer.MAX_VALUE / 2);
      ScriptedServers.Server server = servers.get(node.index());
      assertThat(server.returnedTwice).hasValue(0);
      assertThat(server.returned).hasValue(server.borrowed.get());
    }
  }

  private Node node(int index) {
    return dataSource.routes().nodes().get(index);
  }

  /** Reads, and says where. */
  private int read() throws SQLException {
    int[] before = IntStream.range(0, 3).map(index -> servers.get(index).borrowed.get()).toArray();
    try (Connection connection = dataSource.getConnection()) {
      connection.setReadOnly(true);
      execute(connection);
      return IntStream.range(0, 3)
          .filter(
              index ->
                  servers.get(index).borrowed.get() > before[index]
                      && node(index).load().inFlight() > 0)
          .findFirst()
          .getAsInt();
    }
  }

  private static void execute(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  private static RequestContext.Scope asking(Consistency consistency) {
    return RequestContext.builder().with(Consistency.KEY, consistency).build().attach();
  }

  @Test
  void aBrokenConnectionIsOneFailureHoweverManyCallsFailOnIt() throws SQLException {
    open(1, ScriptedReadsTest::seldomProbed);
    for (int broken = 1; broken <= 5; broken++) {
      assertThat(node(1).health().isEjected()).as("before the %s. one", broken).isFalse();
      try (Connection connection = dataSource.getConnection()) {
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
          servers.get(1).breakConnections();
          assertThatThrownBy(() -> statement.execute("SELECT 1")).hasMessageContaining("I/O");
          assertThatThrownBy(connection::rollback).hasMessageContaining("I/O");
        }
      }
    }
    assertThat(node(1).health().isEjected()).isTrue();
  }

  @Test
  void aTrialThatRanNothingDoesNotKeepANodeOut() throws SQLException {
    open(1, ScriptedReadsTest::seldomProbed);
    for (int failure = 0; failure < 5; failure++) {
      node(1).health().failed();
    }
    time.ahead.addAndGet(Duration.ofSeconds(1).toNanos());
    for (int silent = 0; silent < 10; silent++) {
      try (Connection connection = dataSource.getConnection()) {
        connection.setReadOnly(true);
        connection.createStatement().close();
      }
    }
    for (int trial = 0; trial < 3; trial++) {
      assertThat(read()).isEqualTo(1);
    }
    assertThat(node(1).health().isEjected()).isFalse();
  }

  @Test
  void aReadThatTookNoTrialGivesNoneBack() throws SQLException {
    open(1, ScriptedReadsTest::seldomProbed);
    try (Connection before = dataSource.getConnection()) {
      before.setReadOnly(true);
      before.createStatement().close();
      for (int failure = 0; failure < 5; failure++) {
        node(1).health().failed();
      }
      time.ahead.addAndGet(Duration.ofSeconds(1).toNanos());
      for (int trial = 0; trial < 3; trial++) {
        assertThat(node(1).health().enter(time.nanoTime())).isEqualTo(NodeHealth.Entry.TRIAL);
      }
    }
    assertThat(node(1).health().admits(time.nanoTime())).isFalse();
  }

  /** A read of a request that shows 200, after which its node breaks and the other is at 100. */
  private int losesItsReplica() throws SQLException {
    servers.get(0).is(NodeRole.PRIMARY, 1, 200);
    servers.get(1).is(NodeRole.REPLICA, 1, 200);
    servers.get(2).is(NodeRole.REPLICA, 1, 200);
    open(
        2,
        builder ->
            builder
                .probeInterval(Duration.ofMillis(10))
                .probeTimeout(Duration.ofSeconds(1))
                .primaryWait(Duration.ofMillis(10))
                .replicaWait(Duration.ZERO));
    int shown = 0;
    try (Connection connection = dataSource.getConnection()) {
      connection.setReadOnly(true);
      execute(connection);
      shown = node(1).load().inFlight() > 0 ? 1 : 2;
      servers.get(0).refusal = new SQLException("gone", "08001");
      servers.get(0).breakConnections();
      servers.get(3 - shown).is(NodeRole.REPLICA, 1, 100);
      Awaitility.await().until(() -> dataSource.routes().monitor().current().primary() == null);
      servers.get(shown).refusal = new SQLException("gone", "08001");
      servers.get(shown).breakConnections();
      assertThatThrownBy(() -> execute(connection)).hasMessageContaining("I/O");
    }
    int left = 3 - shown;
    Awaitility.await().until(() -> node(left).sample().status().position() == 100);
    return left;
  }

  @Test
  void whatALostReplicaShowedIsNotSteppedBackFromWhileThereIsNoPrimary() throws SQLException {
    try (RequestContext.Scope scope = asking(Consistency.MONOTONIC)) {
      int left = losesItsReplica();
      assertThatThrownBy(this::read).isInstanceOf(NoPrimaryException.class);
      servers.get(0).refusal = null;
      Awaitility.await().until(() -> dataSource.routes().monitor().current().primary() != null);
      assertThat(read()).as("which has all").isZero();
      servers.get(left).is(NodeRole.REPLICA, 1, 200);
      Awaitility.await().until(() -> node(left).sample().status().position() == 200);
      assertThat(read()).as("which has it too").isEqualTo(left);
    }
  }

  @Test
  void whatALostReplicaShowedIsAskedForOnceThereIsAPrimary() throws SQLException {
    try (RequestContext.Scope scope = asking(Consistency.MONOTONIC)) {
      int left = losesItsReplica();
      servers.get(0).refusal = null;
      Awaitility.await().until(() -> dataSource.routes().monitor().current().primary() != null);
      assertThat(read()).isZero();
      servers.get(left).is(NodeRole.REPLICA, 1, 200);
      assertThat(read()).isEqualTo(left);
    }
  }

  /** A replica is known before the database is: the first answer is being digested. */
  @Test
  void noReplicaServesATokenBeforeItIsKnownWhichDatabaseItIsAbout() throws SQLException {
    for (int index = 0; index < 3; index++) {
      servers.get(index).refusal = new SQLException("not yet", "57P03");
    }
    open(2, ScriptedReadsTest::seldomProbed);
    long now = time.nanoTime();
    node(1).answered(new Sample(now, now, servers.get(1).status));
    servers.get(1).refusal = null;
    RequestContext request = RequestContext.builder().build();
    request.observe(ConsistencyToken.of(TokenDomain.of("orders", "cluster"), 1, 500));
    try (RequestContext.Scope scope = request.attach()) {
      assertThatThrownBy(this::read).isInstanceOf(NoFreshReplicaException.class);
    }
  }

  @Test
  void aReadWithABoundWaitsToo() throws SQLException {
    servers.get(0).is(NodeRole.PRIMARY, 1, 900);
    lags(Duration.ofSeconds(5));
    open(1, builder -> seldomProbed(builder).replicaWait(Duration.ofMinutes(1)));
    CompletableFuture<Integer> reader =
        CompletableFuture.supplyAsync(
            () -> {
              try (RequestContext.Scope scope =
                  asking(Consistency.bounded(Duration.ofSeconds(1)))) {
                return read();
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    int asked = servers.get(1).asked.get();
    Awaitility.await().until(() -> servers.get(1).asked.get() > asked + 2 || reader.isDone());
    lags(Duration.ofMillis(1));
    assertThat(reader.join()).isEqualTo(1);
    assertThat(dataSource.routes().counts().routed(1, RouteReason.WAITED)).isEqualTo(1);
    try (RequestContext.Scope scope = asking(Consistency.bounded(Duration.ofMinutes(1)))) {
      assertThat(read()).isEqualTo(1);
    }
    assertThat(dataSource.routes().counts().routed(1, RouteReason.FRESH)).isEqualTo(1);
  }

  /** Of a primary that nobody has asked lately, and that has nothing new. */
  @Test
  void aReadWithABoundHasAnIdlePrimaryAsked() throws SQLException {
    servers.get(1).status = lagging(100, Duration.ofHours(3));
    open(1, builder -> seldomProbed(builder).replicaWait(Duration.ofMinutes(1)));
    time.ahead.addAndGet(Duration.ofSeconds(2).toNanos());
    try (RequestContext.Scope scope = asking(Consistency.bounded(Duration.ofSeconds(1)))) {
      assertThat(read()).isEqualTo(1);
    }
  }

  private static RequestContext.Scope limitedTo(Duration lag, Consistency consistency) {
    return RequestContext.builder()
        .with(Consistency.KEY, consistency)
        .with(LagLimit.KEY, lag)
        .build()
        .attach();
  }

  @Test
  void aLimitKeepsReadsFromAReplicaThatLagsMoreWhateverTheyAskFor() throws SQLException {
    servers.get(0).is(NodeRole.PRIMARY, 1, 900);
    lags(Duration.ofSeconds(5));
    open(1, builder -> seldomProbed(builder).replicaWait(Duration.ofMillis(1)));
    Duration limit = Duration.ofSeconds(1);
    for (Consistency any :
        List.of(
            Consistency.EVENTUAL,
            Consistency.bounded(Duration.ofMinutes(1)).orStale(),
            Consistency.READ_YOUR_WRITES,
            Consistency.MONOTONIC)) {
      try (RequestContext.Scope scope = asking(any)) {
        assertThat(read()).as("%s", any).isEqualTo(1);
      }
      try (RequestContext.Scope scope = limitedTo(limit, any)) {
        assertThat(read()).as("%s, limited", any).isZero();
      }
      try (RequestContext.Scope scope = limitedTo(Duration.ofMinutes(1), any)) {
        assertThat(read()).as("%s, within the limit", any).isEqualTo(1);
      }
    }
  }

  @Test
  void underALimitAReadIsRefusedRatherThanStale() throws SQLException {
    servers.get(0).is(NodeRole.PRIMARY, 1, 900);
    lags(Duration.ofSeconds(5));
    LoadSignal hot = resource -> LoadLevel.HIGH;
    open(1, builder -> seldomProbed(builder).replicaWait(Duration.ofMillis(1)).loadSignal(hot));
    Consistency maybeStale = Consistency.bounded(Duration.ofSeconds(1)).orStale();
    try (RequestContext.Scope scope = asking(maybeStale)) {
      assertThat(read()).isEqualTo(1);
    }
    try (RequestContext.Scope scope = limitedTo(Duration.ofSeconds(2), maybeStale)) {
      assertThatThrownBy(this::read)
          .isInstanceOf(NoFreshReplicaException.class)
          .hasMessageContaining("asks for BOUNDED(PT1S) under a LagLimit: no replica")
          .hasMessageEndingWith(" ms");
    }
  }

  private void lags(Duration lag) {
    servers.get(1).status = lagging(800, lag);
  }

  private static NodeStatus lagging(long position, Duration lag) {
    return new NodeStatus(
        NodeRole.REPLICA,
        "cluster",
        "run of 1",
        OptionalLong.of(1),
        position,
        true,
        Optional.of(lag));
  }

  @Test
  void theLagOfANodeThatIsDownOrOnAnotherTimelineIsUnknown() {
    open(2, ScriptedReadsTest::seldomProbed);
    List<NodeView> before = dataSource.nodes();
    assertThat(before).allMatch(view -> view.lag().equals(Optional.of(Duration.ZERO)));

    node(1).failed();
    long now = time.nanoTime();
    NodeStatus elsewhere = ScriptedServers.statusOf(2, NodeRole.REPLICA, 7, 9_000);
    node(2).answered(new Sample(now, now, elsewhere));

    assertThat(dataSource.node(0).lag()).contains(Duration.ZERO);
    assertThat(dataSource.node(1).lag()).isEmpty();
    assertThat(dataSource.node(2).lag()).isEmpty();
    node(2).answered(new Sample(now, now, ScriptedServers.statusOf(2, NodeRole.PRIMARY, 1, 9_000)));
    assertThat(dataSource.node(2).lag()).isEmpty();
  }
}
