package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.ratelimit.HandTime;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * Pools that share a budget, on a clock that is set by hand, and callers of whom no thread waits.
 * Every step checks what holds always.
 */
final class BudgetedPools implements AutoCloseable {

  final HandTime time = new HandTime();
  final int budget;
  final ConnectionGuard guard;
  final List<Pool> pools = new ArrayList<>();

  BudgetedPools(int budget, int... sizes) {
    this(ConnectionGuard.builder(), budget, sizes);
  }

  BudgetedPools(ConnectionGuardBuilder builder, int budget, int... sizes) {
    this.budget = budget;
    this.guard =
        builder
            .maximumWait(Duration.ofHours(1)) // nobody is refused
            .targetDelay(Duration.ofHours(1))
            .stuckAfter(Duration.ofHours(1))
            .maximumWaiters(1_000)
            .budget(PoolBudget.of(budget))
            .byHand(time)
            .build();
    for (int size : sizes) {
      add(size);
    }
  }

  Pool add(int size) {
    Pool pool = new Pool(size);
    guard.protect(pool.name, pool.stub);
    pool.guarded =
        guard.pools().stream()
            .filter(each -> each.resource().equals(pool.name))
            .findFirst()
            .orElseThrow();
    pools.add(pool);
    check();
    return pool;
  }

  Pool get(int number) {
    return pools.get(number);
  }

  Allowances allowances() {
    return Objects.requireNonNull(guard.allowances());
  }

  void advance(Duration by) {
    time.advance(by);
  }

  void tick() {
    guard.tick();
    serveAdmitted();
    check();
  }

  /** Time passes, with ticks. */
  void pass(Duration time) {
    for (Duration left = time; left.compareTo(Duration.ZERO) > 0; left = left.minusMillis(100)) {
      advance(Duration.ofMillis(100));
      tick();
    }
  }

  /** Those who waited and have been let in take their connections. */
  void serveAdmitted() {
    pools.forEach(Pool::serveAdmitted);
  }

  /** The laws of numbers. */
  void check() {
    int held = 0;
    int open = 0;
    for (Pool pool : pools) {
      assertThat(pool.busy()).as("in use of %s", pool).isLessThanOrEqualTo(pool.allowance());
      assertThat(pool.allowance()).as("%s", pool).isBetween(0, pool.allowanceSize());
      assertThat(pool.guarded.gate().inUse()).as("permits of %s", pool).isEqualTo(pool.busy());
      assertThat(pool.stub.open()).as("open of %s", pool).isLessThanOrEqualTo(pool.allowance());
      held += pool.allowance();
      open += pool.stub.open();
    }
    assertThat(held).as("allotted of %s", pools).isEqualTo(allowances().allotted());
    assertThat(held).as("budget of %s", pools).isLessThanOrEqualTo(budget);
    assertThat(open).as("open of %s", pools).isLessThanOrEqualTo(budget);
  }

  @Override
  public void close() {
    guard.close();
  }

  @Override
  public String toString() {
    return budget + " for " + pools;
  }

  /** One of the pools, and its callers. */
  final class Pool {
    final StubPool stub;
    final String name = "pool " + pools.size();
    private final Deque<Hold> holds = new ArrayDeque<>();
    private final Deque<Waiter> waiters = new ArrayDeque<>();
    private PoolGuard guarded;

    /** How many of those who waited have been served. */
    int servedAfterWait;

    private Pool(int size) {
      this.stub = new StubPool(size);
    }

    int allowance() {
      return Objects.requireNonNull(guarded.allowance()).held();
    }

    int allowanceSize() {
      return Objects.requireNonNull(guarded.allowance()).size();
    }

    int busy() {
      return holds.size();
    }

    int waiting() {
      return waiters.size();
    }

    PoolGuard guarded() {
      return guarded;
    }

    /** One more caller asks; true if it has its connection at once. */
    boolean ask() {
      long now = time.nanoTime();
      boolean served = guarded.mayEnter(Criticality.STANDARD, time.nanoTime());
      if (served) {
        hold(now);
      } else {
        Waiter waiter = new Waiter(Criticality.STANDARD, false, now);
        assertThat(guarded.queue(waiter, RequestContext.current(), Long.MAX_VALUE)).isNull();
        waiters.addLast(waiter);
      }
      BudgetedPools.this.serveAdmitted();
      served |= waiters.isEmpty();
      check();
      return served;
    }

    void ask(int callers) {
      for (int i = 0; i < callers; i++) {
        ask();
      }
    }

    private void hold(long askedNanos) {
      Hold hold = guarded.held(Criticality.STANDARD, askedNanos, time.nanoTime());
      try {
        stub.take();
      } catch (SQLException full) {
        throw new AssertionError(name, full);
      }
      hold.onBound(StubPool.connection());
      hold.connected();
      holds.addLast(hold);
    }

    private void serveAdmitted() {
      for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
        Waiter waiter = each.next();
        if (waiter.fate() == Waiter.Fate.ADMITTED) {
          each.remove();
          hold(waiter.askedNanos());
          servedAfterWait++;
        }
      }
    }

    /** A connection comes back, the one that was taken first. */
    void giveBack() {
      Hold hold = holds.removeFirst();
      stub.giveBack();
      hold.end();
      BudgetedPools.this.serveAdmitted();
      check();
    }

    void giveAllBack() {
      while (!holds.isEmpty()) {
        giveBack();
      }
    }

    /** The one that has waited longest goes. */
    void giveUp() {
      Waiter waiter = waiters.removeFirst();
      assertThat(guarded.gate().giveUp(waiter)).isTrue();
      check();
    }

    @Override
    public String toString() {
      return name
          + ": "
          + busy()
          + " of "
          + allowance()
          + " of "
          + stub.maximumSize()
          + ", "
          + waiting()
          + " wait";
    }
  }
}
