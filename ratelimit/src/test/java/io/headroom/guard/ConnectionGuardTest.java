package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What callers of a guarded pool go through, on a real pool and a real server. */
@SuppressWarnings("try") // scopes are opened for their effect
class ConnectionGuardTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HikariDataSource pool = Pools.hikari(postgres, 2);
  private ConnectionGuard guard = ConnectionGuard.builder().maximumWait(LONG).build();
  private DataSource orders = guard.protect("orders", pool);

  private static final Duration LONG = Duration.ofMinutes(1);

  private void guardWith(ConnectionGuardBuilder builder) {
    guard.close();
    guard = builder.build();
    orders = guard.protect("orders", pool);
  }

  @AfterEach
  void close() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(guard.status("orders").inUse()).as("permits that have leaked").isZero();
    assertThat(guard.status("orders").waiting()).isZero();
    guard.close();
    pool.close();
  }

  private static ConditionFactory eventually(String what) {
    return await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(5));
  }

  private static Connection open(DataSource source) throws SQLException {
    Connection connection = source.getConnection();
    select(connection);
    return connection;
  }

  private static void select(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  private static <T> T as(Criticality criticality, Callable<T> what) throws Exception {
    return RequestContext.builder().criticality(criticality).build().wrap(what).call();
  }

  private void awaitWaiting(int callers) {
    eventually("callers to wait").until(() -> guard.status("orders").waiting() == callers);
  }

  @Test
  void aConnectionIsInUseFromItsFirstStatementUntilItIsClosed() throws SQLException {
    try (Connection connection = orders.getConnection()) {
      assertThat(guard.status("orders").inUse()).isZero();
      select(connection);
      assertThat(guard.status("orders").inUse()).isOne();
      connection.close();
      assertThat(guard.status("orders").inUse()).isZero();
      connection.close();
    }
    assertThat(guard.status("orders").inUse()).as("closed twice").isZero();
    assertThat(guard.status("orders").size()).isEqualTo(2);
  }

  @Test
  void aPermitIsGivenBackWhateverFails() throws Exception {
    try (Connection connection = orders.getConnection();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("no SQL")).isInstanceOf(SQLException.class);
      statement.getConnection().abort(Runnable::run);
    }
    assertThat(guard.status("orders").inUse()).isZero();

    try (HikariDataSource nowhere = new HikariDataSource()) {
      nowhere.setJdbcUrl("jdbc:postgresql://127.0.0.1:1/none");
      nowhere.setConnectionTimeout(250);
      nowhere.setInitializationFailTimeout(-1);
      DataSource guarded = guard.protect("nowhere", nowhere);
      assertThatThrownBy(() -> open(guarded)).isInstanceOf(SQLException.class);
      assertThat(guard.status("nowhere").inUse()).isZero();
    }
  }

  @Test
  void whoWaitsGetsAConnectionThatComesBack() throws Exception {
    Connection one = open(orders);
    Connection two = open(orders);
    Future<Connection> third = threads.submit(() -> open(orders));
    awaitWaiting(1);
    one.close();
    third.get(60, TimeUnit.SECONDS).close();
    two.close();
  }

  @Test
  void nobodyWaitsForLongerThanOneMay() throws Exception {
    guardWith(ConnectionGuard.builder().maximumWait(Duration.ofMillis(50)));
    try (Connection one = open(orders);
        Connection two = open(orders)) {
      Future<Connection> refused = threads.submit(() -> open(orders));
      assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(SQLTransientConnectionException.class)
          .isInstanceOfSatisfying(
              PoolRefusedException.class,
              why -> {
                assertThat(why.getSQLState()).isEqualTo("53000");
                assertThat(why.refusal().reason()).isEqualTo(RefusalReason.TIMED_OUT);
              })
          .hasMessageStartingWith("orders: STANDARD waited in vain for a connection (level ")
          .hasMessageContaining("target 5.0 ms")
          .hasMessageContaining("2 of 2 in use, 0 waiting");
    }
  }

  @Test
  void whoseDeadlinePassesMeanwhileIsRefused() throws Exception {
    try (Connection one = open(orders);
        Connection two = open(orders)) {
      RequestContext hurry = RequestContext.builder().timeout(Duration.ofMillis(30)).build();
      assertThat(refusal(() -> hurry.wrap(() -> open(orders)).call()).reason())
          .as("on a busy machine it may pass before it is asked")
          .isIn(RefusalReason.TIMED_OUT, RefusalReason.DEADLINE);
      assertThat(refusal(() -> hurry.wrap(() -> open(orders)).call()).reason())
          .as("it has passed")
          .isEqualTo(RefusalReason.DEADLINE);
    }
  }

  @Test
  void whoCannotMakeItsDeadlineDoesNotWait() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (Connection slow = open(orders);
          Statement statement = slow.createStatement()) {
        statement.execute("SELECT pg_sleep(0.5)");
      }
    }
    eventually("the holds to be known")
        .until(() -> guard.status("orders").meanHold().compareTo(Duration.ofMillis(400)) > 0);
    try (Connection one = open(orders);
        Connection two = open(orders)) {
      Refusal refusal =
          refusal(
              () ->
                  RequestContext.builder()
                      .timeout(Duration.ofMillis(150))
                      .build()
                      .wrap(() -> open(orders))
                      .call());
      assertThat(refusal.reason()).isEqualTo(RefusalReason.DEADLINE);
      assertThat(refusal.expectedWait()).isGreaterThan(Duration.ofMillis(150));
    }
  }

  /** Of somebody who holds no connection. */
  private Refusal refusal(Callable<?> what) {
    Future<?> asked = threads.submit(what);
    ExecutionException failed =
        catchThrowableOfType(ExecutionException.class, () -> asked.get(60, TimeUnit.SECONDS));
    assertThat(failed.getCause()).isInstanceOf(PoolRefusedException.class);
    return ((PoolRefusedException) failed.getCause()).refusal();
  }

  @Test
  void whoIsMoreCriticalTakesThePlaceOfWhoIsLessSo() throws Exception {
    guardWith(ConnectionGuard.builder().maximumWait(LONG).maximumWaiters(1));
    Connection one = open(orders);
    try (Connection two = open(orders)) {
      Future<Connection> sheddable =
          threads.submit(() -> as(Criticality.SHEDDABLE, () -> open(orders)));
      awaitWaiting(1);
      Future<Connection> critical =
          threads.submit(() -> as(Criticality.CRITICAL, () -> open(orders)));
      assertThatThrownBy(() -> sheddable.get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .hasMessageStartingWith("orders: SHEDDABLE refused, too many wait already");
      assertThat(refusal(() -> open(orders)).reason()).isEqualTo(RefusalReason.QUEUE_FULL);
      one.close();
      critical.get(60, TimeUnit.SECONDS).close();
    }
  }

  @Test
  void whoHoldsAConnectionAlreadyGoesFirst() throws Exception {
    Connection other = open(orders);
    CountDownLatch holds = new CountDownLatch(1);
    CountDownLatch wants = new CountDownLatch(1);
    Future<?> nested =
        threads.submit(
            () -> {
              try (Connection outer = open(orders)) {
                holds.countDown();
                wants.await();
                open(orders).close();
              }
              return null;
            });
    holds.await();
    Future<Connection> critical =
        threads.submit(() -> as(Criticality.CRITICAL, () -> open(orders)));
    awaitWaiting(1);
    wants.countDown();
    awaitWaiting(2);
    other.close();
    nested.get(60, TimeUnit.SECONDS);
    critical.get(60, TimeUnit.SECONDS).close();
  }

  @Test
  void whoHoldsAConnectionIsToldWhenAllWhoDoWantAnother() throws Exception {
    CountDownLatch bothHold = new CountDownLatch(2);
    List<Future<Connection>> all = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      all.add(
          threads.submit(
              () -> {
                try (Connection outer = open(orders)) {
                  bothHold.countDown();
                  bothHold.await();
                  return open(orders);
                }
              }));
    }
    int served = 0;
    for (Future<Connection> each : all) {
      try {
        each.get(60, TimeUnit.SECONDS).close();
        served++;
      } catch (ExecutionException refused) {
        assertThat(refused).cause().hasMessageContaining("all who hold one want another");
      }
    }
    assertThat(served).as("the other one got it").isEqualTo(1);
  }

  @Test
  void whoHoldsAllConnectionsIsToldOnceItHasWaited() throws Exception {
    guardWith(ConnectionGuard.builder().maximumWait(Duration.ofMillis(50)));
    try (Connection one = open(orders);
        Connection two = open(orders)) {
      PoolRefusedException refused =
          catchThrowableOfType(PoolRefusedException.class, () -> open(orders));
      assertThat(refused.refusal().reason()).isEqualTo(RefusalReason.DEADLOCK);
    }
  }

  @Test
  void whoIsInterruptedWaitsNoMore() throws Exception {
    try (Connection one = open(orders);
        Connection two = open(orders)) {
      CountDownLatch ended = new CountDownLatch(1);
      List<Throwable> thrown = new ArrayList<>();
      List<Boolean> interrupted = new ArrayList<>();
      Thread waits =
          new Thread(
              () -> {
                try {
                  open(orders);
                } catch (SQLException e) {
                  thrown.add(e);
                  interrupted.add(Thread.currentThread().isInterrupted());
                }
                ended.countDown();
              });
      waits.start();
      awaitWaiting(1);
      waits.interrupt();
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(thrown).singleElement().asString().contains("interrupted while it waited");
      assertThat(interrupted).containsExactly(true);
      assertThat(guard.status("orders").waiting()).isZero();
    }
  }

  @Test
  void aPoolThatIsResizedHasItsNewSize() throws Exception {
    pool.setMaximumPoolSize(3);
    eventually("the new size").until(() -> guard.status("orders").size() == 3);
    try (Connection one = open(orders);
        Connection two = open(orders);
        Connection three = open(orders)) {
      Future<Connection> fourth = threads.submit(() -> open(orders));
      awaitWaiting(1);
      pool.setMaximumPoolSize(4);
      fourth.get(60, TimeUnit.SECONDS).close();
    }
    pool.setMaximumPoolSize(1);
    eventually("the new size").until(() -> guard.status("orders").size() == 1);
  }

  @Test
  void aPoolThatIsSuspendedIsCritical() throws Exception {
    pool.getHikariPoolMXBean().suspendPool();
    Future<Connection> held = threads.submit(() -> open(orders));
    eventually("the level").until(() -> guard.levels().level("orders") == LoadLevel.CRITICAL);
    assertThat(guard.status("orders").level()).isEqualTo(LoadLevel.CRITICAL);
    assertThat(refusal(() -> open(orders)).reason()).isEqualTo(RefusalReason.SHED);

    pool.getHikariPoolMXBean().resumePool();
    held.get(60, TimeUnit.SECONDS).close();
    eventually("the level to end").until(() -> guard.status("orders").level() == LoadLevel.NORMAL);
    open(orders).close();
  }

  @Test
  void inShadowModeNobodyIsRefused() throws Exception {
    List<Refusal> told = new ArrayList<>();
    guardWith(
        ConnectionGuard.builder()
            .shadow()
            .maximumWait(Duration.ofMillis(20))
            .listener(
                new GuardListener() {
                  @Override
                  public void onRefused(Refusal refusal, boolean shadowed) {
                    assertThat(shadowed).isTrue();
                    told.add(refusal);
                  }
                }));
    pool.getHikariPoolMXBean().suspendPool();
    Future<Connection> held = threads.submit(() -> open(orders));
    eventually("the level").until(() -> guard.status("orders").level() == LoadLevel.CRITICAL);
    Future<Connection> shed = threads.submit(() -> open(orders));
    eventually("it to be told").until(() -> told.size() == 1);
    assertThat(guard.levels().level("orders"))
        .as("others take no notice")
        .isEqualTo(LoadLevel.NORMAL);
    try (Admission admission = guard.admit()) {
      assertThat(admission.allowed()).isTrue();
      assertThat(admission.refusal())
          .hasValueSatisfying(
              refusal -> assertThat(refusal.reason()).isEqualTo(RefusalReason.SHED));
    }
    pool.getHikariPoolMXBean().resumePool();
    held.get(60, TimeUnit.SECONDS).close();
    shed.get(60, TimeUnit.SECONDS).close();
  }

  @Test
  void aConnectionThatIsKeptIsToldOfWithWhereItWasTaken() throws Exception {
    List<String> told = new ArrayList<>();
    guardWith(
        ConnectionGuard.builder()
            .reportHeldFor(Duration.ofMillis(50))
            .noteWhereTaken()
            .listener(
                new GuardListener() {
                  @Override
                  public void onHeldTooLong(
                      String resource, long heldNanos, Optional<Throwable> where) {
                    told.add(resource + " " + where.orElseThrow().getStackTrace()[0]);
                    assertThat(where.orElseThrow().getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().startsWith("aConnectionThat"));
                    throw new IllegalStateException("a listener's own failure");
                  }
                }));
    try (Connection kept = open(orders)) {
      eventually("it to be told of").until(() -> told.size() == 1);
      assertThat(told.get(0)).startsWith("orders ");
    }
  }

  @Test
  void admissionsThatNobodyClosesAreFound() {
    List<Throwable> told = new ArrayList<>();
    guardWith(
        ConnectionGuard.builder()
            .reportHeldFor(Duration.ofMillis(50))
            .listener(
                new GuardListener() {
                  @Override
                  public void onHeldTooLong(
                      String resource, long heldNanos, Optional<Throwable> where) {
                    assertThat(resource).isEqualTo("door");
                    told.add(where.orElseThrow());
                  }
                }));
    for (int i = 0; i < 60_000; i++) { // none is watched once in 10^12 times
      Admission admission = guard.admit();
      assertThat(admission.allowed()).isTrue();
      if (i % 2 == 0) {
        admission.close();
        admission.close();
      }
    }
    assertThat(guard.door().inFlight()).isEqualTo(30_000);
    eventually("some to be told of").until(() -> !told.isEmpty());
    assertThat(told.get(0).getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("admissionsThatNobodyClosesAreFound"));
  }

  @Test
  void atTheDoorIsRefusedWhatAllPoolsWouldShed() throws Exception {
    try (HikariDataSource second = Pools.hikari(postgres, 1)) {
      DataSource users = guard.protect("users", second);
      pool.getHikariPoolMXBean().suspendPool();
      Future<Connection> held = threads.submit(() -> open(orders));
      eventually("the level").until(() -> guard.status("orders").level() == LoadLevel.CRITICAL);

      assertThat(guard.admit().allowed()).as("it may be for the users").isTrue();
      try (RequestContext.Scope scope =
          RequestContext.builder().resource("orders").build().attach()) {
        assertThat(guard.admit().allowed()).isFalse();
        assertThat(guard.admit(Criticality.CRITICAL).allowed()).isTrue();
        assertThatThrownBy(guard::admitOrThrow)
            .isInstanceOf(OverloadedException.class)
            .hasMessageStartingWith("orders: STANDARD shed under load (level CRITICAL");
      }
      second.getHikariPoolMXBean().suspendPool();
      Future<Connection> alsoHeld = threads.submit(() -> open(users));
      eventually("both to be shed").until(() -> !guard.admit().allowed());
      assertThat(guard.admit(Criticality.CRITICAL).allowed()).isTrue();

      pool.getHikariPoolMXBean().resumePool();
      second.getHikariPoolMXBean().resumePool();
      held.get(60, TimeUnit.SECONDS).close();
      alsoHeld.get(60, TimeUnit.SECONDS).close();
    }
  }

  @Test
  void whoseDeadlineHasPassedIsRefusedAtTheDoor() {
    RequestContext late = RequestContext.builder().timeout(Duration.ofNanos(1)).build();
    try (RequestContext.Scope scope = late.attach();
        Admission admission = guard.admit()) {
      assertThat(admission.refusal().orElseThrow().reason()).isEqualTo(RefusalReason.DEADLINE);
      assertThat(admission.retryAfter()).isPositive();
    }
    try (Admission admission = guard.admit()) {
      assertThat(admission.allowed()).isTrue();
      assertThat(admission.retryAfter()).isZero();
    }
  }

  @Test
  void onceItIsClosedThePoolIsUsedOnAndItsLevelIsNormal() throws Exception {
    pool.getHikariPoolMXBean().suspendPool();
    Future<Connection> held = threads.submit(() -> open(orders));
    eventually("the level").until(() -> guard.levels().level("orders") == LoadLevel.CRITICAL);
    guard.close();
    guard.close();
    assertThat(guard.levels().level("orders")).isEqualTo(LoadLevel.NORMAL);
    pool.getHikariPoolMXBean().resumePool();
    held.get(60, TimeUnit.SECONDS).close();
    open(orders).close();
    assertThatThrownBy(() -> guard.protect("more", ManagedPool.ofSize(pool, 2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the guard is closed");
  }

  @Test
  void itUnwrapsToItsPool() throws SQLException {
    assertThat(orders.unwrap(HikariDataSource.class)).isSameAs(pool);
    assertThat(orders.isWrapperFor(HikariDataSource.class)).isTrue();
    assertThat(orders.isWrapperFor(String.class)).isFalse();
    assertThat(orders).asString().startsWith("guarded 'orders'[HikariDataSource");
    assertThat(guard).asString().contains("orders: NORMAL, 0 of 2 in use, 0 waiting");
  }

  @Test
  void aPoolIsGuardedOnceAndHasANameOfItsOwn() {
    assertThatThrownBy(() -> guard.protect("again", orders))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("guarded already");
    assertThatThrownBy(() -> guard.protect("again", pool))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("guarded already, as 'orders'");
    assertThatThrownBy(() -> guard.protect("again", ManagedPool.ofSize(orders, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("guarded already");
    try (HikariDataSource second = Pools.hikari(postgres, 1)) {
      assertThatThrownBy(() -> guard.protect("orders", second))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("there is a pool 'orders' already");
      assertThatThrownBy(() -> guard.protect(" ", second))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must have a name");
    }
    assertThatThrownBy(() -> guard.protect("other", postgres.dataSource(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ManagedPool.ofSize");
    assertThatThrownBy(() -> guard.status("none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only [orders]");
  }
}
