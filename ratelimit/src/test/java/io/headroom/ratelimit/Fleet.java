package io.headroom.ratelimit;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * Processes that share a leased limit, and threads of each that want all they can get. A connection
 * to Redis stands for a process.
 *
 * <p>Bounds are by the server's clock: a window begins before its first permit is asked for, and
 * ends after its last was given.
 */
final class Fleet implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long TENTH = Duration.ofMillis(100).toNanos();

  private final RedisServer server;
  private final String name;
  private final Limit limit;
  private final int heaviest;
  private final List<Member> all = new CopyOnWriteArrayList<>();
  private final AtomicLong admitted = new AtomicLong();

  /**
   * Creates one without processes.
   *
   * @param heaviest what a caller asks for at most
   */
  Fleet(RedisServer server, String name, Limit limit, int heaviest) {
    this.server = server;
    this.name = name;
    this.limit = limit;
    this.heaviest = heaviest;
  }

  /** What has been admitted so far, and when that was. */
  record Reading(long micros, long admitted) {}

  /** A process begins, with some threads. */
  Member join(int threads) {
    Member process = new Member(threads);
    all.add(process);
    process.threads.forEach(Thread::start);
    return process;
  }

  List<Member> running() {
    return all.stream().filter(process -> !process.over.get()).toList();
  }

  long serverMicros() {
    var time = server.command("TIME").elements();
    return Long.parseLong(time.get(0).text()) * 1_000_000 + Long.parseLong(time.get(1).text());
  }

  /** At the beginning of a window: what is counted from now on was given after it, or nearly. */
  Reading beginning() {
    long micros = serverMicros();
    return new Reading(micros, admitted.get());
  }

  /** At its end: what is counted by now was given before it. */
  Reading end() {
    long given = admitted.get();
    return new Reading(serverMicros(), given);
  }

  /** Until so much time has gone by for the server. */
  void awaitServerTime(Duration time) {
    long from = serverMicros();
    Awaitility.await()
        .atMost(Duration.ofMinutes(5))
        .until(() -> serverMicros() - from >= time.toNanos() / 1000);
  }

  /** The most that flows in during a window. */
  long inflow(Reading from, Reading to) {
    return (long)
        Math.floor(
            (double) limit.permits()
                * (to.micros() - from.micros())
                * 1000
                / limit.period().toNanos());
  }

  /** What processes hold at most: each as it has known the fleet when that was smallest. */
  long heldAtMost() {
    return all.stream().mapToLong(Member::most).sum();
  }

  /** Until Redis has told somebody, from now on, that nothing is left. */
  void awaitEmpty() {
    List<Member> asked = running();
    long[] before = asked.stream().mapToLong(process -> process.refused.get()).toArray();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              for (int i = 0; i < before.length; i++) {
                if (asked.get(i).refused.get() > before[i] + asked.get(i).threads.size()) {
                  return true;
                }
              }
              return false;
            });
  }

  @Override
  public void close() {
    all.forEach(Member::end);
  }

  /** One of them. */
  final class Member {

    private final FaultProxy proxy = FaultProxy.to(server);
    private final RedisLimits redis =
        RedisLimits.builder("redis://127.0.0.1:" + proxy.port()).timeout(PATIENCE).build();
    private final RateLimiter<String> limiter =
        RateLimiter.<String>builder(name)
            .leased("all", limit)
            .shared(redis)
            .whenAway(WhenAway.CLOSED)
            .build();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicBoolean paused = new AtomicBoolean();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong fewest = new AtomicLong(Long.MAX_VALUE);

    private Member(int count) {
      for (int i = 0; i < count; i++) {
        threads.add(new Thread(this::demand, name + "-" + i));
      }
    }

    private void demand() {
      for (int i = 0; !over.get(); i++) {
        if (paused.get()) {
          LockSupport.parkNanos(500_000);
          continue;
        }
        long permits = 1L + i % heaviest;
        fewest.accumulateAndGet(limiter.decider().processes().orElseThrow(), Math::min);
        Decision decision = limiter.tryAcquire("anybody", permits);
        if (decision.allowed()) {
          admitted.addAndGet(permits);
        } else {
          if (!decision.isAlone()) {
            refused.incrementAndGet();
          }
          LockSupport.parkNanos(500_000); // leaves the processor to others
        }
      }
    }

    /** B, beside what its callers may have in hand or wait for. */
    private long most() {
      long known = Math.max(1, Math.min(fewest.get(), limiter.decider().processes().orElseThrow()));
      double inTime = (double) limit.permits() * TENTH / limit.period().toNanos() / known;
      return Math.max(1, Math.min(limit.capacity(), (long) inTime))
          + (long) threads.size() * heaviest;
    }

    long refused() {
      return refused.get();
    }

    void pause(boolean on) {
      paused.set(on);
    }

    /** Its threads end, and it says that it goes. */
    void end() {
      stop();
      redis.close();
      proxy.close();
    }

    /** It goes without a word, and with all that it holds. */
    void crash() {
      proxy.refuse();
      proxy.resetAll();
      end();
    }

    private void stop() {
      over.set(true);
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
