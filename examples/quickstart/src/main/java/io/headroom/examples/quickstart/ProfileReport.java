package io.headroom.examples.quickstart;

import io.headroom.cache.CacheStats;
import io.headroom.cache.Served;
import io.headroom.cache.SharedStats;
import java.util.Objects;

/**
 * What one process has to say of its cache in the end; JSON on its way to the other.
 *
 * @param gets profiles that were asked for
 * @param local those that were at hand
 * @param shared those that Redis had
 * @param loaded those that were loaded from the database by who asked
 * @param withoutRedis loads that had to do without Redis
 * @param sentAgain invalidations that Redis has taken when told again
 * @param findings what the judge has found
 * @param missing changes of the other process that have not arrived
 */
record ProfileReport(
    long gets,
    long local,
    long shared,
    long loaded,
    long withoutRedis,
    long sentAgain,
    ProfileJudge.Findings findings,
    int missing) {

  static ProfileReport of(CacheStats stats, ProfileJudge.Findings findings, int missing) {
    SharedStats tier = Objects.requireNonNull(stats.shared(), "there is a shared tier");
    return new ProfileReport(
        stats.gets(),
        stats.served(Served.LOCAL),
        stats.served(Served.SHARED),
        stats.served(Served.LOADED),
        tier.count(SharedStats.Count.LOADED_UNSHARED),
        tier.count(SharedStats.Count.INVALIDATIONS_SENT_AGAIN),
        findings,
        missing);
  }
}
