package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.caches.CacheAccess;
import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.caches.CacheSetup;
import io.headroom.benchmarks.caches.ProfileSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Callers who ask at once for a key that is nowhere, whose load takes 50 ms: how often it is
 * loaded, and how long the slowest hundredth of the callers waits. Once with one process, once with
 * three, each of which has as many callers. A process here is a client with its own connections,
 * level and source; they share a JVM.
 */
public final class ColdKey {
  /** Who takes part. */
  public static final List<CacheContender> CONTENDERS =
      Stream.of(CacheContender.onRedisAlone(), CacheContender.onBothLevels())
          .flatMap(List::stream)
          .toList();

  /** How many processes: alone, and a fleet. */
  public static final List<Integer> PROCESSES = List.of(1, 3);

  /** After a contender's name and a number of processes: the most loads of all in a round. */
  public static final String LOADS = ".loads";

  /** After a contender's name and a number of processes: the 99th percentile, in nanoseconds. */
  public static final String P99 = ".p99";

  /** After a contender's name and a number of processes: the most callers that got an error. */
  public static final String FAILURES = ".failures";

  private static final Duration LOAD = Duration.ofMillis(50);

  private ColdKey() {}

  /**
   * Runs the probe.
   *
   * @param arguments number of rounds, callers of each process, the server's URI
   */
  public static void main(String[] arguments) {
    int rounds = Integer.parseInt(arguments[0]);
    int callers = Integer.parseInt(arguments[1]);
    ChildJvm.exitAfter(() -> run(rounds, callers, arguments[2]));
  }

  private static void run(int rounds, int callersEach, String uri) throws Exception {
    for (int processes : PROCESSES) {
      try (Workers callers = new Workers(callersEach * processes)) {
        for (CacheContender contender : CONTENDERS) {
          List<Instance> fleet = new ArrayList<>();
          for (int i = 0; i < processes; i++) {
            fleet.add(Instance.open(contender, uri));
          }
          play(contender + "." + processes, fleet, callers, rounds);
          fleet.forEach(instance -> instance.cache().close());
        }
      }
    }
  }

  /** One process of the fleet. */
  private record Instance(CacheAccess cache, ProfileSource source) {

    static Instance open(CacheContender contender, String uri) {
      ProfileSource source = new ProfileSource(LOAD);
      return new Instance(contender.open(new CacheSetup(List.of(uri), source)), source);
    }
  }

  private static void play(String name, List<Instance> fleet, Workers callers, int rounds)
      throws Exception {
    long mostLoads = 0;
    long mostFailures = 0;
    Latencies waits = new Latencies();
    long firstId = fleet.size() * 1_000_000L; // all have keys of their own, or are closed by then
    for (int round = 0; round <= rounds; round++) {
      if (round == 1) {
        waits.forget(); // what it took to warm up
      }
      long id = firstId + round;
      fleet.forEach(instance -> instance.cache().invalidate(id)); // of the contender before
      long before = loads(fleet);
      AtomicInteger failures = new AtomicInteger();
      callers.run(caller -> get(fleet.get(caller % fleet.size()).cache(), id, waits, failures));
      mostLoads = Math.max(mostLoads, loads(fleet) - before);
      mostFailures = Math.max(mostFailures, failures.get());
    }
    ChildJvm.report(name + LOADS, (double) mostLoads);
    ChildJvm.report(name + FAILURES, (double) mostFailures);
    ChildJvm.report(name + P99, waits.at(0.99));
  }

  /** An error is an answer too: what the caller of a client that gave up gets. */
  private static void get(CacheAccess cache, long id, Latencies waits, AtomicInteger failures) {
    long start = System.nanoTime();
    try {
      long found = cache.get(id).id();
      if (found != id) {
        throw new IllegalStateException("got " + found + " for " + id);
      }
    } catch (RuntimeException e) {
      failures.incrementAndGet();
    }
    waits.add(System.nanoTime() - start);
  }

  private static long loads(List<Instance> fleet) {
    return fleet.stream().mapToLong(instance -> instance.source().loads()).sum();
  }
}
