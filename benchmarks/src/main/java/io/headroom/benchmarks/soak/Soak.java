package io.headroom.benchmarks.soak;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.HdrHistogram.Histogram;

/**
 * Runs the soak: starts six PostgreSQL servers and a Redis, measures what the service can do, and
 * sends it 60 % of that while the servers fail at random. Prints a line every ten seconds, and as
 * its last one that begins with {@code SOAK OK} or {@code SOAK FAILED}; the exit code says the
 * same.
 *
 * <p>What must hold: heap and threads flat, no error outside the windows of the faults, no stale
 * read and no lost write at any time.
 */
public final class Soak {
  private static final Duration STEP = Duration.ofSeconds(5);
  private static final Duration AFTER_THAT = Duration.ofSeconds(5);
  private static final Duration LINE = Duration.ofSeconds(10);

  /** It says every two seconds that Redis is away. */
  private static final Logger LETTUCE = Logger.getLogger("io.lettuce");

  private final SoakOptions options;
  private final SoakServers servers;
  private final SoakService service;
  private final FaultWindows windows = new FaultWindows();
  private final Tally tally = new Tally(windows);
  private final Vitals vitals = new Vitals();
  private final SoakFaults faults;

  private Soak(SoakOptions options, SoakServers servers, SoakService service) {
    this.options = options;
    this.servers = servers;
    this.service = service;
    this.faults = new SoakFaults(servers, windows, options.seed());
  }

  /**
   * Runs.
   *
   * @param arguments none; options are system properties: {@code -Dsoak.seconds}, {@code
   *     -Dsoak.load}, {@code -Dsoak.seed}
   * @throws Exception if servers cannot be started or mended
   */
  public static void main(String[] arguments) throws Exception {
    SoakOptions options;
    try {
      options = SoakOptions.ofSystemProperties();
    } catch (IllegalArgumentException wrongOption) {
      System.out.println("SOAK FAILED " + wrongOption.getMessage());
      System.exit(1);
      return;
    }
    say("starting six PostgreSQL servers and a Redis; faults by -Dsoak.seed=%d", options.seed());
    LETTUCE.setLevel(Level.OFF);
    boolean good;
    try (SoakServers servers = SoakServers.start();
        SoakService service = new SoakService(servers)) {
      good = new Soak(options, servers, service).run();
    }
    System.exit(good ? 0 : 1);
  }

  private boolean run() throws Exception {
    service.createAccounts();
    for (String shard : servers.shards()) {
      servers.replicas(shard).forEach(replica -> replica.awaitReplayOf(servers.primary(shard)));
    }
    double perSecond;
    long start;
    try (SoakLoad load = new SoakLoad(service, tally)) {
      double capacity = load.capacity(STEP);
      perSecond = capacity * options.load() / 100;
      say("can do %,.0f requests a second, gets %,.0f", capacity, perSecond);
      Thread.sleep(AFTER_THAT.toMillis());
      start = System.nanoTime();
      long end = start + options.length().toNanos();
      FutureTask<Void> failing =
          new FutureTask<>(
              () -> {
                faults.run(end);
                return null;
              });
      new Thread(failing, "faults").start();
      new Thread(() -> load.run(perSecond, end), "arrivals").start();
      watch(start, end);
      failing.get();
    }
    return verdict(start, perSecond);
  }

  private void watch(long start, long end) throws InterruptedException {
    long doneBefore = tally.done();
    long before = System.nanoTime();
    while (end - before > 0) {
      Thread.sleep(Math.min(LINE.toMillis(), 1 + (end - before) / 1_000_000));
      long now = System.nanoTime();
      if (!windows.touch(now, now)) {
        vitals.look();
      }
      long done = tally.done();
      Histogram latencies = tally.latencies();
      say(
          "%5d s  %,7.0f/s  p50 %6.1f  p99 %7.1f ms  errors %d, in faults %d  stale %d"
              + "  heap %.1f MB  threads %d  %s",
          (now - start) / 1_000_000_000,
          (done - doneBefore) * 1e9 / (now - before),
          latencies.getValueAtPercentile(50) / 1e6,
          latencies.getValueAtPercentile(99) / 1e6,
          tally.errorsOutside(),
          tally.errorsInFaults(),
          tally.stale(),
          vitals.bytes() / 1e6,
          vitals.threads(),
          faults.current());
      doneBefore = done;
      before = now;
    }
  }

  private boolean verdict(long start, double perSecond) throws SQLException {
    tally.firstOutside().forEach(error -> say("error: %s", error));
    say("faults: %s", faults.counts());
    long lost = lost();
    boolean judged = vitals.isEnough();
    boolean flat = !judged || (vitals.isHeapFlat() && vitals.areThreadsFlat());
    boolean good =
        flat && tally.errorsOutside() == 0 && tally.stale() == 0 && lost == 0 && tally.done() > 0;
    say(
        "SOAK %s seconds=%d per_second=%.0f requests=%d errors=%d errors_in_faults=%d stale=%d"
            + " lost_writes=%d heap_mb=%s threads=%s faults=%d calm=%.0f%% seed=%d",
        good ? "OK" : "FAILED",
        options.length().toSeconds(),
        perSecond,
        tally.done(),
        tally.errorsOutside(),
        tally.errorsInFaults(),
        tally.stale(),
        lost,
        judged ? vitals.heap() : "unknown",
        judged ? vitals.liveThreads() : "unknown",
        faults.counts().values().stream().mapToInt(Integer::intValue).sum(),
        100 * windows.calm(start, System.nanoTime()),
        options.seed());
    return good;
  }

  /** Acknowledged writes that the primaries do not have. */
  private long lost() throws SQLException {
    long lost = 0;
    for (long account = 0; account < SoakService.ACCOUNTS; account++) {
      if (tally.acknowledged(account) > 0) {
        lost += Math.max(0, tally.acknowledged(account) - service.writtenVersion(account));
      }
    }
    return lost;
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
