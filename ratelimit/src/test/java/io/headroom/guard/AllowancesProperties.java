package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever callers do, in whatever order; {@link BudgetedPools} checks the budget at each step. */
class AllowancesProperties {

  private static final int STEPS = 300;

  /** Its checks hold after each step. */
  private static BudgetedPools usedForAWhile(int budget, int count, Random random) {
    BudgetedPools pools = any(budget, count, random);
    for (int step = 0; step < STEPS; step++) {
      anyStep(pools, random);
    }
    return pools;
  }

  private static BudgetedPools any(int budget, int count, Random random) {
    int[] sizes = random.ints(count, 1, 13).toArray();
    return new BudgetedPools(budget, sizes);
  }

  private static void anyStep(BudgetedPools pools, Random random) {
    BudgetedPools.Pool pool = pools.get(random.nextInt(pools.pools.size()));
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> pool.ask();
      case 4, 5, 6 -> {
        if (pool.busy() > 0) {
          pool.giveBack();
        }
      }
      case 7 -> {
        if (pool.waiting() > 0) {
          pool.giveUp();
        }
      }
      case 8 -> pools.advance(Duration.ofNanos(random.nextLong(200_000_000)));
      default -> {
        pools.advance(Duration.ofMillis(100));
        pools.tick();
      }
    }
  }

  @Property(tries = 400)
  void allTogetherNeverHaveMoreThanTheBudget(
      @ForAll @IntRange(min = 1, max = 20) int budget,
      @ForAll @IntRange(min = 1, max = 12) int count,
      @ForAll Random random) {
    try (BudgetedPools pools = usedForAWhile(budget, count, random)) {
      pools.check(); // as after each step
    }
  }

  /**
   * While callers keep all pools busy: whoever gives a connection back asks for another. What comes
   * back goes to pools that have nothing, one after the other, but for once in each turn. So a pool
   * waits no longer than it takes for so many to come back as there are connections, and twice as
   * many as there are pools in its place.
   */
  @Property(tries = 400)
  void nobodyStarves(
      @ForAll @IntRange(min = 1, max = 20) int budget,
      @ForAll @IntRange(min = 2, max = 12) int count,
      @ForAll Random random) {
    try (BudgetedPools pools = usedForAWhile(budget, count, random)) {
      List<BudgetedPools.Pool> starving = new ArrayList<>();
      for (BudgetedPools.Pool pool : pools.pools) {
        if (pool.allowance() == 0 && pool.waiting() > 0) {
          starving.add(pool);
          pool.servedAfterWait = 0;
        }
      }
      for (int back = 0; back < budget + 2 * starving.size(); back++) {
        pools.advance(Duration.ofMillis(20));
        giveOneBackAndAskAgain(pools, random);
      }

      assertThat(starving).allMatch(pool -> pool.servedAfterWait > 0);
    }
  }

  private static void giveOneBackAndAskAgain(BudgetedPools pools, Random random) {
    List<BudgetedPools.Pool> busy = new ArrayList<>(pools.pools);
    busy.removeIf(pool -> pool.busy() == 0);
    BudgetedPools.Pool pool = busy.get(random.nextInt(busy.size()));
    pool.ask();
    pool.giveBack();
  }

  /** With enough for all, each comes to have its share, however much the others want. */
  @Property(tries = 200)
  void whoeverWaitsComesToHaveItsShare(
      @ForAll @IntRange(min = 12, max = 40) int budget,
      @ForAll @IntRange(min = 2, max = 12) int count,
      @ForAll Random random) {
    try (BudgetedPools pools = usedForAWhile(budget, count, random)) {
      for (BudgetedPools.Pool pool : pools.pools) {
        pool.ask(50);
      }
      for (int round = 0; round < 2 * budget; round++) {
        for (BudgetedPools.Pool pool : pools.pools) {
          if (pool.busy() > 0) {
            pool.ask();
            pool.giveBack();
          }
        }
      }

      assertThat(pools.pools)
          .allSatisfy(
              pool ->
                  assertThat(pool.busy())
                      .as("of %s", pools)
                      .isGreaterThanOrEqualTo(Math.min(pool.allowanceSize(), budget / count)));
    }
  }

  @Property(tries = 200)
  void nobodyWaitsWhileSomethingIsFreeOrLongIdle(
      @ForAll @IntRange(min = 1, max = 20) int budget,
      @ForAll @IntRange(min = 1, max = 12) int count,
      @ForAll Random random) {
    try (BudgetedPools pools = usedForAWhile(budget, count, random)) {
      pools.pass(Duration.ofSeconds(3));

      int busy = pools.pools.stream().mapToInt(BudgetedPools.Pool::busy).sum();
      assertThat(pools.pools)
          .allSatisfy(
              pool ->
                  assertThat(
                          pool.waiting() == 0
                              || pool.busy() == pool.allowanceSize()
                              || busy == budget)
                      .as("%s", pools)
                      .isTrue());
    }
  }

  @Property(tries = 200)
  void whatIsIdleShrinksToNothing(
      @ForAll @IntRange(min = 1, max = 20) int budget,
      @ForAll @IntRange(min = 1, max = 12) int count,
      @ForAll Random random) {
    try (BudgetedPools pools = usedForAWhile(budget, count, random)) {
      for (boolean any = true; any; ) {
        any = false;
        for (BudgetedPools.Pool pool : pools.pools) {
          any |= pool.busy() > 0;
          pool.giveAllBack();
        }
      }
      assertThat(pools.pools).as("all are served in the end").allMatch(pool -> pool.waiting() == 0);
      pools.advance(Duration.ofSeconds(5));
      pools.tick();

      assertThat(pools.pools).allMatch(pool -> pool.allowance() == 0 && pool.stub.open() == 0);
    }
  }
}
