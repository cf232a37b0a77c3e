package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.ratelimit.Warnings;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Who gets what of a budget; {@link BudgetedPools} checks that it is never exceeded. */
class AllowancesTest {

  @Test
  void aPoolBeginsWithNothingAndHasWhatItNeedsAtOnce() {
    try (BudgetedPools pools = new BudgetedPools(10, 8, 8)) {
      assertThat(pools.get(0).stub.size()).isZero();

      assertThat(pools.get(0).ask()).isTrue();
      assertThat(pools.get(0).ask()).isTrue();

      assertThat(pools.get(0).allowance()).isEqualTo(2);
      assertThat(pools.get(1).allowance()).isZero();
    }
  }

  @Test
  void aPoolGrowsUpToItsOwnSize() {
    try (BudgetedPools pools = new BudgetedPools(10, 3, 8)) {
      pools.get(0).ask(5);

      assertThat(pools.get(0).allowance()).isEqualTo(3);
      assertThat(pools.get(0).waiting()).isEqualTo(2);
      assertThat(pools.allowances().hungry()).as("more would not help it").isZero();
    }
  }

  @Test
  void whatIsUsedAgainWithinSecondsStaysOpen() {
    try (BudgetedPools pools = new BudgetedPools(10, 8)) {
      BudgetedPools.Pool pool = pools.get(0);
      for (int i = 0; i < 5; i++) {
        pool.ask(3);
        pool.giveAllBack();
        pools.pass(Duration.ofSeconds(4));
      }

      assertThat(pool.stub.opened()).isEqualTo(3);
    }
  }

  @Test
  void aPoolThatIsNotUsedForFiveSecondsHasNothing() {
    try (BudgetedPools pools = new BudgetedPools(10, 8)) {
      BudgetedPools.Pool pool = pools.get(0);
      pool.ask(3);
      pool.giveAllBack();
      pools.pass(Duration.ofMillis(4_900));
      assertThat(pool.stub.open()).isEqualTo(3);

      pools.pass(Duration.ofMillis(100));

      assertThat(pool.allowance()).isZero();
      assertThat(pool.stub.open()).isZero();
    }
  }

  @Test
  void whatIsHeldForLongStays() {
    try (BudgetedPools pools = new BudgetedPools(10, 8)) {
      pools.get(0).ask();
      pools.pass(Duration.ofMinutes(1));

      assertThat(pools.get(0).allowance()).isEqualTo(1);
    }
  }

  @Test
  void whoHasNothingTakesFromTheOneThatIsIdleLongest() {
    try (BudgetedPools pools = new BudgetedPools(2, 8, 8, 8)) {
      for (int i = 0; i < 2; i++) {
        pools.get(i).ask();
        pools.get(i).giveBack();
        pools.advance(Duration.ofMillis(1));
      }

      assertThat(pools.get(2).ask()).isTrue();

      assertThat(pools.get(0).allowance()).isZero();
      assertThat(pools.get(1).allowance()).isEqualTo(1);
    }
  }

  @Test
  void whoHasSomeTakesOnlyWhatHasBeenIdleForAWhile() {
    try (BudgetedPools pools = new BudgetedPools(2, 8, 8)) {
      pools.get(1).ask();
      pools.get(1).giveBack();
      assertThat(pools.get(0).ask()).isTrue();
      assertThat(pools.get(0).ask()).isFalse();
      assertThat(pools.get(1).allowance()).as("it was used just now").isEqualTo(1);

      pools.advance(Duration.ofMillis(100));
      assertThat(pools.get(0).ask()).as("the one before it goes first").isFalse();

      assertThat(pools.get(1).allowance()).isZero();
      assertThat(pools.get(0).busy()).isEqualTo(2);
    }
  }

  @Test
  void whatComesBackGoesToWhoHasNothing() {
    try (BudgetedPools pools = new BudgetedPools(4, 8, 8)) {
      pools.get(0).ask(6);
      assertThat(pools.get(1).ask()).isFalse();
      assertThat(pools.allowances().hungry()).isEqualTo(1);

      pools.get(0).giveBack();

      assertThat(pools.get(1).busy()).isEqualTo(1);
      assertThat(pools.get(0).waiting()).as("its own must wait").isEqualTo(2);
      assertThat(pools.allowances().hungry()).isZero();
    }
  }

  @Test
  void allWhoWaitComeToHaveTheSame() {
    try (BudgetedPools pools = new BudgetedPools(12, 20, 20, 20)) {
      pools.get(0).ask(20);
      pools.get(1).ask(20);
      pools.get(2).ask(20);
      for (int i = 0; i < 9; i++) {
        pools.get(0).giveBack();
      }

      assertThat(pools.pools).extracting(BudgetedPools.Pool::allowance).containsOnly(4);
      int before = pools.get(0).stub.opened();
      pools.get(0).giveBack();
      assertThat(pools.get(0).allowance()).as("and keep it").isEqualTo(4);
      assertThat(pools.get(0).stub.opened()).isEqualTo(before);
    }
  }

  @Test
  void oneConnectionGoesRoundInTurns() {
    try (BudgetedPools pools = new BudgetedPools(1, 8, 8, 8)) {
      pools.pools.forEach(pool -> pool.ask(2));
      for (int turn = 0; turn < 7; turn++) {
        BudgetedPools.Pool pool = pools.get(turn % 3);
        BudgetedPools.Pool next = pools.get((turn + 1) % 3);
        pools.advance(Duration.ofMinutes(1)); // until the connection is open, say
        pool.ask(2);
        pool.giveBack();
        assertThat(pool.busy()).as("its turn begins now").isEqualTo(1);
        pools.advance(Duration.ofMillis(19));
        pool.ask();
        pool.giveBack();
        assertThat(pool.busy()).isEqualTo(1);
        pools.advance(Duration.ofMillis(1));
        pool.giveBack();
        assertThat(next.busy()).isEqualTo(1);
      }
    }
  }

  @Test
  void aTurnEndsWhenNobodyWaitsThere() {
    try (BudgetedPools pools = new BudgetedPools(1, 8, 8)) {
      pools.get(0).ask();
      pools.get(1).ask();

      pools.get(0).giveBack();

      assertThat(pools.get(1).busy()).isEqualTo(1);
    }
  }

  @Test
  void whatIsNotUsedWhileOneIsHeldForLongGoesToWhoHasNothing() {
    try (BudgetedPools pools = new BudgetedPools(4, 8, 8)) {
      pools.get(0).ask(4);
      pools.get(0).giveBack();
      pools.get(0).giveBack();
      assertThat(pools.get(1).ask()).as("something may come back any moment").isFalse();

      pools.pass(Duration.ofMillis(100));

      assertThat(pools.get(1).busy()).isEqualTo(1);
      assertThat(pools.get(0).allowance()).isEqualTo(2);
    }
  }

  @Test
  void whatSomeDoNotUseForASecondGoesToThoseWhoWait() {
    try (BudgetedPools pools = new BudgetedPools(8, 8, 8)) {
      BudgetedPools.Pool wasteful = pools.get(0);
      wasteful.ask(4);
      wasteful.giveBack();
      wasteful.giveBack();
      pools.get(1).ask(8);
      assertThat(pools.get(1).busy()).isEqualTo(4);
      for (int i = 0; i < 30; i++) {
        wasteful.giveBack();
        wasteful.ask();
        pools.pass(Duration.ofMillis(100));
      }

      assertThat(pools.get(1).busy()).isEqualTo(6);
      assertThat(wasteful.allowance()).isEqualTo(2);
    }
  }

  @Test
  void nothingIsTakenFromThoseWhoDoNotUseItAllWhileNobodyLacksIt() {
    try (BudgetedPools pools = new BudgetedPools(8, 8, 8)) {
      pools.get(0).ask(4);
      pools.get(0).giveBack();
      pools.get(0).giveBack();
      pools.pass(Duration.ofMinutes(1));

      assertThat(pools.get(0).allowance()).isEqualTo(4);
    }
  }

  @Test
  void whoGoesIsHungryNoMore() {
    try (BudgetedPools pools = new BudgetedPools(2, 8, 8)) {
      pools.get(0).ask(3);
      pools.get(1).ask();
      pools.get(1).giveUp();

      pools.get(0).giveBack();

      assertThat(pools.get(0).busy()).isEqualTo(2);
      assertThat(pools.get(1).allowance()).isZero();
      assertThat(pools.allowances().hungry()).isZero();
    }
  }

  @Test
  void aPoolMayJoinLate() {
    try (BudgetedPools pools = new BudgetedPools(4, 8)) {
      pools.get(0).ask(6);
      BudgetedPools.Pool late = pools.add(8);
      assertThat(late.ask()).isFalse();

      pools.get(0).giveBack();

      assertThat(late.busy()).isEqualTo(1);
    }
  }

  @Test
  void anAdaptiveLimitBoundsItToo() {
    try (BudgetedPools pools = new BudgetedPools(ConnectionGuard.builder().adaptive(), 8, 8)) {
      BudgetedPools.Pool pool = pools.get(0);
      pool.ask(8);
      pools.advance(Duration.ofMillis(1));
      pool.giveAllBack();
      pools.tick();
      for (int i = 0; i < 100; i++) {
        pool.ask(8 - pool.busy() - pool.waiting());
        pools.pass(Duration.ofMillis(100));
        pool.giveAllBack();
      }

      assertThat(pool.guarded().gate().limit()).isLessThan(8);
    }
  }

  @Test
  void aPoolThatHasNothingIsAtEase() {
    try (BudgetedPools pools = new BudgetedPools(10, 8, 8)) {
      pools.get(0).ask();
      pools.pass(Duration.ofSeconds(3));

      PoolStatus one = pools.guard.status("pool 0");
      assertThat(one.utilization()).as("1 of the 8 that it would get").isBetween(0.1, 0.13);
      assertThat(pools.guard.status("pool 1").utilization()).isZero();
      assertThat(pools.guard.levels().level("pool 0")).isEqualTo(LoadLevel.NORMAL);
    }
  }

  @Test
  void aPoolThatCannotGrowIsMeasuredByWhatItHas() {
    try (BudgetedPools pools = new BudgetedPools(4, 8, 8)) {
      pools.get(0).ask(2);
      pools.get(1).ask(2);
      pools.pass(Duration.ofSeconds(10));

      assertThat(pools.guard.status("pool 0").utilization()).isGreaterThan(0.95);
    }
  }

  @Test
  void aSizeAboveTheBudgetIsCutAndSaid() {
    try (Warnings log = new Warnings(ConnectionGuard.class);
        BudgetedPools pools = new BudgetedPools(4, 8, 4)) {
      pools.get(0).ask(6);

      assertThat(pools.get(0).allowance()).isEqualTo(4);
      assertThat(log.said())
          .containsExactly(
              "INFO pool 'pool 0': it may have 8 connections by itself, and gets 4 at most, which"
                  + " is the budget of all pools");
    }
  }

  @Test
  void aPoolThatFailsToCloseIsToldOfOnce() {
    ConnectionGuard guard =
        ConnectionGuard.builder()
            .budget(PoolBudget.of(4))
            .byHand(new BudgetedPools(1).time)
            .build();
    ManagedPool failing =
        new ManagedPool() {
          private final StubPool stub = new StubPool(4);

          @Override
          public DataSource dataSource() {
            return stub.dataSource();
          }

          @Override
          public int maximumSize() {
            return 4;
          }

          @Override
          public void resize(int size) {
            if (size > 0) {
              throw new IllegalStateException("it is closed");
            }
          }

          @Override
          public int open() {
            throw new IllegalStateException("it is closed");
          }
        };
    try (guard;
        Warnings log = new Warnings(ConnectionGuard.class)) {
      guard.protect("orders", failing);
      assertThat(guard.pools().iterator().next().mayEnter(Criticality.STANDARD, 0)).isTrue();
      guard.tick();
      guard.tick();

      assertThat(log.said())
          .singleElement()
          .asString()
          .startsWith("WARN pool 'orders': it could not be resized");
    }
  }

  @Test
  void aPoolOfAFixedSizeIsRefused() {
    ManagedPool fixed = ManagedPool.ofSize(new StubPool(4).dataSource(), 4);
    try (BudgetedPools pools = new BudgetedPools(4)) {
      assertThatThrownBy(() -> pools.guard.protect("orders", fixed))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "pool 'orders' can't share in a budget, since it can't be resized: implement"
                  + " ManagedPool.resize for it, or guard it without a budget");
      assertThat(pools.guard.pools()).isEmpty();
    }
  }

  @Test
  void inShadowModeNothingIsResized() {
    StubPool pool = new StubPool(4);
    try (ConnectionGuard guard =
        ConnectionGuard.builder()
            .shadow()
            .budget(PoolBudget.of(2))
            .byHand(new BudgetedPools(1).time)
            .build()) {
      guard.protect("orders", pool);
      guard.tick();

      assertThat(pool.size()).isEqualTo(4);
    }
  }
}
