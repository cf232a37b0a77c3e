package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.caches.AsyncGets;
import io.headroom.benchmarks.caches.CacheAccess;
import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.caches.CacheSetup;
import io.headroom.benchmarks.caches.Profile;
import io.headroom.benchmarks.caches.ProfileSource;
import io.headroom.benchmarks.stub.StubDataSource;
import io.headroom.benchmarks.whole.Door;
import io.headroom.guard.ManagedPool;
import java.time.Duration;
import java.util.List;

/**
 * A value that Redis has, by a bare GET and on the whole way of a request, limit and guard first:
 * {@link PairedRounds} in which two threads at once get 20 values a turn.
 */
public final class PairedSharedPath {
  /** A GET of Lettuce's synchronous commands, and the JSON read. */
  public static final String BARE = "bare";

  /** The same by its asynchronous commands, and a wait. */
  public static final String ASYNC = "async";

  /** The whole way. */
  public static final String WHOLE = "whole";

  private static final int THREADS = 2;
  private static final int GETS_A_TURN = 20;

  private PairedSharedPath() {}

  /**
   * Runs the probe.
   *
   * @param arguments number of rounds, then the URI of Redis
   * @throws Exception if one of them fails
   */
  public static void main(String[] arguments) throws Exception {
    ProfileSource source = new ProfileSource(Duration.ZERO);
    CacheSetup setup = new CacheSetup(List.of(arguments[1]), source);
    try (CacheAccess bare = CacheContender.LETTUCE.open(setup);
        AsyncGets async = new AsyncGets(arguments[1]);
        CacheAccess cache = CacheContender.HEADROOM.open(setup);
        Door door = new Door();
        Workers workers = new Workers(THREADS)) {
      door.guard().protect("orders", ManagedPool.ofSize(new StubDataSource(), 100));
      for (long id = 0; id < GETS_A_TURN; id++) {
        bare.put(id, Profile.of(id, 0));
        cache.put(id, Profile.of(id, 0));
      }
      PairedWays.play(
          Integer.parseInt(arguments[0]),
          GETS_A_TURN,
          workers,
          0,
          List.of(
              new PairedWays.Way(BARE, () -> get(bare::get)),
              new PairedWays.Way(ASYNC, () -> get(async::get)),
              new PairedWays.Way(WHOLE, () -> get(id -> door.request(id, cache::get)))));
      if (source.loads() > 0) {
        throw new IllegalStateException(source.loads() + " values were not there");
      }
    }
    System.exit(0);
  }

  private static void get(Door.Work<Profile, RuntimeException> way) {
    for (long id = 0; id < GETS_A_TURN; id++) {
      if (!way.apply(id).equals(Profile.of(id, 0))) {
        throw new IllegalStateException("the wrong profile for " + id);
      }
    }
  }
}
