package io.headroom.examples.quickstart.service;

import io.headroom.cache.CacheStats;
import io.headroom.cache.Served;
import io.headroom.cache.SharedStats;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a service tells of itself, as JSON at {@value #PATH}.
 *
 * @param cache of its profiles
 * @param routes work by server and reason
 * @param entries at the limits
 * @param hasRedis whether cache and limits have Redis behind them
 * @param repeated attempts at a database that were not the first
 * @param cpuMillis how long the process has used a core
 */
public record Figures(
    Cache cache,
    Map<String, Map<String, Long>> routes,
    Entries entries,
    boolean hasRedis,
    long repeated,
    long cpuMillis) {

  /** Where they are to be had; no filter is before it. */
  public static final String PATH = "/stats";

  /** Where the {@link Entries} of one address are, which is to be appended. */
  public static final String ENTRIES_OF = PATH + "?address=";

  /** How long this process has used a core. */
  public static long cpuMillisSoFar() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
            .getProcessCpuTime()
        / 1_000_000;
  }

  /**
   * Of a cache.
   *
   * @param gets profiles that were asked for
   * @param local those that were at hand
   * @param shared those that Redis had
   * @param loaded those that were loaded from the database by who asked
   * @param withoutRedis loads that had to do without Redis
   * @param sentAgain invalidations that Redis has taken when told again
   */
  public record Cache(
      long gets, long local, long shared, long loaded, long withoutRedis, long sentAgain) {

    static Cache of(CacheStats stats) {
      SharedStats tier = Objects.requireNonNull(stats.shared(), "there is a shared tier");
      return new Cache(
          stats.gets(),
          stats.served(Served.LOCAL),
          stats.served(Served.SHARED),
          stats.served(Served.LOADED),
          tier.count(SharedStats.Count.LOADED_UNSHARED),
          tier.count(SharedStats.Count.INVALIDATIONS_SENT_AGAIN));
    }

    /** What several have done together. */
    public static Cache sum(List<Cache> caches) {
      return caches.stream().reduce(new Cache(0, 0, 0, 0, 0, 0), Cache::plus);
    }

    private Cache plus(Cache other) {
      return new Cache(
          gets + other.gets,
          local + other.local,
          shared + other.shared,
          loaded + other.loaded,
          withoutRedis + other.withoutRedis,
          sentAgain + other.sentAgain);
    }

    /** What came after an earlier count. */
    public Cache since(Cache earlier) {
      return new Cache(
          gets - earlier.gets,
          local - earlier.local,
          shared - earlier.shared,
          loaded - earlier.loaded,
          withoutRedis - earlier.withoutRedis,
          sentAgain - earlier.sentAgain);
    }

    /** How many of a hundred were at hand in the process that asked; NaN if none was asked for. */
    public double percentLocal() {
      return 100.0 * local / gets;
    }

    /** How many of a hundred of the others Redis had; NaN if there were none. */
    public double percentShared() {
      return 100.0 * shared / (shared + loaded);
    }
  }
}
