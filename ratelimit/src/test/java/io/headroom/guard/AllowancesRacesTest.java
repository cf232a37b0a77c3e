package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many threads at pools that share a budget, while the guard's own thread takes back as well. */
class AllowancesRacesTest {

  private static final int THREADS = 24;
  private static final int ROUNDS = 4_000;

  private final AtomicInteger inUse = new AtomicInteger();
  private final AtomicInteger mostInUse = new AtomicInteger();

  @ParameterizedTest
  @CsvSource({"1, 3", "5, 12", "20, 12", "200, 12"})
  void allAreServedAndNeverByMoreThanTheBudget(int budget, int count) throws Exception {
    List<StubPool> pools = new ArrayList<>();
    List<PoolGuard> guards = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (ConnectionGuard guard =
        ConnectionGuard.builder()
            .maximumWait(Duration.ofMinutes(1))
            .maximumWaiters(THREADS)
            .targetDelay(Duration.ofMinutes(1)) // nobody is shed
            .stuckAfter(Duration.ofMinutes(1))
            .budget(PoolBudget.of(budget))
            .build()) {
      for (int i = 0; i < count; i++) {
        StubPool pool = new StubPool(8);
        guard.protect("pool " + i, pool);
        pools.add(pool);
      }
      for (StubPool pool : pools) {
        guard.pools().stream().filter(each -> each.pool() == pool).forEach(guards::add);
      }
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        done.add(threads.submit(() -> work(guards, pools, budget)));
      }
      for (Future<?> each : done) {
        each.get(5, TimeUnit.MINUTES);
      }

      Allowances allowances = Objects.requireNonNull(guard.allowances());
      assertThat(mostInUse).hasValueLessThanOrEqualTo(budget).hasPositiveValue();
      assertThat(allowances.hungry()).isZero();
      assertThat(pools.stream().mapToInt(StubPool::open).sum()).isLessThanOrEqualTo(budget);
      assertThat(guards).allMatch(pool -> pool.gate().inUse() == 0 && pool.gate().waiting() == 0);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Mostly at one pool, another every now and then. */
  private Void work(List<PoolGuard> guards, List<StubPool> pools, int budget) throws Exception {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int favourite = 0;
    for (int round = 0; round < ROUNDS; round++) {
      if (random.nextInt(50) == 0) {
        favourite = random.nextInt(pools.size());
      }
      int at = random.nextInt(4) == 0 ? random.nextInt(pools.size()) : favourite;
      Hold hold = guards.get(at).enter(RequestContext.current());
      int now = inUse.incrementAndGet();
      mostInUse.accumulateAndGet(now, Math::max);
      assertThat(now).isLessThanOrEqualTo(budget);
      pools.get(at).take(); // fails if it has no room, which its permit promises
      hold.onBound(StubPool.connection());
      hold.connected();
      if (random.nextInt(8) == 0) {
        LockSupport.parkNanos(20_000);
      }
      pools.get(at).giveBack();
      inUse.decrementAndGet();
      hold.end();
    }
    return null;
  }
}
