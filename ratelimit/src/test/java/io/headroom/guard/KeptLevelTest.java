package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.ratelimit.HandTime;
import io.headroom.ratelimit.Warnings;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A level that is kept though its cause is over, lest it flap, costs nobody anything. */
class KeptLevelTest {

  private static final RequestContext STANDARD = RequestContext.builder().build();

  private final HandTime time = new HandTime();
  private final ConnectionGuard guard = ConnectionGuard.builder().byHand(time).build();

  private PoolGuard pool() {
    guard.protect("orders", ManagedPool.ofSize(new PGSimpleDataSource(), 1));
    return guard.pools().iterator().next();
  }

  private void ticks(int windows) {
    for (int i = 0; i < windows; i++) {
      time.advance(Duration.ofMillis(100));
      guard.tick();
    }
  }

  /** The pool gives no connection for four seconds. */
  private void stall(PoolGuard pool) throws SQLException {
    Hold stuck = pool.enter(STANDARD);
    ticks(40);
    assertThat(pool.view().level()).isEqualTo(LoadLevel.CRITICAL);
    assertThat(pool.refuseAtOnce(STANDARD, PoolGuard.NO_DEADLINE, new Thread("another")))
        .hasFieldOrPropertyWithValue("reason", RefusalReason.SHED);
    pool.connected(stuck);
    stuck.end();
  }

  private void serves(PoolGuard pool) throws SQLException {
    for (int i = 0; i < 100; i++) {
      Hold hold = pool.enter(STANDARD);
      pool.connected(hold);
      time.advance(Duration.ofMillis(1));
      hold.end();
      ticks(1);
    }
  }

  @Test
  void aPoolThatServesAgainIsUsedThoughItsLevelIsKept() throws SQLException {
    PoolGuard pool = pool();
    stall(pool);
    ticks(20);
    assertThat(pool.view().level()).as("after a first stall").isEqualTo(LoadLevel.NORMAL);
    serves(pool); // so that the first one is forgotten
    stall(pool);
    ticks(20);
    assertThat(pool.view().level()).as("it is kept").isEqualTo(LoadLevel.CRITICAL);
    serves(pool);
    assertThat(pool.tally().refusedCount(Criticality.STANDARD)).isZero();
  }

  /** All other figures may look as if it were at ease: nobody comes any more, say. */
  @Test
  void theLogSaysWhyALevelIsCritical() throws SQLException {
    try (Warnings log = new Warnings(ConnectionGuard.class)) {
      stall(pool());
      assertThat(log.said())
          .last()
          .asString()
          .matches(
              "WARN pool 'orders': [A-Z]+ -> CRITICAL \\(nothing has come back for [1-9][0-9]+ ms;"
                  + " 1 of 1 in use, 0 waiting, everybody waits 0 ms at least, .*\\)");
    }
  }

  @Test
  void aFirstConnectionThatIsLongInOpeningIsNoStall() throws SQLException {
    PoolGuard pool = pool();
    Hold first = pool.enter(STANDARD);
    ticks(20);
    assertThat(pool.view().level()).isNotEqualTo(LoadLevel.CRITICAL);
    pool.connected(first);
    first.end();
  }

  @Test
  void aGuardThatIsClosedWithholdsNothing() {
    ConnectionGuard reserving =
        ConnectionGuard.builder().byHand(time).reserveForCritical(5).build();
    reserving.protect("orders", ManagedPool.ofSize(new PGSimpleDataSource(), 8));
    Gate gate = reserving.pools().iterator().next().gate();
    gate.limit(3, 2);
    reserving.close();
    for (int i = 0; i < 8; i++) {
      assertThat(gate.tryEnter(Criticality.STANDARD, 0)).isTrue();
    }
  }
}
