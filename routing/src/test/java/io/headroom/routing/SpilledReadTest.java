package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of reads that no replica will do for: whether the primary takes them, and how long
 * they are held for that.
 */
@SuppressWarnings("try") // scopes are opened for their effect
class SpilledReadTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final ScriptedServers servers = new ScriptedServers(2);
  private ReplicaDataSource dataSource;

  /** Over a primary and one replica, which are probed only when asked to, and one spill. */
  private void open(UnaryOperator<ReplicaDataSourceBuilder> options) {
    ReplicaDataSourceBuilder builder = servers.pair().primarySpill(0.001);
    dataSource = options.apply(builder).build();
  }

  /** The same, with the replica down. */
  private void openWithoutReplica(Duration replicaWait) {
    open(builder -> builder.replicaWait(replicaWait));
    kill(1);
    probe(1);
  }

  @AfterEach
  void eachConnectionAndEachPlaceWasGivenBackOnce() {
    assertThat(dataSource.nodes()).allMatch(view -> view.inFlight() == 0);
    dataSource.close();
    for (Node node : dataSource.routes().nodes()) {
      assertThat(node.guests().availablePermits()).isEqualTo(Integer.MAX_VALUE / 2);
      assertThat(node.waiters().availablePermits()).isEqualTo(Integer.MAX_VALUE / 2);
      ScriptedServers.Server server = servers.get(node.index());
      assertThat(server.returnedTwice).hasValue(0);
      assertThat(server.returned).hasValue(server.borrowed.get());
    }
  }

  private Node node(int index) {
    return dataSource.routes().nodes().get(index);
  }

  private Topology topology() {
    return dataSource.routes().monitor().current();
  }

  private long refusals(RouteReason reason) {
    return dataSource.routes().counts().refusals(reason);
  }

  private void probe(int index) {
    try {
      dataSource.routes().monitor().probeNow(node(index), Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads, and says where. */
  private int read() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setReadOnly(true);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
      }
      return node(0).load().inFlight() > 0 ? 0 : 1;
    }
  }

  private CompletableFuture<Integer> reader() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return read();
          } catch (SQLException e) {
            throw new CompletionException(e);
          }
        });
  }

  private CompletableFuture<Integer> readerThatWaitsForAPlace() {
    CompletableFuture<Integer> reader = reader();
    Awaitility.await().until(() -> node(0).guests().hasQueuedThreads());
    return reader;
  }

  private void kill(int index) {
    servers.get(index).refusal = new SQLException("gone", "08001");
    servers.get(index).breakConnections();
  }

  private static RequestContext.Scope asking(Consistency consistency) {
    return RequestContext.builder().with(Consistency.KEY, consistency).build().attach();
  }

  @Test
  void aReadThatFindsNoPlaceUsesUpNothingOfTheBudget() throws SQLException {
    openWithoutReplica(Duration.ZERO);
    int places = node(0).guests().drainPermits();
    for (int refused = 0; refused < 3; refused++) {
      assertThatThrownBy(this::read).isInstanceOf(NoFreshReplicaException.class);
    }
    node(0).guests().release(places);
    assertThat(read()).isZero();
    assertThatThrownBy(this::read).isInstanceOf(NoFreshReplicaException.class);
  }

  @Test
  void aReadWaitsForAPlaceWhileItHasTime() {
    openWithoutReplica(LONG);
    int places = node(0).guests().drainPermits();
    try (RequestContext.Scope scope = asking(Consistency.READ_YOUR_WRITES.orStale())) {
      assertThatThrownBy(this::read).as("not held").isInstanceOf(NoFreshReplicaException.class);
    }
    CompletableFuture<Integer> reader = readerThatWaitsForAPlace();
    assertThatThrownBy(this::read)
        .as("for whom there would be no budget")
        .isInstanceOf(NoFreshReplicaException.class);
    node(0).guests().release(places);
    assertThat(reader.join()).isZero();
  }

  @Test
  void aWaitForAPlaceEndsInARefusal() {
    openWithoutReplica(Duration.ofMillis(10));
    int places = node(0).guests().drainPermits();
    assertThatThrownBy(this::read)
        .isInstanceOfSatisfying(
            NoFreshReplicaException.class,
            refused -> assertThat(refused.reason()).isEqualTo(RouteReason.REFUSED_BUDGET));
    assertThat(refusals(RouteReason.REFUSED_BUDGET)).isEqualTo(1);
    node(0).guests().release(places);
  }

  @Test
  void aWaitForAPlaceEndsWithTheRequestsDeadline() {
    openWithoutReplica(LONG);
    int places = node(0).guests().drainPermits();
    RequestContext hurried = RequestContext.builder().timeout(Duration.ofMillis(20)).build();
    try (RequestContext.Scope scope = hurried.attach()) {
      assertThatThrownBy(this::read).isInstanceOf(SQLTimeoutException.class);
    }
    assertThat(refusals(RouteReason.REFUSED_DEADLINE)).isEqualTo(1);
    assertThat(refusals(RouteReason.REFUSED_BUDGET)).isZero();
    node(0).guests().release(places);
  }

  /** Tells what a reader throws that is interrupted as soon as something is so. */
  private Throwable thrownByReaderInterruptedOnce(Callable<Boolean> so) throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                read();
              } catch (SQLException e) {
                thrown.set(Thread.currentThread().isInterrupted() ? e : null);
              }
            });
    reader.start();
    Awaitility.await().until(so);
    reader.interrupt();
    reader.join();
    return thrown.get();
  }

  @Test
  void aWaitForAPlaceEndsWithAnInterrupt() throws Exception {
    openWithoutReplica(LONG);
    int places = node(0).guests().drainPermits();
    assertThat(thrownByReaderInterruptedOnce(() -> node(0).guests().hasQueuedThreads()))
        .isInstanceOfSatisfying(
            SQLException.class, thrown -> assertThat(thrown.getSQLState()).isEqualTo("57014"))
        .isNotInstanceOf(SQLTransientException.class)
        .hasMessageContaining("interrupted while it waited");
    node(0).guests().release(places);
  }

  @Test
  void aPlaceOfAReplacedPrimaryIsNoneOfItsSuccessors() {
    openWithoutReplica(LONG);
    int places = node(0).guests().drainPermits();
    node(1).guests().drainPermits();
    CompletableFuture<Integer> reader = readerThatWaitsForAPlace();
    kill(0);
    servers.get(1).refusal = null;
    servers.get(1).is(NodeRole.PRIMARY, 2, 200);
    probe(1);
    probe(0);
    assertThat(topology().primary()).isSameAs(node(1));
    node(0).guests().release(places);
    Awaitility.await().until(() -> node(1).guests().hasQueuedThreads());
    assertThat(node(0).guests().availablePermits()).isEqualTo(places);
    node(1).guests().release(places);
    assertThat(reader.join()).isEqualTo(1);
    assertThat(dataSource.routes().counts().routed(1, RouteReason.SPILLED_DOWN)).isEqualTo(1);
  }

  @Test
  void aReadWhosePrimaryWentWhileItWaitedForAPlaceWaitsForTheNext() {
    openWithoutReplica(LONG);
    int places = node(0).guests().drainPermits();
    CompletableFuture<Integer> reader = readerThatWaitsForAPlace();
    kill(0);
    probe(0);
    assertThat(topology().primary()).isNull();
    node(0).guests().release(places);
    Awaitility.await()
        .until(
            () ->
                !node(0).guests().hasQueuedThreads()
                    && node(0).guests().availablePermits() == places);
    servers.get(0).refusal = null;
    probe(0);
    assertThat(reader.join()).isZero();
    assertThat(refusals(RouteReason.REFUSED_NO_PRIMARY)).isZero();
  }

  @Test
  void aReadHoldsNoPlaceWhileItWaitsForAnotherPrimary() throws Exception {
    openWithoutReplica(LONG);
    int places = node(0).guests().drainPermits();
    node(0).guests().release(); // as of a pool of three
    kill(0);
    assertThat(
            thrownByReaderInterruptedOnce(
                () -> topology().primary() == null && node(0).guests().availablePermits() == 1))
        .hasMessageContaining("interrupted while it waited");
    node(0).guests().release(places - 1);
  }

  /** As a pool says that is used up, and a guard that refuses at once. */
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "53000")
  void aPrimaryWhosePoolIsUsedUpIsNeitherDoubtedNorAsked(@Nullable String state) {
    openWithoutReplica(LONG);
    int asked = servers.get(0).asked.get();
    servers.get(0).poolRefusal = new SQLTransientConnectionException("none to be had", state);
    assertThatThrownBy(this::read).hasMessage("none to be had");
    assertThat(node(0).isDoubted()).isFalse();
    assertThat(servers.get(0).asked).hasValue(asked);
  }

  @Test
  void afterAFailoverTheLoadIsThatOfThePoolWhichLeadsToThePrimary() throws SQLException {
    AtomicReference<String> loaded = new AtomicReference<>("orders/1");
    LoadSignal signal =
        resource -> resource.equals(loaded.get()) ? LoadLevel.HIGH : LoadLevel.NORMAL;
    open(builder -> builder.loadSignal(signal).primaryWait(LONG).replicaWait(LONG));
    kill(0);
    probe(0);
    servers.get(1).is(NodeRole.PRIMARY, 2, 500);
    probe(1);
    assertThat(topology().primary()).isEqualTo(node(1));
    assertThatThrownBy(this::read)
        .isInstanceOfSatisfying(
            NoFreshReplicaException.class,
            refused -> assertThat(refused.reason()).isEqualTo(RouteReason.REFUSED_LOAD));
    loaded.set("orders"); // the pool whose server is gone
    assertThat(read()).isEqualTo(1);
  }

  private static RequestContext sawTheNextTimeline(Consistency consistency) {
    RequestContext request = RequestContext.builder().with(Consistency.KEY, consistency).build();
    request.observe(StubFleet.token(2, 500));
    return request;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 20})
  void aReadThatKnowsOfALaterPrimaryIsRefusedOnce(long waitMillis) {
    open(builder -> builder.replicaWait(Duration.ofMillis(waitMillis)));
    try (RequestContext.Scope scope = sawTheNextTimeline(Consistency.READ_YOUR_WRITES).attach()) {
      assertThatThrownBy(this::read)
          .isInstanceOfSatisfying(
              NoFreshReplicaException.class,
              refused -> assertThat(refused.reason()).isEqualTo(RouteReason.REFUSED_NO_PRIMARY));
    }
    assertThat(refusals(RouteReason.REFUSED_NO_PRIMARY)).isEqualTo(1);
  }

  @Test
  void aStaleAnswerIsNoRefusal() throws SQLException {
    open(builder -> builder);
    try (RequestContext.Scope scope =
        sawTheNextTimeline(Consistency.READ_YOUR_WRITES.orStale()).attach()) {
      assertThat(read()).isEqualTo(1);
    }
    assertThat(dataSource.routes().counts().routed(1, RouteReason.STALE)).isEqualTo(1);
    assertThat(refusals(RouteReason.REFUSED_NO_PRIMARY)).isZero();
  }
}
