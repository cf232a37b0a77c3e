package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Results.decimal;
import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.ConsistencyToken;
import io.headroom.examples.quickstart.report.ReportPage;
import io.headroom.examples.quickstart.report.RunReport;
import io.headroom.examples.quickstart.report.ShardSlots;
import io.headroom.examples.quickstart.service.Schema;
import io.headroom.examples.quickstart.service.ServiceMain;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The main job: starts four real PostgreSQL primaries with their replicas, a Redis, and two
 * services; loads users and orders through Headroom; lets thousands of users come to the services
 * over HTTP while servers fail and an address asks for far too much; asks a bare and a guarded pool
 * for ten times what they can do; checks in SQL where every row is; plans a fifth shard; and shows
 * what was claimed beside what was measured.
 *
 * <p>Its last line begins with {@code QUICKSTART OK} or {@code QUICKSTART FAILED}; the exit code is
 * 0 only if every check holds.
 */
public final class Quickstart {

  private final Options options;
  private final Screen screen;
  private final Results results = new Results();
  private final Instant started = Instant.now();
  private final long startNanos = System.nanoTime();

  /** The order of events, for which a real application has timestamps. */
  private final AtomicLong ticks = new AtomicLong();

  private Quickstart(Options options, Screen screen) {
    this.options = options;
    this.screen = screen;
    results.put("users", options.users());
    results.put("concurrent", options.concurrent());
    results.put("shards", Fleet.SHARDS);
  }

  /**
   * Runs the quickstart.
   *
   * @param arguments none; {@link Options} are system properties
   */
  public static void main(String[] arguments) {
    Screen screen = Screen.onStandardOut();
    int exitCode;
    try {
      exitCode = new Quickstart(Options.fromSystemProperties(), screen).run() ? 0 : 1;
    } catch (IllegalArgumentException wrongOption) {
      screen.line("QUICKSTART FAILED " + Screen.oneLine(String.valueOf(wrongOption.getMessage())));
      exitCode = 1;
    }
    System.exit(exitCode);
  }

  private boolean run() {
    String failure = "";
    try {
      stages();
    } catch (Exception | Error stopped) {
      failure = " reason=\"%s\"".formatted(Screen.oneLine(stopped.toString()).replace('"', '\''));
      stopped.printStackTrace();
    }
    boolean good = failure.isEmpty() && results.areGood();
    results.put("seconds", seconds(), 1, "");
    screen.line("");
    screen.line("QUICKSTART %s %s%s".formatted(good ? "OK" : "FAILED", results.line(), failure));
    return good;
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private void stages() throws Exception {
    Files.deleteIfExists(options.report()); // a run that stops early must not leave that of another
    screen.stage(
        String.format(
            Locale.ROOT,
            "Starting %d PostgreSQL primaries and their replicas, Redis, and two services",
            Fleet.SHARDS));
    Events events = new Events(screen);
    String key = UUID.randomUUID().toString();
    try (Fleet fleet = Fleet.start();
        Services services = new Services(fleet, key, events)) {
      fleet
          .addresses()
          .forEach((shard, at) -> screen.line("   %s is PostgreSQL at %s".formatted(shard, at)));
      screen.line("   Redis at 127.0.0.1:%s".formatted(Integer.toString(fleet.redis().port())));
      Schema.create(fleet.wiring());
      String cookie = "seen=" + ServiceMain.signer(key).seal(load(fleet));
      Journal journal = new Journal(fleet.router());
      LoadStage.Found found =
          new LoadStage(options, screen, events, results, fleet, services, cookie, journal)
              .run(ticks);
      spike(new Spike(fleet.nodes().get(0), screen, events));
      events.stop();
      List<ShardSlots> shards =
          new PlacementStage(screen, results, fleet, options.users(), journal).run();
      results.check(FifthShard.plan(fleet, screen));
      results.check(
          "both services ran until the end, and told what happened",
          services.troubles().isEmpty(),
          services.troubles().isEmpty() ? "they did" : String.join("; ", services.troubles()));
      screen.stage("Checks");
      results.checks().forEach(check -> screen.line("   %s".formatted(check)));
      screen.stage("Claims");
      results.show(screen);
      report(fleet, events, found, shards);
    }
  }

  private ConsistencyToken load(Fleet fleet) throws Exception {
    screen.stage(
        "Loading %s users and %s orders, colocated by user id"
            .formatted(
                count(options.users()), count((long) options.users() * Options.ORDERS_PER_USER)));
    long before = System.nanoTime();
    DataLoad load = new DataLoad(fleet, options.users(), ticks);
    long rows = load.run(screen);
    double seconds = (System.nanoTime() - before) / 1e9;
    screen.line(
        "   %s rows in %s s, %s rows/s"
            .formatted(count(rows), decimal(seconds, 1), count((long) (rows / seconds))));
    return load.written();
  }

  private void spike(Spike spike) throws Exception {
    screen.stage("A spike of ten times what a small pool can do, bare and guarded");
    SpikeVerdict verdict = spike.run();
    verdict.show(screen);
    results.gate(
        "the guard, from 85 % of a pool on",
        "no collapse",
        "%s × its load: %s %% of what it can do; without a guard %s %%"
            .formatted(
                decimal(SpikeLoad.times(), 1),
                decimal(verdict.goodputPercent(), 0),
                decimal(verdict.bareGoodputPercent(), 0)),
        verdict.checks());
    results.put("goodput_10x", verdict.goodputPercent(), 1, "%");
    results.put("bare_goodput_10x", verdict.bareGoodputPercent(), 1, "%");
    results.put("recover_ms", verdict.recoverMillis());
  }

  private void report(Fleet fleet, Events events, LoadStage.Found found, List<ShardSlots> shards)
      throws IOException {
    ReportPage.write(
        new RunReport(
            "Headroom quickstart",
            started,
            Duration.ofMillis(Math.round(seconds() * 1_000)),
            results.claims(),
            results.failuresBesides().stream()
                .map(check -> "%s: %s".formatted(check.claim(), check.found()))
                .toList(),
            found.seconds().list(),
            events.marks(),
            events.levels(),
            found.routes().reads(fleet.nodes()),
            shards,
            notes()),
        options.report());
    screen.line("");
    screen.line("   The report: %s".formatted(options.report()));
  }

  private List<String> notes() {
    return List.of(
        "%s users and their %s orders, on four shards of PostgreSQL; %s users at a time"
            .formatted(
                count(options.users()),
                count((long) options.users() * Options.ORDERS_PER_USER),
                count(options.concurrent())),
        "All servers, both services and all users share the %s cores of one machine."
            .formatted(count(Runtime.getRuntime().availableProcessors())),
        "Latency counts from when a request was due until its answer was there, repeated requests"
            + " and waits included.",
        "Redis was empty in the beginning and when it had been restarted: L2 hits are of a cache"
            + " that fills.");
  }
}
