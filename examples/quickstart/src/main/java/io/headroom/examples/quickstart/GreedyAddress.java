package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Limits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * An address whose clients ask both services, together at up to fifty times its limit, and never
 * slow down, whatever they are told. To be begun once, and ended by any thread.
 */
final class GreedyAddress {

  /** None of the users'. */
  static final String ADDRESS = "203.0.113.7";

  /** What is asked for at most, by what is allowed. */
  static final int TIMES = 50;

  private static final int CLIENTS = 24;
  private static final int SHOWN = 5;
  private static final Duration LONGEST_CALL = Duration.ofSeconds(30);

  private static final long GAP_NANOS =
      Limits.PER_ADDRESS.period().toNanos() * CLIENTS / (TIMES * Limits.PER_ADDRESS.permits());

  /**
   * What it was told, by service.
   *
   * @param asked how often it asked
   * @param admitted how often the limits let it go on
   * @param micros from its first answer until it stopped asking
   * @param failures what the first answers were that it must not get
   */
  record Asked(List<Long> asked, List<Long> admitted, long micros, List<String> failures) {}

  private final Services services;
  private final String cookie;
  private final List<LongAdder> asked = counters();
  private final List<LongAdder> admitted = counters();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final List<Thread> clients = new ArrayList<>();
  private final AtomicReference<Long> answeredNanos = new AtomicReference<>();
  private volatile boolean goesOn = true;

  /**
   * It does not ask yet.
   *
   * @param cookie what everybody has seen
   */
  GreedyAddress(Services services, String cookie) {
    this.services = services;
    this.cookie = cookie;
  }

  private static List<LongAdder> counters() {
    List<LongAdder> counters = new ArrayList<>();
    while (counters.size() < Services.COUNT) {
      counters.add(new LongAdder());
    }
    return counters;
  }

  void begin() {
    for (int i = 0; i < CLIENTS; i++) {
      int service = i % Services.COUNT;
      Thread client = new Thread(() -> ask(service), "greedy-" + i);
      client.setDaemon(true);
      client.start();
      clients.add(client);
    }
  }

  /** Returns once nothing is being asked any more. */
  Asked end() throws InterruptedException {
    goesOn = false;
    long stoppedNanos = System.nanoTime();
    for (Thread client : clients) {
      client.join(LONGEST_CALL.toMillis());
      if (client.isAlive()) {
        throw new IllegalStateException(client.getName() + " still waits for an answer");
      }
    }
    Long answered = answeredNanos.get();
    return new Asked(
        asked.stream().map(LongAdder::sum).toList(),
        admitted.stream().map(LongAdder::sum).toList(),
        answered == null ? 0 : TimeUnit.NANOSECONDS.toMicros(stoppedNanos - answered),
        List.copyOf(failures));
  }

  private void failed(String what) {
    if (failures.size() < SHOWN) {
      failures.add(what);
    }
  }

  /** By the clock: who is late asks the sooner. */
  private void ask(int service) {
    Ask ask = Ask.get("/users/1", ADDRESS, cookie);
    long due = System.nanoTime();
    while (goesOn) {
      asked.get(service).increment();
      try {
        Answer answer = services.at(service).exchange(ask);
        answeredNanos.compareAndSet(null, System.nanoTime());
        if (answer.status() != 429) {
          admitted.get(service).increment(); // whatever came of it
        }
        if (!answer.isGood() && !answer.isRefusal()) {
          failed(answer.toString());
        }
      } catch (IOException | RuntimeException failure) {
        admitted.get(service).increment(); // it may have been
        failed(failure.toString());
      }
      due += GAP_NANOS;
      long early = due - System.nanoTime();
      if (early > 0) {
        LockSupport.parkNanos(early);
      }
    }
  }
}
