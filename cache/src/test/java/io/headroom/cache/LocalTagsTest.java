package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** There are more tags than are remembered. */
class LocalTagsTest {

  private static final int THREADS = 4;
  private static final int TAGS = 100_000;

  private final LocalTags tags = new LocalTags();

  @Test
  void whatWasInvalidatedStaysSoWhoeverForgetsTheTags() throws Exception {
    CyclicBarrier together = new CyclicBarrier(THREADS);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Integer>> missed = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        String name = "tag " + i + " ";
        missed.add(
            threads.submit(
                () -> {
                  together.await();
                  return missed(name);
                }));
      }
      for (Future<Integer> each : missed) {
        assertThat(each.get()).isZero();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** How many invalidations did not last. */
  private int missed(String name) {
    int missed = 0;
    String before = name;
    long sinceBefore = tags.now();
    tags.invalidate(before);
    for (int i = 0; i < TAGS; i++) {
      long since = tags.now();
      String tag = name + i;
      tags.invalidate(tag);
      if (!tags.isOutdated(List.of(tag), since) || !tags.isOutdated(List.of(before), sinceBefore)) {
        missed++;
      }
      before = tag;
      sinceBefore = since;
    }
    return missed;
  }

  @Test
  void whatIsReadAfterwardsIsNotOutdated() {
    for (int i = 0; i <= 10_000; i++) {
      tags.invalidate("tag " + i);
    }
    assertThat(tags.isOutdated(List.of("tag 1"), tags.now())).isFalse();
    assertThat(tags.isOutdated(List.of("another"), 0)).as("nobody knows").isTrue();
  }
}
