package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who comes before whom at a gate, and that it is noted. */
class GateTest {

  private static final int MANY = 100;

  private final Gate gate = new Gate(1);

  private static long millis(int millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private Waiter waits(Criticality criticality, int sinceMillis) {
    Waiter waiter = new Waiter(criticality, false, millis(sinceMillis));
    assertThat(gate.enterOrQueue(waiter, MANY)).isEqualTo(Gate.Place.QUEUED);
    return waiter;
  }

  @Test
  void whoOvertakesOneThatHasWaitedForLongIsCounted() {
    gate.enter();
    Waiter standard = waits(Criticality.STANDARD, 0);
    Waiter critical = waits(Criticality.CRITICAL, 9);
    assertThat(gate.oldestWaitNanos(millis(10))).as("not of the next").isEqualTo(millis(10));

    gate.leave(millis(10)); // the next has not waited for long
    assertThat(gate.inUse()).isZero();
    assertThat(critical.isWoken()).isTrue();
    assertThat(gate.tryEnter(Criticality.CRITICAL, millis(10))).isTrue();
    assertThat(gate.overtookCount()).isOne();

    gate.leave(millis(20)); // by now it has
    assertThat(critical.fate()).isEqualTo(Waiter.Fate.ADMITTED);
    assertThat(critical.hasOvertaken()).isTrue();
    assertThat(standard.fate()).isEqualTo(Waiter.Fate.WAITING);

    gate.leave(millis(30));
    assertThat(standard.fate()).isEqualTo(Waiter.Fate.ADMITTED);
    assertThat(standard.hasOvertaken()).isFalse();
    assertThat(gate.oldestWaitNanos(millis(30))).isZero();
  }

  @Test
  void whoComesBeforeOneThatHasJustComeOvertakesNobody() {
    gate.enter();
    waits(Criticality.STANDARD, 8);
    gate.leave(millis(10));
    assertThat(gate.tryEnter(Criticality.STANDARD, millis(10))).isTrue();
    assertThat(gate.overtookCount()).isZero();
  }

  /** The wake that comes while it looks is seen the next time. */
  @Test
  void aWakeIsSeenOnce() {
    gate.enter();
    Waiter waiter = waits(Criticality.STANDARD, 0);
    assertThat(waiter.isWoken()).isFalse();
    waiter.wake();
    assertThat(waiter.isWoken()).isTrue();
    assertThat(waiter.isWoken()).isFalse();
  }
}
