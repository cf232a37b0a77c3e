package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadLeaksTest {

  private final CountDownLatch end = new CountDownLatch(1);

  private Thread thread(String name) {
    Thread thread =
        new Thread(
            () -> {
              try {
                end.await();
              } catch (InterruptedException over) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Test
  void threadsThatComeAfterItAndStayAreFound() throws InterruptedException {
    Thread early = thread("leaks-early");
    ThreadLeaks leaks = ThreadLeaks.watch("leaks-", "other-");
    assertThat(leaks.left()).isEmpty();
    Thread late = thread("leaks-late");
    Thread other = thread("other-1");
    Thread strange = thread("strange-1");

    assertThat(leaks.left()).containsExactly("leaks-late", "other-1");
    assertThat(leaks).hasToString("ThreadLeaks[leaks-*, other-*, left: [leaks-late, other-1]]");

    Thread waits = new Thread(leaks::assertNone);
    waits.start();
    end.countDown();
    for (Thread each : new Thread[] {early, late, other, strange, waits}) {
      each.join(60_000);
      assertThat(each.isAlive()).as("%s", each).isFalse();
    }
    leaks.assertNone();
  }

  /** By an interrupt, since a minute would be long. */
  @Test
  void whoWaitsForThemIsNotSatisfiedBefore() {
    ThreadLeaks leaks = ThreadLeaks.watch("leaks-stays");
    thread("leaks-stays");
    Thread.currentThread().interrupt();
    assertThatThrownBy(leaks::assertNone).isInstanceOf(ServerException.class);
    assertThat(Thread.interrupted()).isTrue();
    end.countDown();
    leaks.assertNone();
  }

  @Test
  void itIsToldWhatToLookAt() {
    assertThatThrownBy(ThreadLeaks::watch)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no name prefix");
  }
}
