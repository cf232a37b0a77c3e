package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.LagLimit;
import io.headroom.RequestContext;
import io.headroom.testkit.cache.CacheHistory;
import io.headroom.testkit.cache.CacheHistoryChecker;
import io.headroom.testkit.cache.CacheInvalidation;
import io.headroom.testkit.cache.CacheRead;
import io.headroom.testkit.cache.CacheWrite;
import io.headroom.testkit.interleaving.Interleaving;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * The four races, in any order of steps: two processes with a real Redis between them, a primary
 * with a replica that lags, and news that come late. Nobody in the process that invalidated, and
 * nobody who has its token, gets what was there before; and once the news are in, nobody at all.
 */
class SharedRacesProperties {

  private static final String KEY = "cart";
  private static RedisServer redis;

  /** Two processes' connections, which all runs share. */
  private static RacingTier[] tiers;

  private static int runs;

  /** What one writer has done last, for a reader who heard of it. */
  private record Word(CacheInvalidation invalidation, ConsistencyToken token) {}

  @BeforeContainer
  static void start() {
    redis = RedisServer.start();
    tiers = new RacingTier[] {new RacingTier(redis.uri()), new RacingTier(redis.uri())};
  }

  @AfterContainer
  static void end() {
    for (RacingTier tier : tiers) {
      tier.close();
    }
    redis.close();
  }

  @Property(tries = 60)
  void nobodyWhoMayNotGetsAnOldValue(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 6) Integer> choices,
      @ForAll boolean bothWrite,
      @ForAll boolean writersGoOn) {
    new Run(choices, bothWrite ? 2 : 1, writersGoOn).judge();
  }

  @Property(tries = 500)
  @Tag("faults")
  void norInManyMoreRuns(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 6) Integer> choices,
      @ForAll boolean bothWrite,
      @ForAll boolean writersGoOn) {
    new Run(choices, bothWrite ? 2 : 1, writersGoOn).judge();
  }

  /** Of one schedule. */
  private static final class Run {

    private final Interleaving race;
    private final int writers;
    private final boolean writersGoOn;
    private final CacheHistory history = CacheHistory.create(System::nanoTime);
    private final AtomicLong primary = new AtomicLong();
    private final AtomicLong replica = new AtomicLong();
    private final AtomicReference<Word> word = new AtomicReference<>();
    private final List<TieredCache<String, Long>> caches;

    Run(List<Integer> choices, int writers, boolean writersGoOn) {
      this.race = Interleaving.of(choices);
      this.writers = writers;
      this.writersGoOn = writersGoOn;
      String name = "carts-" + runs++;
      this.caches = List.of(cache(name, tiers[0]), cache(name, tiers[1]));
    }

    private TieredCache<String, Long> cache(String name, RacingTier tier) {
      tier.begin(race, tiers);
      return TieredCache.<String, Long>builder(name, key -> load())
          .refreshAhead(0)
          .shared(
              SharedTier.on(
                      tier.redis(),
                      CacheKeys.strings(),
                      CacheCodec.of(
                          64,
                          value -> value.toString().getBytes(UTF_8),
                          bytes -> Long.valueOf(new String(bytes, UTF_8))))
                  .partitions(1)
                  .leaseWait(Duration.ofMillis(2))
                  .build())
          .build();
    }

    /** As routing does: a copy that has what the request has seen, within its limit. */
    private long load() {
      race.point("load");
      RequestContext context = RequestContext.current();
      Duration limit = context.get(LagLimit.KEY);
      long seen =
          context.token().position("database").map(ConsistencyToken.Position::position).orElse(0L);
      boolean fromPrimary = (limit != null && limit.isZero()) || seen > replica.get();
      long version = fromPrimary ? primary.get() : replica.get();
      race.point("loaded");
      return version;
    }

    void judge() {
      for (int writer = 0; writer < writers; writer++) {
        writer(writer);
      }
      reader("reader 0", 0);
      reader("reader 1", 1);
      informed();
      race.actor(
          "replica",
          () -> {
            for (int i = 0; i < 2; i++) {
              race.point("replays");
              replica.set(primary.get());
            }
          });
      for (int process = 0; process < 2; process++) {
        RacingTier tier = tiers[process];
        race.actor("news " + process, () -> tier.deliver(2 * writers));
      }
      try {
        race.run();
        CacheHistoryChecker.of(history).propagation(Duration.ofDays(1)).verify();
        for (TieredCache<String, Long> cache : caches) {
          assertThat(cache.get(KEY)).as("once all is in: %s", race).isEqualTo(primary.get());
        }
      } catch (AssertionError wrong) {
        throw new AssertionError(wrong.getMessage() + "\n" + race, wrong);
      } finally {
        caches.forEach(TieredCache::close);
      }
    }

    @SuppressWarnings("try") // the scope is opened for its effect
    private void writer(int process) {
      act(
          "writer " + process,
          () -> {
            for (int i = 0; i < 2; i++) {
              RequestContext request = RequestContext.builder().build();
              try (RequestContext.Scope scope = request.attach()) {
                long version = primary.get() + 1;
                CacheWrite write = history.write(KEY, version);
                primary.set(version);
                write.committed();
                request.observe(ConsistencyToken.of("database", 1, version));
                race.point("committed");
                CacheInvalidation invalidation =
                    history.invalidation("p" + process, KEY).covering(version);
                invalidate(caches.get(process));
                invalidation.returned();
                word.set(new Word(invalidation, request.token()));
                race.point("invalidated");
                CacheRead read = history.read("p" + process, KEY).knowing(invalidation);
                read.returned(found(caches.get(process).get(KEY)));
              }
            }
          });
    }

    private void invalidate(TieredCache<String, Long> cache) {
      if (writersGoOn) {
        cache.invalidateAsync(KEY).join();
      } else {
        cache.invalidate(KEY);
      }
    }

    private void reader(String name, int process) {
      act(
          name,
          () -> {
            for (int i = 0; i < 3; i++) {
              CacheRead read = history.read("p" + process, KEY);
              read.returned(found(caches.get(process).get(KEY)));
              race.point("read");
            }
          });
    }

    /** Reads in the other process what a writer in the first one has told of. */
    @SuppressWarnings("try") // the scope is opened for its effect
    private void informed() {
      act(
          "informed",
          () -> {
            for (int i = 0; i < 3; i++) {
              race.point("asks");
              Word heard = word.get();
              RequestContext request = RequestContext.builder().build();
              CacheRead read = history.read("p1", KEY);
              if (heard != null) {
                request.observe(heard.token());
                read.knowing(heard.invalidation());
              }
              try (RequestContext.Scope scope = request.attach()) {
                read.returned(found(caches.get(1).get(KEY)));
              }
            }
          });
    }

    private static long found(Long version) {
      return version == null ? 0 : version;
    }

    private void act(String name, Interleaving.Act act) {
      race.actor(name, () -> RacingTier.acting(act));
    }
  }
}
