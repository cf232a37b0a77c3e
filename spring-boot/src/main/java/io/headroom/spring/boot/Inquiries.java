package io.headroom.spring.boot;

import io.headroom.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Asks what may never answer, on threads of their own, so that nobody waits for longer than he
 * wants to. Thread-safe.
 *
 * <p>Who asks what another has asked, too, waits for the same answer. A question that is open for
 * so long that it may have been lost is asked anew beside it, and once more after four times as
 * long: up to three may be open, so that those which are never answered do not pile up.
 *
 * @param <K> who is asked
 * @param <A> what is answered
 */
final class Inquiries<K, A> implements AutoCloseable {

  /** How many threads may hang on one that never answers. */
  static final int MOST_OPEN = 3;

  private static final int LONGER_EACH_TIME = 4;

  private final String name;
  private final Duration anewAfter;
  private final TimeSource time;
  private final Function<K, A> question;
  private final Map<K, Deque<Open<A>>> open = new HashMap<>();
  private boolean closed;

  /**
   * A question.
   *
   * @param thread who asks it
   * @param beganNanos since when
   * @param answer what comes of it
   */
  private record Open<A>(Thread thread, long beganNanos, CompletableFuture<A> answer) {}

  /**
   * Has asked nobody yet.
   *
   * @param name of its threads
   * @param anewAfter after how long without an answer one is asked for the second time
   * @param question what is asked
   */
  Inquiries(String name, Duration anewAfter, TimeSource time, Function<K, A> question) {
    this.name = name;
    this.anewAfter = anewAfter;
    this.time = time;
    this.question = question;
  }

  /** The answer to the youngest question, which is a new one if there is none, or no young one. */
  synchronized CompletableFuture<A> ask(K whom) {
    if (closed) {
      return CompletableFuture.failedFuture(new IllegalStateException("closed"));
    }
    Deque<Open<A>> before = open.computeIfAbsent(whom, none -> new ArrayDeque<>());
    Open<A> youngest = before.peekLast();
    return youngest == null || mayBeLost(youngest, before.size())
        ? begin(whom, before)
        : youngest.answer();
  }

  private boolean mayBeLost(Open<A> youngest, int many) {
    long patience = anewAfter.toNanos();
    for (int more = 1; more < many; more++) {
      patience *= LONGER_EACH_TIME;
    }
    return many < MOST_OPEN && time.nanoTime() - youngest.beganNanos() >= patience;
  }

  private CompletableFuture<A> begin(K whom, Deque<Open<A>> others) {
    CompletableFuture<A> answer = new CompletableFuture<>();
    Thread thread = new Thread(null, () -> work(whom, answer), name, 0, false);
    thread.setDaemon(true);
    thread.start();
    others.add(new Open<>(thread, time.nanoTime(), answer));
    return answer;
  }

  private void work(K whom, CompletableFuture<A> answer) {
    try {
      A said = question.apply(whom);
      end(whom, answer);
      answer.complete(said);
    } catch (RuntimeException | Error failure) {
      end(whom, answer);
      answer.completeExceptionally(failure);
    }
  }

  /** Who asks from now on asks anew. */
  private synchronized void end(K whom, CompletableFuture<A> answer) {
    Deque<Open<A>> all = open.get(whom);
    if (all != null && all.removeIf(each -> each.answer() == answer) && all.isEmpty()) {
      open.remove(whom);
    }
  }

  /** Interrupts all who ask; one whose driver does not heed that stays until it returns. */
  @Override
  public synchronized void close() {
    closed = true;
    open.values().forEach(all -> all.forEach(each -> each.thread().interrupt()));
  }
}
