package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What callers of a guarded pool go through, on a real pool and a real server. */
@SuppressWarnings("try") // scopes are opened for their effect
class ConnectionGuardTest extends OnAGuardedPool {

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
                assertThat(why.retryAfter()).isEqualTo(why.refusal().retryAfter());
              })
          .hasMessageStartingWith(
              "pool 'orders': STANDARD waited in vain for a connection, for as long as it may")
          .hasMessageContaining("target 5.0 ms")
          .hasMessageContaining("2 of 2 in use, 0 waiting")
          .hasMessageEndingWith("): try again in 100 ms");
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
          .hasMessageStartingWith("pool 'orders': SHEDDABLE refused, too many wait already");
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
      assertThat(thrown)
          .singleElement()
          .asString()
          .contains("pool 'orders': interrupted while it waited");
      assertThat(interrupted).containsExactly(true);
      assertThat(guard.status("orders").waiting()).isZero();
    }
  }
}
