package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Results.decimal;
import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.examples.quickstart.service.Figures;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The stage in which users come to the services while servers fail, and what is judged of it. */
final class LoadStage {

  private final Options options;
  private final Screen screen;
  private final Events events;
  private final Results results;
  private final Fleet fleet;
  private final Services services;
  private final String cookie;
  private final Journal journal;
  private final ProfileJudge profiles = new ProfileJudge();

  /**
   * A stage that has not begun.
   *
   * @param cookie what everybody has seen: all that was loaded
   * @param journal of the orders
   */
  LoadStage(
      Options options,
      Screen screen,
      Events events,
      Results results,
      Fleet fleet,
      Services services,
      String cookie,
      Journal journal) {
    this.options = options;
    this.screen = screen;
    this.events = events;
    this.results = results;
    this.fleet = fleet;
    this.services = services;
    this.cookie = cookie;
    this.journal = journal;
  }

  /** What the report shows of it. */
  record Found(Seconds seconds, Routes routes) {}

  /**
   * Runs it.
   *
   * @param ticks the order of events
   */
  Found run(AtomicLong ticks) throws Exception {
    screen.stage(
        "%s users come to two services, up to %s requests a second, while servers fail"
            .formatted(count(options.concurrent()), count(options.rate())));
    Faults faults =
        new Faults(
            fleet,
            events,
            Duration.ofMillis(Math.round(options.load().toMillis() * UserLoad.FAULTS)),
            new Greed(fleet.redis(), services, new GreedyAddress(services, cookie)),
            services::haveRedis);
    for (ServiceProcess each : services.all()) {
      screen.line(
          String.format(Locale.ROOT, "   %s listens at 127.0.0.1:%d", each.name(), each.port()));
    }
    Seconds seconds = new Seconds();
    Visits visits =
        new Visits(
            services,
            Visits.customers(options.concurrent(), cookie),
            ticks,
            seconds,
            profiles,
            journal);
    events.start();
    try (InvalidationWatch watch =
            new InvalidationWatch(services, profiles, options.concurrent(), cookie);
        UserLoad load = new UserLoad(options, screen, services, seconds, visits)) {
      load.run(
          new FutureTask<>(
              () -> {
                faults.run();
                return null;
              }),
          watch::start);
      int missing = watch.end();
      events.show(false);
      List<Figures> after = services.figures();
      Routes routes = new Routes(load.before(), after);
      latencies(new LatencyVerdict(options, seconds, visits), load.efforts(after));
      caches(
          new CacheVerdict(
              after.stream().map(Figures::cache).toList(),
              profiles.findings(),
              missing,
              faults.outage().orElseThrow()),
          load.calm());
      watch.failures().forEach(failure -> screen.line("   watch: %s".formatted(failure)));
      limits(new LimitVerdict(faults.greed().orElseThrow(), seconds.answers(), visits.limited()));
      routes(routes);
      killedReplica(seconds, routes, faults.replicaOutage().orElseThrow());
      failover(faults.failover().orElseThrow());
      return new Found(seconds, routes);
    }
  }

  private void latencies(LatencyVerdict verdict, String efforts) {
    screen.stage("How long users waited");
    verdict.show(screen);
    screen.line("   %s".formatted(efforts));
    verdict.judge(results);
  }

  private void caches(CacheVerdict verdict, Figures.Cache calm) {
    screen.stage("What the caches of both services did");
    verdict.show(screen);
    Figures.Cache all = verdict.both();
    results.judge(
        "L1 hit rate",
        "60–70 %",
        "%s %% when all is calm, %s %% in all"
            .formatted(decimal(calm.percentLocal(), 1), decimal(all.percentLocal(), 1)),
        calm.percentLocal() >= 60);
    results.judge(
        "L2 hit rate, of the rest",
        "85–95 %",
        "%s %% when all is calm, %s %% in all"
            .formatted(decimal(calm.percentShared(), 1), decimal(all.percentShared(), 1)),
        calm.percentShared() >= 85);
    double p50 = verdict.arrivals().getValueAtPercentile(50) / 1e6;
    double p99 = verdict.arrivals().getValueAtPercentile(99) / 1e6;
    results.judge(
        "invalidation in the other service",
        "< 100 ms",
        "p50 %s ms, p99 %s ms, of %s"
            .formatted(decimal(p50, 1), decimal(p99, 1), count(verdict.arrivals().getTotalCount())),
        p99 < 100);
    results.check(verdict.checks());
    results.gate(
        "stale reads of one's own writes",
        "0",
        "%s of %s"
            .formatted(
                count(verdict.staleOwnReads() + journal.staleReads()),
                count(profiles.findings().ownReads() + journal.reads())),
        verdict.staleOwnReads() + journal.staleReads() == 0);
    results.gate(
        "stale reads after an invalidation", "0", count(verdict.stale()), verdict.stale() == 0);
    results.put("l1_hit", all.percentLocal(), 1, "%");
    results.put("l2_hit", all.percentShared(), 1, "%");
    results.put("invalidation_p99_ms", p99, 2, "");
    results.put("stale_after_invalidate", verdict.stale());
    results.put("stale_reads", verdict.staleOwnReads() + journal.staleReads());
  }

  private void limits(LimitVerdict verdict) {
    screen.stage("What the limits of both services did");
    verdict.show(screen);
    String claim = "100 requests/s per address, burst 50";
    if (verdict.isGreedy()) {
      results.gate(claim, "0 over", verdict.measured(), verdict.overAdmitted() == 0);
      results.judge(
          "and hardly less",
          "95 %",
          "%s %% of its limit".formatted(decimal(verdict.percentUsed(), 1)),
          verdict.isUsedUp());
    } else {
      results.show(claim, "0 over", "not tried: only %s asked for".formatted(verdict.asked()));
    }
    results.check(verdict.checks());
    results.put("over_admitted", verdict.overAdmitted());
    results.put("limit_used", verdict.percentUsed(), 1, "%");
  }

  private void routes(Routes routes) {
    screen.stage("Where the work ran, and why");
    routes.show(screen);
    results.gate(
        "reads on replicas",
        "most",
        "%s %% of %s".formatted(decimal(routes.percentOnReplicas(), 1), count(routes.reads())),
        routes.percentOnReplicas() > 50);
    results.put("replica_reads", routes.percentOnReplicas(), 1, "%");
  }

  private void killedReplica(Seconds seconds, Routes routes, Faults.Outage away) {
    double perMille = seconds.errorsPerMille(away.killedNanos(), away.restartedNanos());
    results.gate(
        "a killed replica is not missed",
        "yes",
        "away for %s s: %s %% errors, %s reads taken over by primaries"
            .formatted(
                decimal(away.length().toMillis() / 1e3, 1),
                decimal(perMille / 10, 2),
                count(routes.takenOver())),
        perMille < 1 && routes.takenOver() > 0);
  }

  private void failover(Faults.Failover failover) throws Exception {
    String shard = Fleet.shard(Fleet.FAILING);
    Optional<Journal.Gap> gap =
        journal.longestGap(shard, failover.killedNanos(), failover.promotedNanos());
    gap.ifPresent(found -> tellGap(shard, found, failover));
    results.gate(
        "a killed primary is replaced on the way",
        "yes",
        gap.map(
                found ->
                    String.format(
                        Locale.ROOT,
                        "by %s; no order acknowledged for %d ms",
                        failover.promoted(),
                        found.length().toMillis()))
            .orElse("nothing was acknowledged after it"),
        fleet.primaryOf(shard).equals(failover.promoted()) && gap.isPresent());
  }

  private void tellGap(String shard, Journal.Gap gap, Faults.Failover failover) {
    results.put("failover_gap_ms", gap.length().toMillis());
    screen.line(
        String.format(
            Locale.ROOT,
            "   failover of %s: no order was acknowledged for %d ms; PostgreSQL took %d ms to"
                + " promote, and the first order came %d ms after that",
            shard,
            gap.length().toMillis(),
            failover.promotion().toMillis(),
            TimeUnit.NANOSECONDS.toMillis(Math.max(0, gap.toNanos() - failover.promotedNanos()))));
  }
}
