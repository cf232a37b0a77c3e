package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.TimeSource;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a process takes ahead is given out once, and by a lease that ends as by one that stays. */
class LeaseTest {

  private static final int THREADS = 4;
  private static final long LONG = TimeUnit.SECONDS.toNanos(30);

  @RegisterExtension static final RedisExtension<RedisServer> server = RedisExtension.single();

  private static RedisLimits redis;

  private final String name = "lease-" + UUID.randomUUID();
  private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

  @BeforeAll
  static void connect() {
    redis =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(30)).build());
  }

  @AfterAll
  static void close() {
    redis.close();
  }

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  private SharedPolicy<String> policy(Limit limit) {
    return new SharedPolicy<>(name, new Policy("all", limit), subject -> subject, true);
  }

  private Stage.OfLease stage(Leases leases) {
    Presence alone = new Presence(redis.buckets(), name + "-presence", 1, TimeSource.system());
    return new Stage.OfLease(leases, name, alone, TimeSource.system());
  }

  private static Decision take(Stage stage, long permits) {
    return stage.take(permits, System.nanoTime() + LONG).join().decision();
  }

  private RateLimiter<String> limiter(Limit limit) {
    return RateLimiter.<String>builder(name)
        .leased("all", limit)
        .shared(redis)
        .whenAway(WhenAway.CLOSED)
        .build();
  }

  private void together(Runnable work) throws Exception {
    List<Future<?>> workers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      workers.add(pool.submit(work));
    }
    for (Future<?> worker : workers) {
      worker.get();
    }
  }

  @Test
  void whoHoldsALeaseThatEndsGetsItsSuccessors() {
    Leases leases =
        new Leases(
            policy(Limit.of(100, Duration.ofHours(1))), redis.buckets(), 10, TimeSource.system());
    Lease ended = leases.find(name);
    assertThat(ended.endIfIdle()).isFalse();
    assertThat(ended.endIfIdle()).isTrue();

    assertThat(ended.tryTake(1, 0, 1)).isNull();
    ended.ask(1, 1).join();

    assertThat(take(stage(leases), 1).allowed()).isTrue();
    assertThat(leases.find(name)).isNotSameAs(ended);
  }

  /** Also those that are given back meanwhile. */
  @RepeatedTest(5)
  void noPermitIsGivenOutTwiceHoweverOftenLeasesEnd() throws Exception {
    int burst = 3_000;
    Leases leases =
        new Leases(
            policy(Limit.of(burst, Duration.ofHours(100))),
            redis.buckets(),
            10,
            TimeSource.system());
    Stage stage = stage(leases);
    LongAdder admitted = new LongAdder();
    AtomicBoolean over = new AtomicBoolean();
    Thread ender =
        new Thread(
            () -> {
              for (long now = System.nanoTime() + LONG; !over.get(); now += LONG) {
                leases.tick(now);
              }
            });
    ender.start();
    together(
        () -> {
          for (int i = 0; i < burst; i++) {
            Stage.Told told = stage.take(1, System.nanoTime() + LONG).join();
            if (told.decision().allowed() && i % 3 == 0) {
              stage.giveBack(1, told);
            } else if (told.decision().allowed()) {
              admitted.increment();
            } else {
              return;
            }
          }
        });
    over.set(true);
    ender.join();
    assertThat(admitted.sum()).isBetween(1L, (long) burst);
  }

  /** With no lease ending, and no permit given back, exactly the burst. */
  @RepeatedTest(5)
  void threadsThatWantDifferentMuchGetTheBurst() throws Exception {
    Limit limit = Limit.of(5_000, Duration.ofHours(100));
    Stage stage = stage(new Leases(policy(limit), redis.buckets(), 10, TimeSource.system()));
    LongAdder admitted = new LongAdder();
    together(
        () -> {
          boolean more = true;
          for (int i = 0; more; i++) {
            long permits = 1L + (i & 7);
            boolean allowed = take(stage, permits).allowed();
            admitted.add(allowed ? permits : 0);
            more = allowed || permits > 1;
          }
        });
    assertThat(admitted.sum()).isEqualTo(5_000);
  }

  @Test
  void aRaisedLimitEndsARefusal() {
    RateLimiter<String> limiter = limiter(Limit.of(1, Duration.ofHours(1)));
    assertThat(limiter.tryAcquire("a").allowed()).isTrue();
    assertThat(limiter.tryAcquire("a").allowed()).isFalse();

    limiter.changeLimit("all", Limit.perSecond(1_000));

    assertThat(limiter.tryAcquire("a").allowed()).isTrue();
  }

  @Test
  void aRefusalOfManyIsNoneOfFew() {
    RateLimiter<String> limiter = limiter(Limit.of(100, Duration.ofHours(1)));
    assertThat(limiter.tryAcquire("a", 60).allowed()).isTrue();

    Decision refused = limiter.tryAcquire("a", 50);

    assertThat(refused.allowed()).isFalse();
    assertThat(refused.isAlone()).isFalse();
    assertThat(refused.remaining()).isZero();
    assertThat(refused.retryAfter()).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(7));
    assertThat(limiter.tryAcquire("a", 40).allowed()).isTrue();
    assertThat(limiter.tryAcquire("a").allowed()).isFalse();
  }

  /** Whatever the clock shows: its readings have no origin. */
  @Test
  void itIsRefilledBeforeItIsEmpty() {
    try (RedisLimits own = Ask.connected(RedisLimits.connect(server.get().uri()))) {
      long now = -TimeUnit.DAYS.toNanos(1);
      HandTime clock = new HandTime();
      clock.set(now);
      Lease lease = new Lease(name, policy(Limit.perSecond(1_000)), own.buckets(), clock);
      lease.ask(1, 1).join();
      for (int i = 0; i < 60; i++) {
        assertThat(lease.tryTake(1, now, 1)).isNotNull();
      }
      assertThat(own.buckets().trips()).isEqualTo(2);
    }
  }

  /** Many more callers than are taken ahead; none of them is decided for without Redis. */
  @Test
  void callersThatWaitGetTheirsInFewTrips() throws Exception {
    int callers = 1_000;
    RateLimiter<String> limiter = limiter(Limit.of(callers, Duration.ofHours(100)));
    long before = redis.buckets().trips();
    List<CompletableFuture<Decision>> decisions = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      decisions.add(limiter.tryAcquireAsync("a"));
    }
    long admitted = decisions.stream().filter(each -> each.join().allowed()).count();
    assertThat(admitted).isEqualTo(callers);
    assertThat(redis.buckets().trips() - before).isLessThan(callers / 2);
  }
}
