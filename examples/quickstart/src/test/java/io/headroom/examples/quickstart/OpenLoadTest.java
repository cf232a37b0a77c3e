package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** That users come when they come: who waits for the last answer measures no overload. */
class OpenLoadTest {

  @Test
  void nobodyWaitsForOthers() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger left = new AtomicInteger(100);
    List<Long> due = new CopyOnWriteArrayList<>();
    long begin = System.nanoTime();
    try (OpenLoad load =
        new OpenLoad(
            when -> {
              due.add(when);
              try {
                never.await();
              } catch (InterruptedException over) {
                Thread.currentThread().interrupt();
              }
            },
            7)) {
      load.come(1_000, () -> left.getAndDecrement() > 0);
      never.countDown();
      assertThat(load.awaitAll()).isTrue();
    }
    assertThat(due).hasSize(100).allMatch(when -> when - begin >= 0);
    assertThat(due.stream().mapToLong(when -> when).max().orElseThrow() - begin)
        .as("a hundred at a thousand a second, by this seed")
        .isBetween(50_000_000L, 200_000_000L);
  }
}
