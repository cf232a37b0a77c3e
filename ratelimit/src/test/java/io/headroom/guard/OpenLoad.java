package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * An open load: requests come when they come, however long the others take, by a Poisson process.
 * Latency counts from when a request came, not from when one of the service's threads took it up,
 * and whoever had to wait for longer than its user's patience has not been served.
 */
final class OpenLoad {

  static final Duration PATIENCE = Duration.ofSeconds(1);

  /** As many as a servlet container has. */
  private static final int THREADS = 200;

  private static final int USERS = 10_000;
  private static final Duration UNTIL_STEADY = Duration.ofSeconds(1);

  /** For so long it is measured what a pool can do. */
  private static final Duration MEASURED = Duration.ofSeconds(2);

  private final String sql;
  private final Random random;
  private final List<Stream> streams = new ArrayList<>();

  /** Requests of one kind. */
  private record Stream(String name, DataSource pool, Criticality criticality, double perSecond) {}

  OpenLoad(String sql, long seed) {
    this.sql = sql;
    this.random = new Random(seed);
  }

  /**
   * Adds requests.
   *
   * @param name what figures count them as; several may have one name
   */
  OpenLoad of(String name, DataSource pool, Criticality criticality, double perSecond) {
    streams.add(new Stream(name, pool, criticality, perSecond));
    return this;
  }

  /** Adds requests that are named by their criticality. */
  OpenLoad of(DataSource pool, Criticality criticality, double perSecond) {
    return of(criticality.name(), pool, criticality, perSecond);
  }

  /** What has come of the requests of one name. */
  static final class Outcome {
    final LongAdder came = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder failed = new LongAdder();
    final Histogram served = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(5), 3);

    long inTime() {
      return served.getCountBetweenValues(0, TimeUnit.NANOSECONDS.toMicros(PATIENCE.toNanos()));
    }

    double millis(double percentile) {
      return served.getValueAtPercentile(percentile) / 1000.0;
    }
  }

  /** What has come of it, of all that came once the load had lasted for a second. */
  static final class Figures {
    final Map<String, Outcome> of = new TreeMap<>();
    private final double seconds;

    private Figures(double seconds) {
      this.seconds = seconds;
    }

    private Outcome of(Stream stream) {
      return of.computeIfAbsent(stream.name(), any -> new Outcome());
    }

    /** Requests a second that came. */
    double offered() {
      return of.values().stream().mapToLong(outcome -> outcome.came.sum()).sum() / seconds;
    }

    /** Requests a second that were served while their users had patience. */
    double goodput() {
      return of.values().stream().mapToLong(Outcome::inTime).sum() / seconds;
    }

    double millis(double percentile) {
      Histogram all = new Histogram(3);
      of.values().forEach(outcome -> all.add(outcome.served));
      return all.getValueAtPercentile(percentile) / 1000.0;
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      text.append(
          "goodput=%.0f/s p50=%.1fms p99=%.1fms".formatted(goodput(), millis(50), millis(99)));
      of.forEach(
          (name, outcome) ->
              text.append(
                  " %s={came=%d in_time=%d refused=%d failed=%d p99=%.1fms}"
                      .formatted(
                          name,
                          outcome.came.sum(),
                          outcome.inTime(),
                          outcome.refused.sum(),
                          outcome.failed.sum(),
                          outcome.millis(99))));
      return text.toString();
    }
  }

  /** Runs it, and waits until all that came is done with, for as long as users have patience. */
  Figures run(Duration length) throws InterruptedException {
    Figures figures = new Figures(length.minus(UNTIL_STEADY).toNanos() / 1e9);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    Outcome early = new Outcome(); // one for all: it is large
    double all = streams.stream().mapToDouble(Stream::perSecond).sum();
    long begin = System.nanoTime();
    long next = begin;
    while (next - begin < length.toNanos()) {
      for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      long came = next;
      boolean counts = came - begin >= UNTIL_STEADY.toNanos();
      Stream stream = any(all);
      Outcome outcome = counts ? figures.of(stream) : early;
      outcome.came.increment();
      RequestContext context =
          RequestContext.builder()
              .criticality(stream.criticality())
              .cohortOf(random.nextInt(USERS))
              .build();
      threads.execute(() -> request(stream.pool(), context, came, outcome));
      next += (long) (-Math.log(1 - random.nextDouble()) / all * 1e9);
    }
    threads.shutdown();
    if (!threads.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      threads.shutdownNow();
      threads.awaitTermination(60, TimeUnit.SECONDS);
    }
    return figures;
  }

  private Stream any(double all) {
    double drawn = random.nextDouble() * all;
    for (Stream stream : streams) {
      drawn -= stream.perSecond();
      if (drawn < 0) {
        return stream;
      }
    }
    return streams.get(streams.size() - 1);
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private void request(DataSource pool, RequestContext context, long cameNanos, Outcome outcome) {
    try (RequestContext.Scope scope = context.attach()) {
      serve(pool, sql);
      outcome.served.recordValue((System.nanoTime() - cameNanos) / 1000);
    } catch (PoolRefusedException refused) {
      outcome.refused.increment();
    } catch (SQLException failure) {
      outcome.failed.increment();
    }
  }

  /**
   * What a pool can do a second, by as many threads as it has connections, which always ask: once
   * all connections are open.
   */
  static double capacity(DataSource pool, String sql, int size) throws Exception {
    return perSecond(
        pool,
        sql,
        size,
        MEASURED,
        failure -> {
          throw failure;
        });
  }

  /** The same while its connections are killed: who has failed asks again. */
  static double capacityAmidFaults(DataSource pool, String sql, int size, Duration length)
      throws Exception {
    return perSecond(pool, sql, size, length, failure -> {});
  }

  private interface OnFailure {
    void failed(SQLException failure) throws SQLException;
  }

  private static double perSecond(
      DataSource pool, String sql, int size, Duration length, OnFailure onFailure)
      throws Exception {
    LongAdder served = new LongAdder();
    AtomicLong begin = new AtomicLong();
    CyclicBarrier open = new CyclicBarrier(size, () -> begin.set(System.nanoTime()));
    ExecutorService threads = Executors.newFixedThreadPool(size);
    List<Future<?>> asking = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      asking.add(
          threads.submit(
              () -> {
                Connection first = pool.getConnection();
                open.await(1, TimeUnit.MINUTES);
                first.close();
                while (System.nanoTime() - begin.get() < length.toNanos()) {
                  try {
                    serve(pool, sql);
                    served.increment();
                  } catch (SQLException failure) {
                    onFailure.failed(failure);
                  }
                }
                return null;
              }));
    }
    threads.shutdown();
    for (Future<?> each : asking) {
      each.get(1, TimeUnit.MINUTES); // with fewer the bounds would be lower
    }
    return served.sum() / ((System.nanoTime() - begin.get()) / 1e9);
  }

  private static void serve(DataSource pool, String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
