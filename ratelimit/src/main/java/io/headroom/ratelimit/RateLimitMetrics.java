package io.headroom.ratelimit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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
 * <p>Thread-safe. Needs micrometer-core, which nothing else in this module does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class RateLimitMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.ratelimit.";

  private final List<Consumer<MeterRegistry>> meters = new ArrayList<>();

  private RateLimitMetrics() {}

  /**
   * Creates the binder.
   *
   * @param limiter whose meters
   * @return its binder
   */
  public static RateLimitMetrics of(RateLimiter<?> limiter) {
    RateLimitMetrics metrics = new RateLimitMetrics();
    Decider<?> decider = limiter.decider();
    List<PolicyCounts> counts = decider.counts();
    for (int i = 0; i < counts.size(); i++) {
      int place = i;
      Tags tags = Tags.of("limiter", limiter.name(), "policy", counts.get(i).policy());
      metrics.decisions(tags, counts.get(i));
      if (decider.keys(i).isPresent()) {
        metrics.keys(tags, () -> decider.keys(place).orElse(0));
      }
      if (limiter.hasLoadSignal()) {
        metrics.counter(
            "tightened",
            "decisions at a higher price, since a resource is under load",
            tags,
            counts.get(i),
            PolicyCounts::tightened);
      }
      if (decider.processes().isPresent()) {
        metrics.shared(tags, counts.get(i));
      }
    }
    if (decider.processes().isPresent()) {
      metrics.gauge(
          "processes",
          "processes that share the limits",
          Tags.of("limiter", limiter.name()),
          () -> decider.processes().orElse(0));
    }
    return metrics;
  }

  /**
   * Creates the binder.
   *
   * @param limiter whose meters
   * @return its binder
   */
  public static RateLimitMetrics of(ConcurrencyLimiter<?> limiter) {
    RateLimitMetrics metrics = new RateLimitMetrics();
    String name = limiter.policy().name();
    Tags tags = Tags.of("limiter", name, "policy", limiter.counts().policy());
    metrics.decisions(tags, limiter.counts());
    metrics.keys(tags, limiter::keys);
    return metrics;
  }

  /**
   * Creates the binder.
   *
   * @param redis whose meters
   * @return its binder
   */
  public static RateLimitMetrics of(RedisLimits redis) {
    RateLimitMetrics metrics = new RateLimitMetrics();
    metrics.counter(
        "trips",
        "scripts that Redis was asked to run",
        Tags.empty(),
        redis.buckets(),
        RedisBuckets::trips);
    metrics.gauge("up", "1 while Redis answers, else 0", Tags.empty(), () -> redis.isUp() ? 1 : 0);
    return metrics;
  }

  private void decisions(Tags tags, PolicyCounts counts) {
    outcome(tags, "admitted", counts, PolicyCounts::admitted);
    outcome(tags, "refused", counts, PolicyCounts::refused);
    outcome(tags, "shadowed", counts, PolicyCounts::shadowed);
    outcome(tags, "overflow", counts, PolicyCounts::overflow);
  }

  private void outcome(
      Tags tags, String outcome, PolicyCounts counts, ToDoubleFunction<PolicyCounts> count) {
    counter(
        "decisions",
        "decisions, each counted once, with the policy that decided",
        tags.and("outcome", outcome),
        counts,
        count);
  }

  private void keys(Tags tags, LongSupplier keys) {
    gauge("keys", "keys that have a bucket or a lease here, or permits out", tags, keys);
  }

  private void shared(Tags tags, PolicyCounts counts) {
    counter(
        "alone",
        "decisions made without Redis, since it did not answer",
        tags,
        counts,
        PolicyCounts::alone);
    counter(
        "others",
        "buckets in Redis that were written with other settings",
        tags,
        counts,
        PolicyCounts::other);
  }

  /** Registries hold the owner weakly, so it is what a limiter has for as long as it lives. */
  private <T> void counter(
      String name, String what, Tags tags, T owner, ToDoubleFunction<T> count) {
    meters.add(
        registry ->
            FunctionCounter.builder(PREFIX + name, owner, count)
                .description(what)
                .tags(tags)
                .register(registry));
  }

  private void gauge(String name, String what, Tags tags, LongSupplier value) {
    meters.add(
        registry ->
            Gauge.builder(PREFIX + name, value::getAsLong)
                .description(what)
                .tags(tags)
                .register(registry));
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    meters.forEach(meter -> meter.accept(registry));
  }
}
