package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Results.decimal;
import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.examples.quickstart.service.Entries;
import io.headroom.examples.quickstart.service.Figures;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

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
            services);
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
        UserLoad load = new UserLoad(options, screen, events, services, seconds, visits)) {
      load.run(
          new FutureTask<>(
              () -> {
                faults.run();
                return null;
              }),
          watch::start);
      InvalidationWatch.Outcome watched = watch.end();
      events.show(false);
      List<Figures> after = services.figures();
      Routes routes = new Routes(load.before(), after);
      screen.stage("How long users waited");
      LatencyVerdict latencies = new LatencyVerdict(options, seconds, visits);
      latencies.show(screen);
      screen.line("   %s".formatted(load.efforts(after)));
      latencies.judge(results);

      screen.stage("What the caches of both services did");
      CacheVerdict caches =
          new CacheVerdict(
              after.stream().map(Figures::cache).toList(),
              profiles.findings(),
              watched,
              faults.outage().orElseThrow());
      caches.show(screen);
      caches.judge(results, load.calm(), journal);

      screen.stage("What the limits of both services did");
      Greed.Found greed = faults.greed().orElseThrow();
      LimitVerdict limits = new LimitVerdict(greed, others(load.before(), after, greed));
      limits.show(screen);
      limits.judge(results);

      routes(routes);
      killedReplica(seconds, faults.replicaLoss().orElseThrow());
      failover(faults.failover().orElseThrow());
      return new Found(seconds, routes);
    }
  }

  /** Whoever asked the services, but for the greedy address: users, and who watches changes. */
  private static List<Entries> others(
      List<Figures> before, List<Figures> after, Greed.Found greed) {
    return IntStream.range(0, after.size())
        .mapToObj(
            i ->
                after.get(i).entries().minus(before.get(i).entries()).minus(greed.counted().get(i)))
        .toList();
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

  private void killedReplica(Seconds seconds, Faults.ReplicaLoss loss) {
    Faults.Outage away = loss.outage();
    Seconds.Outcome meanwhile = seconds.outcome(away.killedNanos(), away.restartedNanos());
    results.gate(
        "a killed replica is not missed",
        "yes",
        "away for %s s: %s errors, %s answers; %s took %s reads over"
            .formatted(
                decimal(away.length().toMillis() / 1e3, 1),
                count(meanwhile.errors()),
                count(meanwhile.answers()),
                loss.primary(),
                count(loss.takenOver())),
        meanwhile.errors() == 0 && meanwhile.answers() > 0 && loss.takenOver() > 0);
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
