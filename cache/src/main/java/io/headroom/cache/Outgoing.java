package io.headroom.cache;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * What a process tells the shared tier for callers who go on: so many at a time, and the rest in
 * its turn, however many calls it comes from. Sent all at once, it would fill the connection's
 * queue, and what does not fit there looks like an outage. Thread-safe.
 */
final class Outgoing {

  /** Tells something; what it returns is done when there is an answer, or none to be expected. */
  @FunctionalInterface
  interface Tell {

    /**
     * Begins.
     *
     * @param isLate whether it had to wait for others
     */
    CompletableFuture<Void> begin(boolean isLate);
  }

  private record Waiting(Tell tell, CompletableFuture<Void> told) {}

  private final int most;
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private int underWay;

  /** Whether a thread is about to send what waits: another leaves it to that. */
  private boolean isSending;

  /**
   * Creates one with nothing to tell.
   *
   * @param most how many are under way at a time
   */
  Outgoing(int most) {
    this.most = most;
  }

  /**
   * Tells something: now, on this thread, if there is room; else in its turn, on one that brings an
   * answer to another.
   *
   * @return done, or failed, as what was told
   */
  CompletableFuture<Void> tell(Tell tell) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    Waiting one = new Waiting(tell, told);
    synchronized (this) {
      if (underWay >= most || !waiting.isEmpty()) {
        waiting.add(one);
        return told;
      }
      underWay++;
    }
    begin(one, false);
    return told;
  }

  private void begin(Waiting one, boolean isLate) {
    CompletableFuture<Void> answer;
    try {
      answer = one.tell().begin(isLate);
    } catch (RuntimeException | Error failure) {
      answer = CompletableFuture.failedFuture(failure);
    }
    var unused =
        answer.whenComplete(
            (done, failure) -> {
              if (failure == null) {
                one.told().complete(null);
              } else {
                one.told().completeExceptionally(failure);
              }
              ended(); // not sooner: this thread may have much to send then
            });
  }

  /** Makes room, and sends what waits for it: in a loop, since it may end as soon as it begins. */
  private void ended() {
    synchronized (this) {
      underWay--;
      if (isSending) {
        return;
      }
      isSending = true;
    }
    while (true) {
      Waiting next;
      synchronized (this) {
        next = underWay < most ? waiting.poll() : null;
        if (next == null) {
          isSending = false;
          return;
        }
        underWay++;
      }
      begin(next, true);
    }
  }
}
