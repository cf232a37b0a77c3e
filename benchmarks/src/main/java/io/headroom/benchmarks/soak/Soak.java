package io.headroom.benchmarks.soak;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.HdrHistogram.Histogram;

/**
 * Runs the soak: starts six PostgreSQL servers and a Redis, measures what the service can do, and
 * sends it 60 % of that while the servers fail at random. Prints a line every ten seconds. The last
 * line begins with {@code SOAK OK}, and the exit code is 0, if all that {@link Outcome} asks for
 * holds; with {@code SOAK FAILED}, and 1, if not; with {@code SOAK UNKNOWN}, and 3, if the machine
 * stood still too often to tell.
 */
public final class Soak {
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration STEP = Duration.ofSeconds(5);
  private static final Duration SETTLE = Duration.ofSeconds(10);
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
  private static final int WARM_UP_ASKERS = 16;

  /** It says every two seconds that Redis is away. */
  private static final Logger LETTUCE = Logger.getLogger("io.lettuce");

  private final SoakOptions options;
  private final SoakServers servers;
  private final SoakService service;
  private final FaultWindows windows = new FaultWindows();
  private final Tally tally = new Tally(windows, what -> say("!! %s", what));
  private final Acknowledged acknowledged = new Acknowledged(SoakService.ACCOUNTS);
  private final Vitals vitals = new Vitals();
  private final SoakFaults faults;
  private long startNanos = System.nanoTime();

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
   */
  public static void main(String[] arguments) {
    LETTUCE.setLevel(Level.OFF);
    int exitCode = 1;
    try {
      exitCode = run(SoakOptions.ofSystemProperties());
    } catch (IllegalArgumentException wrongOption) {
      say("SOAK FAILED %s", String.valueOf(wrongOption.getMessage()));
    } catch (Exception | Error failure) {
      failure.printStackTrace();
      say("SOAK FAILED %s", String.valueOf(failure).replaceAll("\\s+", " "));
    } finally {
      System.exit(exitCode); // whatever hangs
    }
  }

  private static int run(SoakOptions options) throws Exception {
    say("starting six PostgreSQL servers and a Redis; faults by -Dsoak.seed=%d", options.seed());
    try (SoakServers servers = SoakServers.start();
        SoakService service = new SoakService(servers)) {
      return new Soak(options, servers, service).run();
    }
  }

  private int run() throws Exception {
    service.createAccounts();
    for (String shard : servers.shards()) {
      servers.replicas(shard).forEach(replica -> replica.awaitReplayOf(servers.primary(shard)));
    }
    Stalls.watch(windows);
    try (SoakLoad load = new SoakLoad(service, tally, acknowledged)) {
      double perSecond = capacity(load) * options.load() / 100;
      Thread.sleep(SETTLE.toMillis()); // the guard's levels are normal again
      startNanos = System.nanoTime();
      long endNanos = startNanos + options.length().toNanos();
      FutureTask<Void> failing =
          new FutureTask<>(
              () -> {
                faults.run(endNanos);
                return null;
              });
      FutureTask<Void> coming = new FutureTask<>(() -> load.run(perSecond, endNanos), null);
      start(failing, "faults");
      start(coming, "arrivals");
      watch(load, endNanos, List.of(failing, coming));
      coming.get();
      failing.get();
      load.await();
      return verdict(perSecond, endNanos, load.longestQueue());
    } catch (TimeoutException hanging) {
      Thread.getAllStackTraces()
          .forEach((thread, stack) -> say("%s: %s", thread.getName(), List.of(stack)));
      throw hanging;
    }
  }

  private static void start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private double capacity(SoakLoad load) {
    load.ask(WARM_UP_ASKERS, WARM_UP);
    SoakLoad.Step[] steps = load.search(STEP);
    for (SoakLoad.Step step : steps) {
      say(
          "%3d ask one after the other: %,5.0f answers a second, %.1f %% refused",
          step.askers(), step.perSecond(), 100 * step.failed());
    }
    double capacity = SoakLoad.capacity(steps);
    if (capacity < 1) {
      throw new IllegalStateException("the service answers nobody");
    }
    say(
        "can do %,.0f requests a second, by its pools of %d, whose queries take 40 ms; gets %d %%",
        capacity, SoakService.CONNECTIONS, options.load());
    return capacity;
  }

  private void watch(SoakLoad load, long endNanos, List<FutureTask<Void>> running)
      throws InterruptedException, ExecutionException {
    long answersBefore = tally.answers();
    long before = System.nanoTime();
    load.latencies(); // those of the search
    while (endNanos - before > 0) {
      Thread.sleep(Math.min(BETWEEN_LINES.toMillis(), 1 + (endNanos - before) / 1_000_000));
      for (FutureTask<Void> one : running) {
        if (one.isDone()) {
          one.get(); // tells why it ended before its time, if it did
        }
      }
      long now = System.nanoTime();
      boolean calm = windows.touching(now, now).isEmpty();
      if (calm) {
        vitals.look();
      }
      long answers = tally.answers();
      Histogram latencies = load.latencies();
      say(
          "%5d s  %,5.0f/s  p50 %6.1f  p99 %7.1f ms  errors %d, in faults %d  %s",
          (now - startNanos) / 1_000_000_000,
          (answers - answersBefore) * 1e9 / (now - before),
          latencies.getValueAtPercentile(50) / 1e6,
          latencies.getValueAtPercentile(99) / 1e6,
          tally.errorsInCalm() + tally.bugs(),
          tally.errorsInFaults(),
          calm ? vitals.last() : faults.current());
      answersBefore = answers;
      before = now;
    }
  }

  private int verdict(double perSecond, long endNanos, int longestQueue) throws SQLException {
    long seconds = options.length().toSeconds();
    Outcome outcome =
        new Outcome(
            seconds,
            perSecond * seconds,
            tally.arrivals(),
            tally.answers(),
            tally.errorsInCalm(),
            tally.errorsByFault(),
            tally.bugs(),
            tally.stale(),
            tally.lost() + acknowledged.lost(servers.versions()),
            faults.counts().values().stream().mapToInt(Integer::intValue).sum(),
            windows.calm(startNanos, endNanos),
            windows.stalledPart(startNanos, endNanos),
            vitals);
    List<String> wrong = outcome.wrong();
    say("faults: %s; errors in them: %s", faults.counts(), outcome.errorsByFault());
    wrong.forEach(what -> say("wrong: %s", what));
    boolean unknown = !wrong.isEmpty() && outcome.isUnknown();
    say(
        "SOAK %s seconds=%d per_second=%.0f requests=%d errors=%d errors_in_faults=%d bugs=%d"
            + " stale=%d lost_writes=%d heap_mb=%s threads=%s files=%s longest_queue=%d faults=%d"
            + " calm=%.0f%% stalled=%.2f%% seed=%d",
        wrong.isEmpty() ? "OK" : unknown ? "UNKNOWN" : "FAILED",
        seconds,
        perSecond,
        outcome.arrivals(),
        outcome.errorsInCalm(),
        tally.errorsInFaults(),
        outcome.bugs(),
        outcome.stale(),
        outcome.lost(),
        vitals.heap(),
        vitals.threads(),
        vitals.files(),
        longestQueue,
        outcome.faults(),
        100 * outcome.calm(),
        100 * outcome.stalled(),
        options.seed());
    return wrong.isEmpty() ? 0 : unknown ? 3 : 1;
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
