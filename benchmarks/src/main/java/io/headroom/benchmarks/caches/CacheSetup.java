package io.headroom.benchmarks.caches;

import java.time.Duration;
import java.util.List;

/**
 * What a contender is opened on.
 *
 * @param uris of one Redis server, or of several nodes of a cluster
 * @param source of what is in neither process nor Redis
 */
public record CacheSetup(List<String> uris, ProfileSource source) {
  /** The system property that holds the URIs, separated by commas. */
  public static final String URIS = "bench.redis";

  /** How long a value is kept, in the process and in Redis. */
  static final Duration TTL = Duration.ofHours(1);

  /** How many values a process holds at most. */
  static final int LOCAL_ENTRIES = 20_000;

  /** What keys, caches and channels are called by. */
  static final String NAME = "profiles";

  /**
   * Keeps the URIs as they are.
   *
   * @param uris of one server, or of a cluster's nodes
   * @param source of what is nowhere else
   */
  public CacheSetup {
    uris = List.copyOf(uris);
  }

  /**
   * On the server that the runner named.
   *
   * @param source of what is not there
   * @return the setup
   * @throws IllegalStateException if no URI is set
   */
  public static CacheSetup ofRunner(ProfileSource source) {
    String uris = System.getProperty(URIS);
    if (uris == null) {
      throw new IllegalStateException(
          "-D" + URIS + " is not set: start this benchmark by RunBenchmarks");
    }
    return new CacheSetup(List.of(uris.split(",", -1)), source);
  }

  /** Whether it is a cluster. */
  boolean cluster() {
    return uris.size() > 1;
  }
}
