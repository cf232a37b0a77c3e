package io.headroom.ratelimit;

import io.headroom.ratelimit.RedisBuckets.Found;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One policy of a limiter whose buckets are in Redis.
 *
 * <p>Thread-safe.
 *
 * @param <R> the type of subjects
 */
final class SharedPolicy<R> {

  private static final Logger LOG = LoggerFactory.getLogger(RateLimiter.class);

  /** Of the settings that others are known to have; there are more only where all goes wrong. */
  private static final int MOST_KNOWN = 100;

  private final String limiter;
  private final Function<? super R, ? extends @Nullable Object> key;
  private final boolean leased;
  private final PolicyCounts counts;
  private final Set<String> others = ConcurrentHashMap.newKeySet();

  /** Settings that this had itself, before they were changed. */
  private final Set<String> own = ConcurrentHashMap.newKeySet();

  private volatile MicroLimit limit;

  /**
   * Creates it.
   *
   * @param leased whether permits are taken ahead
   * @throws IllegalArgumentException if it cannot be kept in Redis
   */
  SharedPolicy(
      String limiter,
      Policy policy,
      Function<? super R, ? extends @Nullable Object> key,
      boolean leased) {
    this.limiter = limiter;
    this.key = key;
    this.leased = leased;
    this.limit = new MicroLimit(policy);
    this.counts = new PolicyCounts(BucketNames.require("policy", policy.name()));
  }

  boolean isLeased() {
    return leased;
  }

  /** Null if it does not apply. */
  @Nullable Object keyOf(R subject) {
    return key.apply(subject);
  }

  /** The name of a subject's bucket. */
  String bucket(BucketNames names, Object of, @Nullable Object tag) {
    return names.bucket(counts.policy(), of == LocalPolicy.ALL ? null : of, tag);
  }

  MicroLimit limit() {
    return limit;
  }

  PolicyCounts counts() {
    return counts;
  }

  void change(Limit to) {
    if (own.size() >= MOST_KNOWN) { // who changes it all the time is told of the older ones
      own.clear();
    }
    own.add(limit.settings());
    limit = new MicroLimit(new Policy(counts.policy(), to));
    others.clear();
  }

  /**
   * Says in the log that a bucket was written with other settings: while a change of limits goes
   * through the fleet that is how it should be, else two fleets have one name.
   */
  void found(Found found) {
    if (found.other().isEmpty()) {
      return;
    }
    String[] words = found.other().split(" ", -1);
    String settings = words[2] + " " + words[3] + " " + words[4];
    if (own.contains(settings)) {
      return;
    }
    counts.foundOther();
    if (others.size() < MOST_KNOWN && others.add(settings)) {
      long cost = Long.parseLong(words[2]);
      double perSecond = 1e6 * Long.parseLong(words[3]) / cost;
      LOG.warn(
          "limiter '{}': policy {} has other settings elsewhere: a bucket was written with {} per"
              + " second and a burst of {}. What was used counts on, as many permits. If that is no"
              + " change on its way through all processes, give one of the two another name",
          limiter,
          limit.policy,
          perSecond,
          Long.parseLong(words[4]) / cost);
    }
  }
}
