package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IdleContextsTest {

  private final AtomicInteger made = new AtomicInteger();
  private final ConcurrentLinkedQueue<Integer> freed = new ConcurrentLinkedQueue<>();
  private final IdleContexts<Integer> contexts =
      new IdleContexts<>(made::incrementAndGet, freed::add);

  @Test
  void whatIsGivenBackIsUsedAgain() {
    int first = contexts.take();
    assertThat(contexts.take()).isNotEqualTo(first);
    contexts.giveBack(first);
    assertThat(contexts.take()).isEqualTo(first);
    assertThat(freed).isEmpty();
  }

  @Test
  void oneForEachProcessorIsKeptAndTheOthersAreFreed() {
    int processors = Runtime.getRuntime().availableProcessors();
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < processors + 2; i++) {
      taken.add(contexts.take());
    }
    taken.forEach(contexts::giveBack);
    assertThat(freed).hasSize(2);
    contexts.free();
    assertThat(freed).hasSameElementsAs(taken).hasSize(processors + 2);
  }

  @Test
  void allAreFreedAfterTheirOwner() {
    contexts.giveBack(contexts.take());
    contexts.freeWith(new Object());
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(freed).hasSize(1);
            });
  }
}
