package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Profile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Measures how long invalidations take: has one service show a profile, has it changed in the
 * other, and asks the first one again and again, as somebody who knows nothing of the change, until
 * it shows it. Thread-safe.
 */
final class InvalidationWatch implements AutoCloseable {

  private static final int THREADS = 6; // one that watches an old value may do so for seconds
  private static final Duration BETWEEN = Duration.ofMillis(100);
  private static final Duration OFTEN = Duration.ofMillis(150);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int SHOWN = 5;

  /**
   * What became of the changes that were watched.
   *
   * @param missing those that have not arrived in the other service
   * @param failed those of them that could not be watched to the end
   * @param firstFailures what the first few of these said
   */
  record Outcome(int missing, long failed, List<String> firstFailures) {}

  private final Services services;
  private final ProfileJudge judge;
  private final Zipf lookedAt;
  private final String cookie;
  private final AtomicLong addresses = new AtomicLong();
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder failed = new LongAdder();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          THREADS,
          task -> {
            Thread thread = new Thread(task, "watch");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Does not watch yet.
   *
   * @param customers whose profiles are looked at, from 1 on
   * @param cookie what everybody has seen
   */
  InvalidationWatch(Services services, ProfileJudge judge, int customers, String cookie) {
    this.services = services;
    this.judge = judge;
    this.lookedAt = new Zipf(customers);
    this.cookie = cookie;
  }

  /** Begins to watch changes, some in a second. */
  void start() {
    var unused =
        threads.scheduleAtFixedRate(
            () -> threads.execute(this::watchOne), 0, BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void watchOne() {
    open.incrementAndGet();
    try {
      long userId = lookedAt.draw();
      int changes = services.next();
      int shows = Services.other(changes);
      show(shows, userId);
      Answer changed = ask(changes, "PUT", userId);
      long now = System.nanoTime();
      long version = changed.as(Profile.class).version();
      judge.changed(new Change(changes, userId, version, now));
      long commit = Long.parseLong(String.valueOf(changed.header("commit-nanos")));
      awaitArrival(shows, userId, version, commit);
      open.decrementAndGet();
    } catch (IOException | InterruptedException | RuntimeException | Error failure) {
      failed.increment();
      if (failures.size() < SHOWN) {
        failures.add(failure.toString());
      }
    }
  }

  private void awaitArrival(int shows, long userId, long version, long commitNanos)
      throws IOException, InterruptedException {
    while (true) {
      long begun = System.nanoTime();
      Answer answer = show(shows, userId);
      if (judge.read(shows, userId, answer.as(Profile.class), begun) >= version) {
        judge.arrived(userId, shows, commitNanos, begun);
        return;
      }
      Thread.sleep(begun - commitNanos < OFTEN.toNanos() ? 1 : 20);
    }
  }

  private Answer show(int service, long userId) throws IOException, InterruptedException {
    return ask(service, "GET", userId);
  }

  /** Each time from another address: none asks too often. */
  private Answer ask(int service, String method, long userId)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    while (true) {
      long n = addresses.incrementAndGet();
      String address = "172." + (16 + (n >> 16 & 15)) + "." + (n >> 8 & 255) + "." + (n & 255);
      Answer answer =
          services
              .at(service)
              .exchange(new Ask(method, "/users/" + userId + "/profile", address, cookie));
      if (answer.isGood()) {
        return answer;
      }
      if (answer.comeBack().isEmpty() || System.nanoTime() - began > PATIENCE.toNanos()) {
        throw new IOException("no answer to " + method + " of user " + userId + ": " + answer);
      }
      Thread.sleep(Duration.ofSeconds(answer.comeBack().getAsLong()).toMillis());
    }
  }

  /** Waits until all changes have arrived, for so long as that may take. */
  Outcome end() throws InterruptedException {
    threads.shutdown();
    threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return new Outcome(open.get(), failed.sum(), List.copyOf(failures));
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
