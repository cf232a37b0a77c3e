package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.TimeSource;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Callers who share round trips are each decided for once, in their order, as if they did not. */
class LinesTest {

  private static final int PROCESSES = 3;
  private static final int THREADS = 4;
  private static final long LONG = TimeUnit.MINUTES.toNanos(1);

  @RegisterExtension static final RedisExtension<RedisServer> server = RedisExtension.single();

  private static final List<RedisLimits> processes = new ArrayList<>();

  private final String bucket = "line-" + UUID.randomUUID();
  private final ExecutorService pool = Executors.newFixedThreadPool(PROCESSES * THREADS);

  @BeforeAll
  static void connect() {
    for (int i = 0; i < PROCESSES; i++) {
      processes.add(process(server.get().uri()));
    }
  }

  @AfterAll
  static void close() {
    processes.forEach(RedisLimits::close);
  }

  private static RedisLimits process(String uri) {
    return Ask.connected(RedisLimits.builder(uri).timeout(Duration.ofSeconds(30)).build());
  }

  private static RedisLimits process(FaultProxy proxy) {
    return process("redis://127.0.0.1:" + proxy.port());
  }

  private final Map<Policy, Bid<String>> bids = new ConcurrentHashMap<>();

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  private static MicroLimit micro(Limit limit) {
    return new MicroLimit(new Policy("law", limit));
  }

  private static Lines lines(int process, TimeSource time) {
    return new Lines(processes.get(process).buckets(), time);
  }

  private CompletableFuture<Stage.Told> ask(
      Lines lines, MicroLimit limit, long permits, long until) {
    Bid<String> bid = bids.computeIfAbsent(limit.policy, this::bid);
    return lines.ask(List.of(bid), permits, until);
  }

  private Bid<String> bid(Policy policy) {
    return new Bid<>(new SharedPolicy<>("law", policy, key -> key, false), "a", bucket);
  }

  /** Permits of no time, so that the order alone decides who gets the last ones. */
  @RepeatedTest(3)
  void whoComesFirstIsDecidedForFirst() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    MicroLimit limit = micro(Limit.of(4_000, Duration.ofDays(300)));
    Lines lines = lines(0, TimeSource.system());
    List<Long> permits = new ArrayList<>();
    List<CompletableFuture<Stage.Told>> answers = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      long some = 1L + random.nextInt(1 << random.nextInt(9));
      permits.add(some);
      answers.add(ask(lines, limit, some, System.nanoTime() + LONG));
    }
    long used = 0;
    for (int i = 0; i < answers.size(); i++) {
      boolean fits = used + permits.get(i) <= 4_000;
      used += fits ? permits.get(i) : 0;
      assertThat(answers.get(i).join().decision().allowed())
          .as("caller %d, seed %d", i, seed)
          .isEqualTo(fits);
    }
    long debt = Written.read(server.get(), bucket).debt();
    assertThat((debt + limit.cost - 1) / limit.cost).as("none is debited twice").isEqualTo(used);
  }

  private record Answer(List<RedisBuckets.Found> found, long permits, boolean allowed) {}

  /**
   * By the times that the scripts have used: each trip finds what the model says, so that no window
   * admits more than the burst and what flows in, and nobody is refused what there is.
   */
  @RepeatedTest(3)
  void manyThreadsOfManyProcessesGetWhatTheModelGives() throws Exception {
    Limit limit = Limit.perSecond(9_973).burst(50);
    MicroLimit micro = micro(limit);
    List<Future<List<Answer>>> work = new ArrayList<>();
    for (int process = 0; process < PROCESSES; process++) {
      Lines lines = lines(process, TimeSource.system());
      for (int thread = 0; thread < THREADS; thread++) {
        work.add(pool.submit(() -> demand(lines, micro, 400)));
      }
    }
    IdentityHashMap<List<RedisBuckets.Found>, List<Answer>> trips = new IdentityHashMap<>();
    int answers = 0;
    for (Future<List<Answer>> each : work) {
      for (Answer answer : each.get()) {
        trips.computeIfAbsent(answer.found(), any -> new ArrayList<>()).add(answer);
        answers++;
      }
    }
    assertThat(answers).isEqualTo(PROCESSES * THREADS * 400);
    assertThat(trips.size()).as("some go together").isLessThan(answers);
    areTheModels(limit, micro, new ArrayList<>(trips.values()));
  }

  private List<Answer> demand(Lines lines, MicroLimit limit, int times) {
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      long permits = 1L + i % 4;
      Stage.Told told = ask(lines, limit, permits, System.nanoTime() + LONG).join();
      answers.add(new Answer(told.found(), permits, told.decision().allowed()));
    }
    return answers;
  }

  private static void areTheModels(Limit limit, MicroLimit micro, List<List<Answer>> trips) {
    // Within a microsecond, what lacks more came later.
    trips.sort(
        Comparator.<List<Answer>>comparingLong(trip -> trip.get(0).found().get(0).atMicros())
            .thenComparingLong(trip -> trip.get(0).found().get(0).debt()));
    ExactBucket model = null;
    int refused = 0;
    for (List<Answer> trip : trips) {
      RedisBuckets.Found found = trip.get(0).found().get(0);
      BigInteger now = BigInteger.valueOf(found.atMicros()).multiply(BigInteger.valueOf(1000));
      if (model == null) {
        model = new ExactBucket(limit, now);
      }
      assertThat((micro.full - found.debt()) / micro.cost).isEqualTo(model.remaining(now));
      for (Answer answer : trip) {
        if (answer.allowed()) {
          assertThat(model.acquire(now, answer.permits())).isTrue();
        }
      }
      for (Answer answer : trip) {
        if (!answer.allowed()) {
          assertThat(model.retryAfterNanos(now, answer.permits())).isPositive();
          refused++;
        }
      }
    }
    assertThat(refused).isPositive();
  }

  /** Half of the callers have gone by the time that the trip before theirs is back. */
  @Test
  void whoHasGoneTakesNothing() {
    try (FaultProxy proxy = FaultProxy.to(server.get());
        RedisLimits process = process(proxy)) {
      HandTime clock = new HandTime();
      long now = clock.nanoTime();
      Lines lines = new Lines(process.buckets(), clock);
      MicroLimit limit = micro(Limit.of(100, Duration.ofDays(300)));
      proxy.blackHole(FaultProxy.Direction.TO_CLIENT);
      List<CompletableFuture<Stage.Told>> stay = new ArrayList<>();
      List<CompletableFuture<Stage.Told>> gone = new ArrayList<>();
      stay.add(ask(lines, limit, 1, now));
      for (int i = 0; i < 10; i++) {
        gone.add(ask(lines, limit, 1, now + 5));
        stay.add(ask(lines, limit, 1, now + 7));
      }
      clock.advance(6);
      proxy.heal();

      for (CompletableFuture<Stage.Told> each : stay) {
        assertThat(each.join().decision().allowed()).isTrue();
      }
      assertThat(gone).allMatch(CompletableFuture::isCompletedExceptionally);
      long debt = Written.read(server.get(), bucket).debt();
      assertThat((debt + limit.cost - 1) / limit.cost).isEqualTo(11);
    }
  }

  /** Nobody hangs, and the line is open again. */
  @Test
  void aLostConnectionFailsAllWhoWait() {
    try (FaultProxy proxy = FaultProxy.to(server.get());
        RedisLimits process = process(proxy)) {
      Lines lines = new Lines(process.buckets(), TimeSource.system());
      MicroLimit limit = micro(Limit.of(100, Duration.ofDays(300)));
      proxy.blackHole(FaultProxy.Direction.TO_CLIENT);
      List<CompletableFuture<Stage.Told>> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        answers.add(ask(lines, limit, 1, System.nanoTime() + LONG));
      }
      proxy.resetAll();
      proxy.heal();
      Ask.eventually("all to be told")
          .untilAsserted(
              () -> assertThat(answers).allMatch(CompletableFuture::isCompletedExceptionally));

      Ask.eventually("the line to be open")
          .ignoreExceptions()
          .until(() -> ask(lines, limit, 1, System.nanoTime() + LONG).join().decision().allowed());
    }
  }

  /** Those who go by the old limit and those who go by the new one stand in one line. */
  @RepeatedTest(3)
  void aLimitThatChangesMeanwhileLosesNoCallerAndNoDebit() throws Exception {
    List<MicroLimit> limits =
        List.of(
            micro(Limit.of(2_000, Duration.ofDays(300))),
            micro(Limit.of(2_000, Duration.ofDays(200))));
    List<Future<Long>> work = new ArrayList<>();
    Lines lines = lines(2, TimeSource.system());
    for (int thread = 0; thread < THREADS; thread++) {
      work.add(
          pool.submit(
              () -> {
                long admitted = 0;
                List<CompletableFuture<Stage.Told>> answers = new ArrayList<>();
                for (int i = 0; i < 1_000; i++) {
                  MicroLimit limit = limits.get(i / 3 % 2);
                  answers.add(ask(lines, limit, 1, System.nanoTime() + LONG));
                }
                for (CompletableFuture<Stage.Told> answer : answers) {
                  admitted += answer.join().decision().allowed() ? 1 : 0;
                }
                return admitted;
              }));
    }
    long admitted = 0;
    for (Future<Long> each : work) {
      admitted += each.get();
    }
    // Each change rounds a debt up by two units at most, of the billions that a permit costs.
    assertThat(admitted).isBetween(1_999L, 2_000L);
  }
}
