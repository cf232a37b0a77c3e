package io.headroom.ratelimit;

import io.headroom.BoundMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * A limiter's meters.
 *
 * <pre>{@code
 * RateLimitMetrics.of(door).bindTo(registry);
 * }</pre>
 *
 * <p>Every meter has the tags {@code limiter} and {@code policy}, their names; a key is never one.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>what</th></tr>
 * <tr><td>{@code headroom.ratelimit.decisions}</td><td>decisions, each counted once, with the policy
 *     that decided, by {@code outcome}: {@code admitted}; {@code refused}; {@code shadowed}, let go
 *     on only since the limiter is in shadow mode; {@code overflow}, refused by the bucket that keys
 *     share beyond {@link RateLimiterBuilder#maximumKeys}</td></tr>
 * <tr><td>{@code headroom.ratelimit.keys}</td><td>keys that have a bucket or a lease here, or permits
 *     out; not of policies whose buckets are all in Redis</td></tr>
 * <tr><td>{@code headroom.ratelimit.alone}</td><td>of these decisions, those made without Redis since
 *     it did not answer in time</td></tr>
 * <tr><td>{@code headroom.ratelimit.tightened}</td><td>of these decisions, those at a price of more
 *     than was asked for, admitted or not, since a resource is under load; of limiters with a {@link
 *     RateLimiterBuilder#loadSignal}</td></tr>
 * <tr><td>{@code headroom.ratelimit.others}</td><td>buckets in Redis that were written with other
 *     settings: for as long as a change of limits takes, or two fleets have one name</td></tr>
 * <tr><td>{@code headroom.ratelimit.processes}</td><td>processes that share the limiter; without
 *     the tag {@code policy}</td></tr>
 * <tr><td>{@code headroom.ratelimit.trips}</td><td>of {@link RedisLimits}, without tags: scripts that
 *     Redis was asked to run</td></tr>
 * <tr><td>{@code headroom.ratelimit.up}</td><td>of the same: 1 while Redis answers, else 0</td></tr>
 * </table>
 *
 * <p>Give each limiter a name of its own: of two of one name in one registry, or of two {@link
 * RedisLimits}, the first has the meters, and the second a warning in the log. Those of {@code
 * RedisLimits} go from the registry when it is closed, so that another's may be bound there.
 * Thread-safe. Needs micrometer-core, which nothing else in this module does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class RateLimitMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.ratelimit.";

  private final Consumer<MeterRegistry> binding;

  private RateLimitMetrics(Consumer<MeterRegistry> binding) {
    this.binding = binding;
  }

  /**
   * Creates the binder.
   *
   * @param limiter whose meters
   * @return its binder
   */
  public static RateLimitMetrics of(RateLimiter<?> limiter) {
    Objects.requireNonNull(limiter, "limiter must not be null");
    return new RateLimitMetrics(
        registry -> bind(limiter, Bound.in(registry, RateLimiter.class, limiter.name())));
  }

  /**
   * Creates the binder.
   *
   * @param limiter whose meters
   * @return its binder
   */
  public static RateLimitMetrics of(ConcurrencyLimiter<?> limiter) {
    Objects.requireNonNull(limiter, "limiter must not be null");
    return new RateLimitMetrics(
        registry ->
            bind(limiter, Bound.in(registry, ConcurrencyLimiter.class, limiter.policy().name())));
  }

  /**
   * Creates the binder.
   *
   * @param redis whose meters
   * @return its binder
   */
  public static RateLimitMetrics of(RedisLimits redis) {
    Objects.requireNonNull(redis, "redis must not be null");
    return new RateLimitMetrics(registry -> bind(redis, registry));
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    binding.accept(registry);
  }

  private static void bind(RateLimiter<?> limiter, Bound bound) {
    Decider<?> decider = limiter.decider();
    List<PolicyCounts> counts = decider.counts();
    for (int i = 0; i < counts.size(); i++) {
      int place = i;
      Tags tags = Tags.of("limiter", limiter.name(), "policy", counts.get(i).policy());
      bound.decisions(tags, counts.get(i));
      if (decider.keys(i).isPresent()) {
        bound.keys(tags, limiter, known -> known.decider().keys(place).orElse(0));
      }
      if (limiter.hasLoadSignal()) {
        bound
            .meters()
            .counter(
                "tightened",
                "decisions at a higher price, since a resource is under load",
                tags,
                counts.get(i),
                PolicyCounts::tightened);
      }
      if (decider.processes().isPresent()) {
        bound.shared(tags, counts.get(i));
      }
    }
    if (decider.processes().isPresent()) {
      bound
          .meters()
          .gauge(
              "processes",
              "processes that share the limits",
              Tags.of("limiter", limiter.name()),
              limiter,
              known -> known.decider().processes().orElse(0));
    }
  }

  private static void bind(ConcurrencyLimiter<?> limiter, Bound bound) {
    String name = limiter.policy().name();
    Tags tags = Tags.of("limiter", name, "policy", limiter.counts().policy());
    bound.decisions(tags, limiter.counts());
    bound.keys(tags, limiter, ConcurrencyLimiter::keys);
  }

  private static void bind(RedisLimits redis, MeterRegistry registry) {
    BoundMetrics bound = BoundMetrics.in(registry, PREFIX, RedisLimits.class, "Redis limits");
    bound.counter(
        "trips",
        "scripts that Redis was asked to run",
        Tags.empty(),
        redis.buckets(),
        RedisBuckets::trips);
    bound.gauge(
        "up", "1 while Redis answers, else 0", Tags.empty(), redis, known -> known.isUp() ? 1 : 0);
    redis.onClose(bound.removal());
  }

  /** The meters of one limiter. */
  private record Bound(BoundMetrics meters) {

    static Bound in(MeterRegistry registry, Class<?> owner, String limiter) {
      return new Bound(BoundMetrics.in(registry, PREFIX, owner, "limiter '" + limiter + "'"));
    }

    void decisions(Tags tags, PolicyCounts counts) {
      outcome(tags, "admitted", counts, PolicyCounts::admitted);
      outcome(tags, "refused", counts, PolicyCounts::refused);
      outcome(tags, "shadowed", counts, PolicyCounts::shadowed);
      outcome(tags, "overflow", counts, PolicyCounts::overflow);
    }

    private void outcome(
        Tags tags, String outcome, PolicyCounts counts, ToDoubleFunction<PolicyCounts> count) {
      meters.counter(
          "decisions",
          "decisions, each counted once, with the policy that decided",
          tags.and("outcome", outcome),
          counts,
          count);
    }

    <T> void keys(Tags tags, T owner, ToDoubleFunction<T> keys) {
      meters.gauge(
          "keys", "keys that have a bucket or a lease here, or permits out", tags, owner, keys);
    }

    void shared(Tags tags, PolicyCounts counts) {
      meters.counter(
          "alone",
          "decisions made without Redis, since it did not answer",
          tags,
          counts,
          PolicyCounts::alone);
      meters.counter(
          "others",
          "buckets in Redis that were written with other settings",
          tags,
          counts,
          PolicyCounts::other);
    }
  }
}
