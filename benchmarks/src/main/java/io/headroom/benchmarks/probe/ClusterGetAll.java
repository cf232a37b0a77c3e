package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.caches.CacheAccess;
import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.caches.CacheSetup;
import io.headroom.benchmarks.caches.Profile;
import io.headroom.benchmarks.caches.ProfileSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A hundred values at once that a Redis cluster has and the process has not. The contenders take
 * turns, one thread: how long a call takes, and what it costs in round trips and commands, counted
 * by the servers.
 */
public final class ClusterGetAll {
  /** Who takes part. */
  public static final List<CacheContender> CONTENDERS = CacheContender.onRedisAlone();

  /** Added to a contender's name: the median of the time of a call, in nanoseconds. */
  public static final String TIME = ".time";

  /** Added to a contender's name: the 99th percentile. */
  public static final String P99 = ".p99";

  /** Added to a contender's name: reads of the servers' sockets a call. */
  public static final String ROUND_TRIPS = ".trips";

  /** Added to a contender's name: commands a call. */
  public static final String COMMANDS = ".commands";

  private static final int KEYS = 1_000;
  private static final int KEYS_A_CALL = 100;
  private static final int CALLS_A_TURN = 100;
  private static final Duration BACKGROUND = Duration.ofSeconds(2);

  private ClusterGetAll() {}

  /**
   * Runs the probe.
   *
   * @param arguments number of turns, then the URIs of the cluster's nodes
   */
  public static void main(String[] arguments) {
    List<String> uris = List.of(arguments).subList(1, arguments.length);
    ChildJvm.exitAfter(() -> run(Integer.parseInt(arguments[0]), uris));
  }

  private static void run(int turns, List<String> uris) throws Exception {
    try (ServerCounts counts = new ServerCounts(uris)) {
      List<Reader> readers =
          new ArrayList<>(
              CONTENDERS.stream().map(contender -> new Reader(contender, uris)).toList());
      counts.watchBackground(BACKGROUND);
      Random random = new Random(42);
      for (int turn = -turns / 4; turn < turns; turn++) {
        Collections.shuffle(readers, random);
        for (Reader reader : readers) {
          if (turn == 0) {
            reader.forget(); // what it took to warm up
          }
          reader.take(counts, random);
        }
      }
      readers.forEach(Reader::report);
    }
  }

  /** One contender's calls. */
  private static final class Reader {
    private final CacheContender contender;
    private final CacheAccess cache;
    private final Latencies calls = new Latencies();
    private ServerCounts.Count cost = new ServerCounts.Count(0, 0, 0);

    Reader(CacheContender contender, List<String> uris) {
      this.contender = contender;
      ProfileSource none = new ProfileSource(Duration.ZERO);
      none.revise(); // so that what is loaded is not taken for what was put
      cache = contender.open(new CacheSetup(uris, none));
      for (long id = 0; id < KEYS; id++) {
        cache.put(id, Profile.of(id, 0));
      }
    }

    void take(ServerCounts counts, Random random) {
      long begin = System.nanoTime();
      ServerCounts.Count before = counts.take();
      for (int call = 0; call < CALLS_A_TURN; call++) {
        Set<Long> ids = new LinkedHashSet<>();
        while (ids.size() < KEYS_A_CALL) {
          ids.add((long) random.nextInt(KEYS));
        }
        long start = System.nanoTime();
        Map<Long, Profile> found = cache.getAll(ids);
        calls.add(System.nanoTime() - start);
        check(ids, found);
      }
      cost = cost.plus(counts.since(before, System.nanoTime() - begin));
    }

    private void check(Collection<Long> ids, Map<Long, Profile> found) {
      for (Long id : ids) {
        Profile profile = found.get(id);
        if (profile == null || profile.id() != id || profile.revision() != 0) {
          throw new IllegalStateException(contender + " got " + profile + " for " + id);
        }
      }
    }

    void forget() {
      calls.forget();
      cost = new ServerCounts.Count(0, 0, 0);
    }

    void report() {
      ChildJvm.report(contender + TIME, calls.at(0.5));
      ChildJvm.report(contender + P99, calls.at(0.99));
      ChildJvm.report(contender + ROUND_TRIPS, (double) cost.reads() / calls.count());
      ChildJvm.report(contender + COMMANDS, (double) cost.sent(calls.count()) / calls.count());
    }
  }
}
