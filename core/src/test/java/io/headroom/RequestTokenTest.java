package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ConsistencyToken.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The token of a request: what is merged into it, and what is asked for when it is read. */
class RequestTokenTest {
  private final ExecutorService otherThread = Executors.newSingleThreadExecutor();
  private final RequestContext context = RequestContext.builder().build();

  @AfterEach
  void end() {
    otherThread.shutdownNow();
  }

  @Test
  void keepsNothingWhereNothingIsAttached() {
    RequestContext.current().observe(ConsistencyToken.of("orders", 1, 1));

    assertThat(RequestContext.current().token()).isSameAs(ConsistencyToken.NONE);
    assertThat(RequestContext.current().toBuilder().build().token())
        .isSameAs(ConsistencyToken.NONE);
  }

  @Test
  void asksForAPositionOnlyWhenTheTokenIsRead() {
    AtomicInteger asked = new AtomicInteger();
    context.observeLater(
        "orders", () -> ConsistencyToken.of("orders", 1, 100L + asked.incrementAndGet()));
    context.observe(ConsistencyToken.of("users", 1, 7));
    assertThat(context.knownToken()).isEqualTo(ConsistencyToken.of("users", 1, 7));
    assertThat(RequestContext.current().knownToken()).isSameAs(ConsistencyToken.NONE);
    assertThat(context.isTokenKnown()).isFalse();
    assertThat(asked).hasValue(0);

    ConsistencyToken token = context.token();

    assertThat(token.position("orders")).contains(new Position(1, 101));
    assertThat(token.position("users")).contains(new Position(1, 7));
    assertThat(context.isTokenKnown()).isTrue();
    assertThat(context.token()).isEqualTo(token);
    assertThat(asked).as("times asked").hasValue(1);
  }

  @Test
  void aLaterQuestionStandsForTheEarlierOne() {
    context.observeLater("orders", () -> ConsistencyToken.of("orders", 1, 1));
    context.observeLater("orders", () -> ConsistencyToken.of("orders", 1, 2));
    context.observeLater("users", () -> ConsistencyToken.of("users", 1, 3));

    assertThat(context.token().domains()).containsExactly("orders", "users");
    assertThat(context.token().position("orders")).contains(new Position(1, 2));
  }

  @Test
  void aQuestionThatFailsIsAskedAgain() {
    AtomicBoolean down = new AtomicBoolean(true);
    context.observeLater(
        "orders",
        () -> {
          if (down.get()) {
            throw new HeadroomException("no answer") {};
          }
          return ConsistencyToken.of("orders", 1, 5);
        });

    assertThatThrownBy(context::token).hasMessage("no answer");
    assertThat(context.isTokenKnown()).isFalse();
    down.set(false);
    assertThat(context.token().position("orders")).contains(new Position(1, 5));
  }

  @Test
  @Timeout(60)
  void whoeverReadsTheTokenMeanwhileWaitsForTheAnswer() throws Exception {
    CountDownLatch asking = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    context.observeLater(
        "orders",
        () -> {
          asking.countDown();
          awaitUninterruptibly(answer);
          return ConsistencyToken.of("orders", 1, 5);
        });
    Future<ConsistencyToken> first = otherThread.submit(context::token);
    asking.await();
    FutureTask<ConsistencyToken> second = new FutureTask<>(context::token);
    Thread reader = new Thread(second, "second reader");
    reader.start();
    while (reader.getState() != Thread.State.BLOCKED) {
      Thread.onSpinWait();
    }
    answer.countDown();

    assertThat(second.get()).isEqualTo(first.get()).isEqualTo(ConsistencyToken.of("orders", 1, 5));
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void dropsAQuestionWhereNothingIsAttached() {
    RequestContext.current().observeLater("orders", () -> ConsistencyToken.of("orders", 1, 1));

    assertThat(RequestContext.current().isTokenKnown()).isTrue();
    assertThat(RequestContext.current().token()).isSameAs(ConsistencyToken.NONE);
  }

  @Test
  void manyThreadsMergeIntoOneToken() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 4000; i++) {
        ConsistencyToken seen = ConsistencyToken.of("d" + i % 10, 1, i);
        tasks.add(
            () -> {
              context.observe(seen);
              return null;
            });
      }
      threads.invokeAll(tasks);
    } finally {
      threads.shutdownNow();
    }
    for (int d = 0; d < 10; d++) {
      assertThat(context.token().position("d" + d).orElseThrow().position()).isEqualTo(3990 + d);
    }
  }
}
