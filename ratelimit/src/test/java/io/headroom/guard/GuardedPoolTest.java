package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What happens to a guarded pool, and what is told of it, on a real pool and a real server. */
@SuppressWarnings("try") // scopes are opened for their effect
class GuardedPoolTest extends OnAGuardedPool {

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
            .hasMessageStartingWith("pool 'orders': STANDARD shed under load (level CRITICAL")
            .hasMessageEndingWith("): try again in 2 s");
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
