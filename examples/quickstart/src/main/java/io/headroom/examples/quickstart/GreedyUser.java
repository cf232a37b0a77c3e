package io.headroom.examples.quickstart;

import io.headroom.ratelimit.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * A user whose clients ask in both processes, together at fifty times the user's limit, and never
 * slow down, whatever they are told. What is admitted is served by other threads, so that these
 * only ask. To be begun once, and ended by any thread.
 */
final class GreedyUser {

  /** None of the load's users, whose numbers begin at 1. */
  static final long ID = 0;

  /** What is asked for, by what is allowed. */
  static final int TIMES = 50;

  /** How many of its requests are served at a time, in each process. */
  static final int SERVING = 2;

  private static final int CLIENTS = 4;
  private static final Duration LONGEST_CALL = Duration.ofSeconds(30);

  private static final long GAP_NANOS =
      Limits.PER_USER.period().toNanos()
          * CLIENTS
          * Limits.PROCESSES
          / (TIMES * Limits.PER_USER.permits());

  private final Limits limits;
  private final Runnable service;
  private final Entries.Counter entries = new Entries.Counter();
  private final List<Thread> clients = new ArrayList<>();
  private final ExecutorService serving =
      Executors.newFixedThreadPool(
          SERVING,
          task -> {
            Thread thread = new Thread(task, "greedy-served");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean goesOn = true;

  /**
   * One process's share of the user; it does not ask yet.
   *
   * @param service what each admitted request is served with; does not throw
   */
  GreedyUser(Limits limits, Runnable service) {
    this.limits = limits;
    this.service = service;
  }

  void begin() {
    for (int i = 0; i < CLIENTS; i++) {
      Thread client = new Thread(this::ask, "greedy-" + i);
      client.setDaemon(true);
      client.start();
      clients.add(client);
    }
  }

  /** Returns once nothing is being asked any more. */
  Entries end() throws InterruptedException {
    goesOn = false;
    for (Thread client : clients) {
      client.join(LONGEST_CALL.toMillis());
      if (client.isAlive()) {
        throw new IllegalStateException(client.getName() + " still waits for a decision");
      }
    }
    serving.shutdown();
    return entries.sum();
  }

  /** By the clock: who is late asks the sooner. */
  private void ask() {
    long due = System.nanoTime();
    while (goesOn) {
      Decision decision = limits.ask(ID);
      entries.add(decision);
      if (decision.allowed()) {
        serving.execute(service);
      }
      due += GAP_NANOS;
      long early = due - System.nanoTime();
      if (early > 0) {
        LockSupport.parkNanos(early);
      }
    }
  }
}
