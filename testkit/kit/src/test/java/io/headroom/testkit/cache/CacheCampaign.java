package io.headroom.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.cache.CacheCodec;
import io.headroom.cache.CacheKeys;
import io.headroom.cache.RedisTier;
import io.headroom.cache.Served;
import io.headroom.cache.SharedStats;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Three processes that read and write through caches which share a tier, and the record of what
 * they did. A value is its version; each writer has keys of its own.
 */
@SuppressWarnings("try") // scopes are opened for their effect
final class CacheCampaign implements AutoCloseable {

  private static final int PROCESSES = 3;
  private static final int KEYS = 600;
  private static final Duration MAX_STALENESS = Duration.ofSeconds(3);

  /** What a busy machine of two cores may add to a hundred milliseconds. */
  private static final Duration PROPAGATION = Duration.ofSeconds(2);

  /** What is invalidated while there is no server is told when there is one. */
  private static final Duration LONGEST_OUTAGE = Duration.ofSeconds(25);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Enough for some to lie in each partition. */
  private static final int ECHO_KEYS = 60;

  /** Far less than what it takes a process to ask for what it was not told. */
  private static final Duration ECHO = Duration.ofMillis(500);

  private final CacheHistory history = CacheHistory.create(System::nanoTime);
  private final Map<String, Long> table = new ConcurrentHashMap<>();
  private final List<RedisTier> tiers = new ArrayList<>();
  private final List<TieredCache<String, String>> caches = new ArrayList<>();
  private final List<BlockingQueue<Handed>> handed = new ArrayList<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(3 * PROCESSES);
  private final List<Future<?>> running = new ArrayList<>();
  private final LongAdder reads = new LongAdder();
  private final LongAdder tokenReads = new LongAdder();
  private final LongAdder writes = new LongAdder();
  private long echoes; // by the thread that does the faults
  private volatile boolean over;

  /** What a writer tells a reader elsewhere. */
  private record Handed(String key, ConsistencyToken token, CacheInvalidation invalidation) {}

  CacheCampaign(Supplier<RedisTier> redis) {
    for (int i = 0; i < PROCESSES; i++) {
      RedisTier tier = redis.get();
      tiers.add(tier);
      handed.add(new LinkedBlockingQueue<>(100));
      caches.add(
          TieredCache.<String, String>builder("campaign", this::load)
              .ttl(Duration.ofMinutes(10)) // nothing is mended by its end
              .shared(
                  SharedTier.on(tier, CacheKeys.strings(), CacheCodec.strings())
                      .partitions(8)
                      .maximumStaleness(MAX_STALENESS)
                      .build())
              .build());
    }
  }

  /** Reads, and takes a while to answer, so that what is invalidated meanwhile is in danger. */
  private String load(String key) {
    String value = String.valueOf(table.getOrDefault(key, 0L));
    LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(2_000_000));
    return value;
  }

  void begin() {
    for (int i = 0; i < PROCESSES; i++) {
      int process = i;
      running.add(threads.submit(() -> write(process)));
      running.add(threads.submit(() -> read(process)));
      running.add(threads.submit(() -> read(process)));
    }
  }

  private static String name(int process) {
    return String.valueOf((char) ('a' + process));
  }

  private void write(int writer) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (!over) {
      String key = "key-" + (random.nextInt(KEYS / PROCESSES) * PROCESSES + writer);
      int process = random.nextInt(PROCESSES);
      long version = table.getOrDefault(key, 0L) + 1;
      CacheWrite write = history.write(key, version);
      table.put(key, version);
      write.committed();
      RequestContext request = RequestContext.builder().build();
      try (RequestContext.Scope unused = request.attach()) {
        CacheInvalidation invalidation = history.invalidation(name(process), key);
        caches.get(process).invalidate(key);
        invalidation.returned();
        var unusedToo =
            handed
                .get((process + 1 + random.nextInt(PROCESSES - 1)) % PROCESSES)
                .offer(new Handed(key, request.token(), invalidation));
      }
      writes.increment();
      LockSupport.parkNanos(random.nextInt(10_000_000)); // rarely enough for losses to show
    }
  }

  private void read(int process) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (!over) {
      Handed told = handed.get(process).poll();
      String key = told == null ? "key-" + random.nextInt(KEYS) : told.key();
      RequestContext request = RequestContext.builder().build();
      try (RequestContext.Scope unused = request.attach()) {
        CacheRead read = history.read(name(process), key);
        if (told != null) {
          request.observe(told.token());
          read.knowing(told.invalidation());
          tokenReads.increment();
        }
        read.returned(Long.parseLong(Objects.requireNonNull(caches.get(process).get(key))));
      }
      reads.increment();
      LockSupport.parkNanos(random.nextInt(1_000_000));
    }
  }

  /** Does a fault, and waits until all have caught up with what they missed. */
  void during(Runnable fault) {
    BusOutage outage = history.busDown();
    fault.run();
    awaitRecovery();
    outage.over();
  }

  private void awaitRecovery() {
    await("Redis to be known to be back", () -> tiers.stream().allMatch(RedisTier::isUp));
    await("invalidations to be told again", () -> shared().allMatch(this::allTold));
    long told = System.nanoTime();
    await(
        "the news to be trusted",
        () -> shared().allMatch(stats -> stats.suspectNanos() < System.nanoTime() - told));
    await("news to get from all to all", this::isHeardByAll);
  }

  /**
   * A cluster's nodes pass news on to one another, and after a failover take a while until they do:
   * each process asks for what it missed meanwhile, which the bus is not to be taken for.
   */
  private boolean isHeardByAll() {
    for (TieredCache<String, String> from : caches) {
      String version = String.valueOf(++echoes);
      List<String> keys = IntStream.range(0, ECHO_KEYS).mapToObj(i -> "echo-" + i).toList();
      caches.forEach(cache -> keys.forEach(cache::get));
      keys.forEach(key -> table.put(key, echoes));
      keys.forEach(from::invalidate);
      long end = System.nanoTime() + ECHO.toNanos();
      for (TieredCache<String, String> cache : caches) {
        for (String key : keys) {
          while (!version.equals(cache.get(key))) {
            if (System.nanoTime() - end > 0) {
              return false;
            }
            LockSupport.parkNanos(1_000_000);
          }
        }
      }
    }
    return true;
  }

  private Stream<SharedStats> shared() {
    return caches.stream().map(cache -> Objects.requireNonNull(cache.stats().shared()));
  }

  /** A single one may just be on its way. */
  private boolean allTold(SharedStats stats) {
    return stats.invalidationsOpen() <= PROCESSES;
  }

  private void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("waited in vain for " + what + ": " + caches + " " + tiers);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Ends the work, and fails if a thread of it has failed: nothing is ever thrown. */
  void end() throws Exception {
    over = true;
    for (Future<?> one : running) {
      one.get(30, TimeUnit.SECONDS);
    }
    awaitRecovery();
  }

  /** Judges the history, and what is there in the end. */
  void judge() {
    CacheHistoryChecker.of(history)
        .propagation(PROPAGATION)
        .maximumStaleness(MAX_STALENESS.plus(LONGEST_OUTAGE))
        .verify();
    await("all to be told", () -> shared().allMatch(stats -> stats.invalidationsOpen() == 0));
    for (TieredCache<String, String> cache : caches) {
      table.forEach(
          (key, version) -> assertThat(cache.get(key)).isEqualTo(String.valueOf(version)));
    }
  }

  String figures() {
    StringBuilder text = new StringBuilder();
    text.append("reads=").append(reads).append(" with_token=").append(tokenReads);
    text.append(" writes=").append(writes);
    for (Served from : Served.values()) {
      long sum = caches.stream().mapToLong(cache -> cache.stats().served(from)).sum();
      if (sum > 0) {
        text.append(' ').append(from).append('=').append(sum);
      }
    }
    for (SharedStats.Count count : SharedStats.Count.values()) {
      long sum = shared().mapToLong(stats -> stats.count(count)).sum();
      if (sum > 0) {
        text.append(' ').append(count).append('=').append(sum);
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    over = true;
    threads.shutdownNow();
    caches.forEach(TieredCache::close);
    tiers.forEach(RedisTier::close);
  }
}
