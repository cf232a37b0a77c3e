package com.example.market.growth;

import com.example.market.Market;
import com.example.market.Pools;
import com.example.market.Request;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/** Measures stages, each on servers that run and a Redis that is empty. */
final class Bench {

  static final Duration START = Duration.ofSeconds(1);
  static final Duration LENGTH = Duration.ofSeconds(3);

  private final Servers servers;

  Bench(Servers servers) {
    this.servers = servers;
  }

  /**
   * What a stage made of a load.
   *
   * @param stage which
   * @param outcomes by the requests' names
   * @param onPrimary how often the first primary looked at a stall, the load's start included
   * @param onReplicas how often its replicas did
   */
  record Measured(Stage stage, Map<String, Outcome> outcomes, long onPrimary, long onReplicas) {

    Outcome of(String name) {
      return Objects.requireNonNull(outcomes.get(name), name);
    }

    /** Requests a second that were served in time, of all names. */
    double goodput() {
      return outcomes.values().stream().mapToDouble(Outcome::goodput).sum();
    }

    /** The part of all requests that were told nothing in time. */
    double percentLeftWaiting() {
      double came = outcomes.values().stream().mapToDouble(Outcome::offered).sum();
      return outcomes.values().stream()
              .mapToDouble(outcome -> outcome.percentLeftWaiting() * outcome.offered())
              .sum()
          / came;
    }

    /** Requests that failed for another reason than that all connections were in use. */
    long unexplained() {
      return outcomes.values().stream().mapToLong(each -> each.failures().others()).sum();
    }

    /** Requests that failed for a reason that not even a server which dies explains. */
    long strange() {
      return outcomes.values().stream().mapToLong(each -> each.failures().strange()).sum();
    }

    /** A line for each name of which a request failed. */
    List<String> failures() {
      return outcomes.entrySet().stream()
          .filter(each -> each.getValue().failures().all() > 0)
          .map(each -> stage.title() + ", " + each.getKey() + ": " + each.getValue().failures())
          .toList();
    }

    /** Of all requests that were served, whenever they came. */
    double looksPerServed() {
      long served = outcomes.values().stream().mapToLong(Outcome::everServed).sum();
      return (double) (onPrimary + onReplicas) / served;
    }
  }

  /** Puts a load on a stage, and has something happen when counting begins. */
  Measured measure(Stage stage, UnaryOperator<OpenLoad> load, Happening happening)
      throws Exception {
    servers.heal();
    List<Long> before = servers.looks();
    Map<String, Outcome> outcomes;
    ExecutorService aside = Executors.newSingleThreadExecutor();
    try (Market market = stage.open(servers)) {
      long begin = System.nanoTime();
      Future<?> happened =
          aside.submit(
              () -> {
                Moments.awaitNanos(begin + START.toNanos());
                happening.happen();
                return null;
              });
      outcomes = load.apply(new OpenLoad(market)).run(begin, START, LENGTH);
      happened.get();
    } finally {
      aside.shutdownNow();
    }
    servers.running();
    List<Long> after = servers.looks();
    long replicas = 0;
    for (int i = 1; i < before.size(); i++) {
      replicas += after.get(i) - before.get(i);
    }
    return new Measured(stage, outcomes, after.get(0) - before.get(0), replicas);
  }

  /** What happens to servers under a load. */
  @FunctionalInterface
  interface Happening {
    void happen();
  }

  /** Pages a second that one pool can do, of as many threads as it has connections. */
  double capacity() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(Pools.SIZE);
    try (Market market = Stage.ONE_DATABASE.open(servers)) {
      long begin = System.nanoTime() + START.toNanos();
      List<Future<Long>> served = new ArrayList<>();
      for (int i = 0; i < Pools.SIZE; i++) {
        long seed = i;
        served.add(threads.submit(() -> served(market, new Random(seed), begin)));
      }
      long all = 0;
      for (Future<Long> each : served) {
        all += each.get();
      }
      return all / ((System.nanoTime() - begin) / 1e9);
    } finally {
      threads.shutdownNow();
    }
  }

  private static long served(Market market, Random random, long beginNanos) throws SQLException {
    long served = 0;
    while (System.nanoTime() - beginNanos < LENGTH.toNanos() / 2) {
      Request page = Traffic.pages().apply(random);
      if (market.answer(page).status() == 200 && System.nanoTime() - beginNanos >= 0) {
        served++;
      }
    }
    return served;
  }
}
