package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.caches.CacheAccess;
import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.caches.CacheSetup;
import io.headroom.benchmarks.caches.Profile;
import io.headroom.benchmarks.caches.ProfileSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ten processes that hold a value, which one of them invalidates: how long it takes, from the start
 * of that call, until none of the ten would serve the old value. A process here is a client with
 * its own connections and level; they share a JVM, so that one clock sees all, which looks every 50
 * µs.
 */
public final class InvalidationSpread {
  /** Who takes part. */
  public static final List<CacheContender> CONTENDERS = CacheContender.onBothLevels();

  /** Added to a contender's name: the median, in nanoseconds. */
  public static final String TIME = ".time";

  /** Added to a contender's name: the 99th percentile. */
  public static final String P99 = ".p99";

  private static final int PROCESSES = 10;
  private static final long KEYS = 100;
  private static final long LOOK_NANOS = 50_000;
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private InvalidationSpread() {}

  /**
   * Runs the probe.
   *
   * @param arguments number of rounds, then the server's URI
   */
  public static void main(String[] arguments) {
    List<String> uris = List.of(arguments).subList(1, arguments.length);
    ChildJvm.exitAfter(() -> run(Integer.parseInt(arguments[0]), uris));
  }

  private static void run(int rounds, List<String> uris) throws Exception {
    CONTENDERS.forEach(contender -> play(contender, uris.get(0), rounds));
  }

  private static void play(CacheContender contender, String uri, int rounds) {
    ProfileSource source = new ProfileSource(Duration.ZERO);
    List<CacheAccess> fleet = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      fleet.add(contender.open(new CacheSetup(List.of(uri), source)));
    }
    Latencies spreads = new Latencies();
    for (int round = -rounds / 4; round < rounds; round++) {
      if (round == 0) {
        spreads.forget(); // what it took to warm up
      }
      Long id = Math.floorMod(round, KEYS);
      CacheAccess writer = fleet.get(Math.floorMod(round, PROCESSES));
      await(contender + " to hold", () -> fleet.stream().allMatch(cache -> holds(cache, id)));
      long revision = source.revise();
      long start = System.nanoTime();
      writer.invalidate(id);
      List<CacheAccess> late = new ArrayList<>(fleet);
      await(
          contender + " to drop",
          () -> {
            late.removeIf(cache -> isNew(cache.peek(id), revision));
            return late.isEmpty();
          });
      spreads.add(System.nanoTime() - start);
      for (CacheAccess cache : fleet) {
        if (cache.get(id).revision() < revision) {
          throw new IllegalStateException(contender + " serves the old value again");
        }
      }
    }
    ChildJvm.report(contender + TIME, spreads.at(0.5));
    ChildJvm.report(contender + P99, spreads.at(0.99));
    fleet.forEach(CacheAccess::close);
  }

  /** Has it in the process; where another's fill has taken it away, gets it again. */
  private static boolean holds(CacheAccess cache, Long id) {
    boolean held = cache.peek(id) != null;
    cache.get(id);
    return held;
  }

  private static boolean isNew(@Nullable Profile profile, long revision) {
    return profile == null || profile.revision() >= revision;
  }

  private static void await(String what, BooleanSupplier state) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!state.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("waited ten seconds for " + what + " a value");
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
