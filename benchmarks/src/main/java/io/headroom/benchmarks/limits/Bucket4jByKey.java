package io.headroom.benchmarks.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.function.Function;

/** Bucket4j's buckets in a Caffeine map, from which those go that nobody asks. Thread-safe. */
public final class Bucket4jByKey {
  private static final Duration IDLE = Duration.ofDays(1); // a bucket of one a day is full then

  private final Cache<Long, Bucket> buckets = Caffeine.newBuilder().expireAfterAccess(IDLE).build();
  private final Function<Long, Bucket> begin;

  /**
   * Creates it without buckets.
   *
   * @param rate of each key
   */
  public Bucket4jByKey(Rate rate) {
    begin = key -> rate.bucket4j();
  }

  /**
   * Takes a permit of a key.
   *
   * @param key whose
   * @return whether there was one
   */
  public boolean tryAcquire(Long key) {
    return buckets.get(key, begin).tryConsume(1);
  }

  /** Does what Caffeine has put off. */
  public void cleanUp() {
    buckets.cleanUp();
  }
}
