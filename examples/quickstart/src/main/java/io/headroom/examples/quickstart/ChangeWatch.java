package io.headroom.examples.quickstart;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Watches how a change of the other process arrives in this one: reads the profile once with the
 * writer's token, which must show it, and again and again without, until that does. Thread-safe.
 */
final class ChangeWatch implements AutoCloseable {

  private static final int THREADS = 4; // a read may be held up by a database that fails over
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration OFTEN = Duration.ofMillis(100);

  private final Profiles profiles;
  private final ProfileJudge judge;
  private final ConsistencyToken loaded;
  private final AtomicInteger open = new AtomicInteger();
  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          THREADS,
          task -> {
            Thread thread = new Thread(task, "watch");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Begins to watch.
   *
   * @param loaded what every request has seen
   */
  ChangeWatch(Profiles profiles, ProfileJudge judge, ConsistencyToken loaded) {
    this.profiles = profiles;
    this.judge = judge;
    this.loaded = loaded;
  }

  /** The other process has told of a change. */
  void heard(Change change) {
    judge.theyChanged(change);
    open.incrementAndGet();
    threads.execute(() -> readWithout(change));
    threads.execute(() -> readWithToken(change));
  }

  /** How many changes have not arrived yet. */
  int open() {
    return open.get();
  }

  /** Waits until all have, for so long as that may take. */
  void awaitAll() throws InterruptedException {
    long started = System.nanoTime();
    while (open() > 0 && System.nanoTime() - started < PATIENCE.toNanos()) {
      Thread.sleep(10);
    }
  }

  private void readWithToken(Change change) {
    inRequest(
        change.seen(),
        () -> {
          long begun = System.nanoTime();
          judge.readWithToken(change, profiles.find(change.userId()), begun);
        });
  }

  private void readWithout(Change change) {
    inRequest(
        ConsistencyToken.NONE,
        () -> {
          long begun = System.nanoTime();
          long version = judge.read(change.userId(), profiles.find(change.userId()), begun);
          if (version >= change.version()) {
            judge.arrived(change, begun);
            open.decrementAndGet();
          } else {
            boolean isNew = begun - change.atNanos() < OFTEN.toNanos();
            var unused =
                threads.schedule(() -> readWithout(change), isNew ? 1 : 20, TimeUnit.MILLISECONDS);
          }
        });
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private void inRequest(ConsistencyToken seen, Runnable reading) {
    RequestContext request = RequestContext.builder().timeout(PATIENCE).build();
    request.observe(loaded);
    request.observe(seen);
    try (RequestContext.Scope scope = request.attach()) {
      reading.run();
    } catch (RuntimeException | Error failure) { // nobody else would hear of it
      judge.failed(failure);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
