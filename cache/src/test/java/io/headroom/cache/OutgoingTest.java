package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is told in its turn. */
class OutgoingTest {

  private static final int MANY = 100_000;

  private final Outgoing outgoing = new Outgoing(2);
  private final List<Integer> begun = new ArrayList<>();
  private final List<Integer> late = new ArrayList<>();
  private final List<CompletableFuture<Void>> answers = new ArrayList<>();

  private CompletableFuture<Void> tell(int number) {
    return outgoing.tell(
        isLate -> {
          begun.add(number);
          if (isLate) {
            late.add(number);
          }
          CompletableFuture<Void> answer = new CompletableFuture<>();
          answers.add(answer);
          return answer;
        });
  }

  @Test
  void soManyAreUnderWayAndTheRestFollowsInItsOrder() {
    List<CompletableFuture<Void>> told = IntStream.range(0, 5).mapToObj(this::tell).toList();
    assertThat(begun).containsExactly(0, 1);

    answers.get(1).complete(null);
    assertThat(told.get(1)).isCompleted();
    assertThat(begun).containsExactly(0, 1, 2);

    answers.get(0).completeExceptionally(new IllegalStateException("no answer"));
    assertThatThrownBy(() -> told.get(0).join()).hasCauseInstanceOf(IllegalStateException.class);
    answers.get(2).complete(null);
    answers.get(3).complete(null);
    answers.get(4).complete(null);
    assertThat(begun).containsExactly(0, 1, 2, 3, 4);
    assertThat(late).containsExactly(2, 3, 4);
    assertThat(told.get(4)).isCompleted();

    var unused = tell(5);
    assertThat(late).as("there is room again").doesNotContain(5);
  }

  @Test
  void whatThrowsMakesRoomToo() {
    for (int i = 0; i < 5; i++) {
      CompletableFuture<Void> told =
          outgoing.tell(
              isLate -> {
                throw new IllegalStateException("not sent");
              });
      assertThat(told).isCompletedExceptionally();
    }
    var unused = tell(0);
    assertThat(begun).containsExactly(0);
  }

  /** As when Redis turns out to be away while many wait. */
  @Test
  void manyThatEndAtOnceAreToldWithoutADeepStack() {
    CompletableFuture<Void> first = new CompletableFuture<>();
    CompletableFuture<Void> second = new CompletableFuture<>();
    var one = outgoing.tell(isLate -> first);
    var two = outgoing.tell(isLate -> second);
    List<CompletableFuture<Void>> told = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      boolean fails = i % 2 == 0;
      told.add(
          outgoing.tell(
              isLate ->
                  fails
                      ? CompletableFuture.failedFuture(new IllegalStateException("away"))
                      : CompletableFuture.completedFuture(null)));
    }
    assertThat(told).noneMatch(CompletableFuture::isDone);
    first.complete(null);
    assertThat(told).allMatch(CompletableFuture::isDone);
    second.complete(null);
    assertThat(List.of(one, two)).allMatch(CompletableFuture::isDone);
  }

  @Test
  void neverMoreThanThatWhoeverTellsAndWhoeverAnswers() throws Exception {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Queue<CompletableFuture<Void>> told = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          new Thread(
              () -> {
                for (int n = 0; n < 500; n++) {
                  told.add(
                      outgoing.tell(
                          isLate -> {
                            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                            return CompletableFuture.runAsync(underWay::decrementAndGet);
                          }));
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    CompletableFuture.allOf(told.toArray(CompletableFuture<?>[]::new)).join();
    assertThat(told).hasSize(2_000);
    assertThat(most).hasValueLessThanOrEqualTo(2);
  }
}
