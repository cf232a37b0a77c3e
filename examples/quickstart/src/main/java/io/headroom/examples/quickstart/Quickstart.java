package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.ConsistencyToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The main job: starts four real PostgreSQL primaries with their replicas, and a Redis, loads users
 * and orders through Headroom, runs a mixed load in two processes while servers fail and a user
 * asks for far too much, asks a bare and a guarded pool for ten times what they can do, checks in
 * SQL where every row is, and plans a fifth shard.
 *
 * <p>Its last line begins with {@code QUICKSTART OK} or {@code QUICKSTART FAILED}; the exit code is
 * 0 only if every check holds.
 */
public final class Quickstart {

  /** A share of rows may be off by this many standard deviations: once in 1.7 million runs. */
  private static final double SIGMAS = 5;

  private final Options options;
  private final Screen screen;
  private final List<Check> checks = new ArrayList<>();
  private final Journal journal = new Journal();
  private final RouteTally tally = new RouteTally();
  private final long startNanos = System.nanoTime();

  private long misplaced = -1;
  private long errors = -1;
  private double worstShare = Double.NaN;
  private long lost = -1;
  private long gapMillis = -1;
  private double percentOnReplicas = Double.NaN;
  private double percentLocal = Double.NaN;
  private double percentShared = Double.NaN;
  private double invalidationMillis = Double.NaN;
  private long staleProfiles = -1;
  private long overAdmitted = -1;
  private double limitUsed = Double.NaN;
  private double goodput = Double.NaN;
  private double bareGoodput = Double.NaN;
  private long recoverMillis = -1;
  private Histogram latencies = new Histogram(3);

  /** What this process has. */
  private record Application(OrderBook book, Profiles profiles, Limits limits) {}

  private Quickstart(Options options, Screen screen) {
    this.options = options;
    this.screen = screen;
  }

  /**
   * Runs the quickstart.
   *
   * @param arguments none; options are system properties: {@code -Dusers}, {@code -Dload.seconds},
   *     {@code -Dload.threads}
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
    boolean good = failure.isEmpty() && !checks.isEmpty() && checks.stream().allMatch(Check::holds);
    screen.line("");
    screen.line(
        String.format(
            Locale.ROOT,
            "QUICKSTART %s users=%d shards=%d misplaced=%s errors=%s p50_ms=%s p95_ms=%s p99_ms=%s"
                + " worst_share=%s seconds=%s stale_reads=%d lost_writes=%s failover_gap_ms=%s"
                + " replica_reads=%s%% l1_hit=%s%% l2_hit=%s%% invalidation_p99_ms=%s"
                + " stale_after_invalidate=%s over_admitted=%s limit_used=%s%%"
                + " goodput_10x=%s%% bare_goodput_10x=%s%% recover_ms=%s%s",
            good ? "OK" : "FAILED",
            options.users(),
            Fleet.SHARDS,
            orUnknown(misplaced),
            orUnknown(errors),
            millis(latencies, 50),
            millis(latencies, 95),
            millis(latencies, 99),
            decimal(worstShare, 3),
            decimal((System.nanoTime() - startNanos) / 1e9, 1),
            journal.staleReads(),
            orUnknown(lost),
            orUnknown(gapMillis),
            decimal(percentOnReplicas, 1),
            decimal(percentLocal, 1),
            decimal(percentShared, 1),
            decimal(invalidationMillis, 2),
            orUnknown(staleProfiles),
            orUnknown(overAdmitted),
            decimal(limitUsed, 1),
            decimal(goodput, 1),
            decimal(bareGoodput, 1),
            orUnknown(recoverMillis),
            failure));
    return good;
  }

  private void stages() throws Exception {
    screen.stage(
        String.format(
            Locale.ROOT,
            "Starting %d PostgreSQL primaries and their replicas, and Redis",
            Fleet.SHARDS));
    Events events = new Events(screen);
    try (Fleet fleet =
        Fleet.start(
            options.threads() + GreedyUser.SERVING + 2,
            shard -> List.of(tally, events.of(shard)))) {
      fleet
          .addresses()
          .forEach((shard, at) -> screen.line("   %s is PostgreSQL at %s".formatted(shard, at)));
      screen.line("   Redis at 127.0.0.1:%s".formatted(Integer.toString(fleet.redis().port())));
      Schema.create(fleet);
      try (OrderBook book = new OrderBook(fleet, journal);
          Profiles profiles =
              new Profiles(fleet.sharded(), fleet.redis().uri(), journal.repeated());
          Limits limits = new Limits(fleet.redis().uri());
          SecondProcess second = SecondProcess.start(fleet, options.users())) {
        ConsistencyToken loaded = load(fleet, book);
        mixedLoad(fleet, new Application(book, profiles, limits), second, loaded, events);
        spike(new Spike(fleet.nodes().get(0), screen));
        place(fleet);
        checks.addAll(FifthShard.plan(fleet, screen));
      }
      screen.stage("Checks");
      checks.forEach(check -> screen.line("   %s".formatted(check)));
    }
  }

  private ConsistencyToken load(Fleet fleet, OrderBook book) throws Exception {
    screen.stage(
        "Loading %s users and %s orders, colocated by user id"
            .formatted(
                count(options.users()), count((long) options.users() * Options.ORDERS_PER_USER)));
    long before = System.nanoTime();
    DataLoad load = new DataLoad(fleet, book, options);
    long rows = load.run(screen);
    double seconds = (System.nanoTime() - before) / 1e9;
    screen.line(
        "   %s rows in %s s, %s rows/s"
            .formatted(count(rows), decimal(seconds, 1), count((long) (rows / seconds))));
    return load.written();
  }

  private void mixedLoad(
      Fleet fleet, Application here, SecondProcess second, ConsistencyToken loaded, Events events)
      throws Exception {
    screen.stage(
        String.format(
            Locale.ROOT,
            "Mixed load: %d clients for %d s, and two in a second process, while servers fail",
            options.threads(),
            options.load().toSeconds()));
    Profiles profiles = here.profiles();
    Limits limits = here.limits();
    ProfileJudge judge = new ProfileJudge();
    try (ChangeWatch watch = new ChangeWatch(profiles, judge, loaded)) {
      second.begin(loaded, watch);
      ProfileTraffic traffic = new ProfileTraffic(profiles, judge, options.users(), second::tell);
      GreedyUser greedy = new GreedyUser(limits, () -> traffic.servePage(loaded));
      Faults faults =
          new Faults(
              fleet,
              events,
              options.load(),
              new Greed(fleet.redis(), greedy, second),
              () -> profiles.hasRedis() && limits.hasRedis());
      run(new MixedLoad(here.book(), traffic, limits, options, loaded), faults, events);
      SecondProcess.Report theirs = second.end();
      watch.awaitAll();
      routes();
      caches(
          new CacheVerdict(
              ProfileReport.of(profiles.stats(), judge.findings(), watch.open()),
              theirs.profiles(),
              faults.outage().orElseThrow()));
      limits(new LimitVerdict(faults.greed().orElseThrow(), limits.entries(), theirs.entries()));
      failover(fleet, faults.failover().orElseThrow());
    }
  }

  private void run(MixedLoad load, Faults faults, Events events) throws Exception {
    tally.restart();
    events.start();
    FutureTask<Void> failing =
        new FutureTask<>(
            () -> {
              faults.run();
              return null;
            });
    long nanos = load.run(screen, new Thread(failing, "faults"));
    events.stop();
    failing.get();
    List<List<String>> rows = new ArrayList<>();
    for (MixedLoad.Kind kind : MixedLoad.Kind.values()) {
      rows.add(latencyRow(kind.title, load.latencies(kind), nanos));
    }
    latencies = load.allLatencies();
    rows.add(latencyRow("all", latencies, nanos));
    screen.table(List.of("call", "count", "per s", "p50 ms", "p95 ms", "p99 ms"), rows);
    errors = load.errors();
    check(
        "every call of the load was answered, and rightly",
        errors == 0 && load.hasEveryKind(),
        String.format(
            Locale.ROOT,
            "%d errors, %s answers, %s attempts repeated",
            errors,
            count(latencies.getTotalCount()),
            count(journal.repeated().sum())));
    load.firstErrors().forEach(error -> screen.line("   error: %s".formatted(error)));
  }

  private void caches(CacheVerdict verdict) {
    screen.stage("What the caches of both processes did");
    verdict.show(screen);
    percentLocal = verdict.percentLocal();
    percentShared = verdict.percentShared();
    invalidationMillis = verdict.arrivals().getValueAtPercentile(99) / 1e6;
    staleProfiles = verdict.stale();
    checks.addAll(verdict.checks());
  }

  private void limits(LimitVerdict verdict) {
    screen.stage("What the limits of both processes did");
    verdict.show(screen);
    overAdmitted = verdict.overAdmitted();
    limitUsed = verdict.percentUsed();
    checks.addAll(verdict.checks());
  }

  private void routes() {
    screen.stage("Where the work ran, and why");
    List<List<String>> table = tally.table();
    screen.table(table.get(0), table.subList(1, table.size()));
    screen.line(
        "   FRESH is a replica that has what its caller has seen; WAITED, one that got it soon;");
    screen.line(
        "   SPILLED, the primary, since no replica had it in time, or none could be reached");
    percentOnReplicas = tally.percentOnReplicas();
    check(
        "most reads ran on replicas",
        percentOnReplicas > 50,
        "%s %%".formatted(decimal(percentOnReplicas, 1)));
    check(
        "every read showed its client's own writes",
        journal.staleReads() == 0,
        "%s stale, %s orders read back"
            .formatted(count(journal.staleReads()), count(journal.acknowledged())));
  }

  private void failover(Fleet fleet, Faults.Failover failover) throws Exception {
    String shard = Fleet.shard(Fleet.FAILING);
    List<Journal.Acknowledged> acknowledged = journal.acknowledgedBy(shard);
    lost = new PlacementCheck(fleet).lost(shard, acknowledged);
    Optional<Journal.Gap> gap =
        journal.longestGap(shard, failover.killedNanos(), failover.promotedNanos());
    gap.ifPresent(found -> tellGap(shard, found, failover));
    check(
        "the promoted replica is the primary",
        fleet.primaryOf(shard).equals(failover.promoted()) && gap.isPresent(),
        fleet.primaryOf(shard));
    check(
        "the failover lost no acknowledged write",
        lost == 0 && !acknowledged.isEmpty(),
        "%s of %s lost on %s".formatted(count(lost), count(acknowledged.size()), shard));
  }

  private void tellGap(String shard, Journal.Gap gap, Faults.Failover failover) {
    gapMillis = gap.length().toMillis();
    screen.line(
        String.format(
            Locale.ROOT,
            "   failover of %s: no write was acknowledged for %d ms; PostgreSQL took %d ms to"
                + " promote, and %s",
            shard,
            gapMillis,
            failover.promotion().toMillis(),
            String.format(
                Locale.ROOT,
                "the first write came %d ms after that",
                TimeUnit.NANOSECONDS.toMillis(
                    Math.max(0, gap.toNanos() - failover.promotedNanos())))));
  }

  private void spike(Spike spike) throws Exception {
    screen.stage("A spike of ten times what a small pool can do, bare and guarded");
    SpikeVerdict verdict = spike.run();
    verdict.show(screen);
    goodput = verdict.goodputPercent();
    bareGoodput = verdict.bareGoodputPercent();
    recoverMillis = verdict.recoverMillis();
    checks.addAll(verdict.checks());
  }

  private void place(Fleet fleet) throws Exception {
    screen.stage("Where the rows are, asked of every shard in SQL");
    screen.line("   %s".formatted(PlacementCheck.misplacedSql("users")));
    List<PlacementCheck.Holdings> found = new PlacementCheck(fleet).run();
    int slotCount = fleet.router().map().slotCount();
    List<List<String>> rows = new ArrayList<>();
    long users = 0;
    long orders = 0;
    misplaced = 0;
    worstShare = 0;
    boolean balanced = true;
    for (PlacementCheck.Holdings shard : found) {
      double share = (double) shard.slots() / slotCount;
      double expected = share * options.users();
      double deviation = Math.sqrt(expected * (1 - share));
      balanced &= Math.abs(shard.users() - expected) <= SIGMAS * deviation;
      worstShare = Math.max(worstShare, shard.users() / expected);
      users += shard.users();
      orders += shard.orders();
      misplaced += shard.misplaced();
      rows.add(
          List.of(
              shard.shard(),
              shard.server(),
              count(shard.slots()),
              count(shard.users()),
              count(Math.round(expected)),
              decimal(shard.users() / expected, 3),
              count(shard.orders()),
              count(shard.misplaced())));
    }
    screen.table(
        List.of(
            "shard", "primary now", "slots", "users", "expected", "ratio", "orders", "misplaced"),
        rows);
    long expectedOrders = (long) options.users() * Options.ORDERS_PER_USER + journal.acknowledged();
    check("no row is misplaced", misplaced == 0, count(misplaced) + " misplaced");
    check(
        "every user is there once",
        users == options.users(),
        "%s of %s".formatted(count(users), count(options.users())));
    check(
        "every acknowledged order is there",
        orders == expectedOrders,
        "%s of %s".formatted(count(orders), count(expectedOrders)));
    check(
        String.format(
            Locale.ROOT, "each shard has its share within %.0f standard deviations", SIGMAS),
        balanced,
        "the fullest has %s times its share".formatted(decimal(worstShare, 3)));
  }

  private List<String> latencyRow(String title, Histogram histogram, long nanos) {
    long calls = histogram.getTotalCount();
    return List.of(
        title,
        count(calls),
        count((long) (calls / (nanos / 1e9))),
        millis(histogram, 50),
        millis(histogram, 95),
        millis(histogram, 99));
  }

  private void check(String claim, boolean holds, String found) {
    checks.add(new Check(claim, holds, found));
  }

  /** A run that stopped early has not counted everything. */
  private static String orUnknown(long counted) {
    return counted < 0 ? "unknown" : Long.toString(counted);
  }

  private static String millis(Histogram nanos, double percentile) {
    return decimal(nanos.getValueAtPercentile(percentile) / 1e6, 2);
  }

  private static String decimal(double value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value);
  }
}
