package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Threads come, wait, are served, give up, are interrupted, all at once. */
class GateRacesTest {

  private static final int THREADS = 16;
  private static final int SIZE = 3;
  private static final List<Criticality> ANY = List.of(Criticality.values());

  private static PoolGuard guard(Duration maximumWait, int mostWaiting) {
    return new PoolGuard(
        "pool",
        ManagedPool.ofSize(new PGSimpleDataSource(), SIZE),
        ConnectionGuard.builder()
            .targetDelay(Duration.ofNanos(1))
            .maximumWait(maximumWait)
            .maximumWaiters(mostWaiting)
            .settings(),
        TimeSource.system(),
        new GuardListeners(List.of()),
        new DoorCounts());
  }

  @RepeatedTest(5)
  void nobodyIsLetInTooManyAndNobodyIsForgotten() throws InterruptedException {
    PoolGuard guard = guard(Duration.ofNanos(200_000), 8);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    LongAdder served = new LongAdder();
    LongAdder refused = new LongAdder();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom random = new SplittableRandom(i);
      threads.add(
          new Thread(
              () -> {
                for (int call = 0; call < 3_000; call++) {
                  if (random.nextInt(100) == 0) {
                    Thread.currentThread().interrupt();
                  }
                  try {
                    Criticality any = ANY.get(random.nextInt(3));
                    Hold hold = guard.enter(RequestContext.builder().criticality(any).build());
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    if (random.nextInt(4) == 0) {
                      LockSupport.parkNanos(random.nextInt(100_000));
                    }
                    inside.decrementAndGet();
                    hold.end();
                    hold.end();
                    served.increment();
                  } catch (SQLException gone) {
                    refused.increment();
                  }
                  boolean interrupted = Thread.interrupted();
                  assertThat(interrupted || served.sum() + refused.sum() > 0).isTrue();
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(TimeUnit.MINUTES.toMillis(2));
      assertThat(thread.isAlive()).as("forgotten: %s", guard).isFalse();
    }
    assertThat(most.get()).isLessThanOrEqualTo(SIZE);
    assertThat(served.sum() + refused.sum()).isEqualTo(3_000L * THREADS);
    assertThat(served.sum()).isPositive();
    assertThat(refused.sum()).isPositive();
    assertThat(guard.gate().inUse()).isZero();
    assertThat(guard.gate().waiting()).isZero();
  }

  /** Each permit that comes back wakes one who waits, or nobody would come any more. */
  @RepeatedTest(5)
  void whoWaitsPatientlyIsServed() throws InterruptedException {
    PoolGuard guard = guard(Duration.ofMinutes(1), 1_000);
    LongAdder served = new LongAdder();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          new Thread(
              () -> {
                for (int call = 0; call < 5_000; call++) {
                  try {
                    guard.enter(RequestContext.current()).end();
                    served.increment();
                  } catch (SQLException refused) {
                    throw new AssertionError(refused);
                  }
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(TimeUnit.MINUTES.toMillis(2));
      assertThat(thread.isAlive()).as("forgotten: %s", guard).isFalse();
    }
    assertThat(served.sum()).isEqualTo(5_000L * THREADS);
    assertThat(guard.gate().inUse()).isZero();
    assertThat(guard.gate().waiting()).isZero();
  }

  @Test
  void onlyWhoHasJustComeIsOvertakenAndNotByWhoIsLessCritical() {
    Gate gate = new Gate(1);
    assertThat(gate.tryEnter(Criticality.STANDARD, 0)).isTrue();
    Waiter waiter = new Waiter(Criticality.STANDARD, false, 0);
    assertThat(gate.enterOrQueue(waiter, 10)).isEqualTo(Gate.Place.QUEUED);
    gate.leave(1);
    assertThat(waiter.fate()).as("woken, and not let in").isEqualTo(Waiter.Fate.WAITING);
    assertThat(waiter.isWoken()).isTrue();

    assertThat(gate.tryEnter(Criticality.SHEDDABLE, 1)).isFalse();
    assertThat(gate.tryEnter(Criticality.STANDARD, Gate.PATIENCE)).isFalse();
    assertThat(gate.tryEnter(Criticality.STANDARD, Gate.PATIENCE - 1)).isTrue();

    gate.leave(Gate.PATIENCE);
    assertThat(waiter.fate()).as("handed on").isEqualTo(Waiter.Fate.ADMITTED);
  }

  @Test
  void whoGoesAfterItWasWokenLeavesThePermitToTheNext() {
    Gate gate = new Gate(1);
    assertThat(gate.tryEnter(Criticality.STANDARD, 0)).isTrue();
    Waiter first = new Waiter(Criticality.STANDARD, false, 0);
    Waiter second = new Waiter(Criticality.STANDARD, false, 0);
    assertThat(gate.enterOrQueue(first, 10)).isEqualTo(Gate.Place.QUEUED);
    assertThat(gate.enterOrQueue(second, 10)).isEqualTo(Gate.Place.QUEUED);
    gate.leave(1);
    assertThat(gate.giveUp(first)).isTrue();
    assertThat(second.fate()).isEqualTo(Waiter.Fate.ADMITTED);
  }
}
