package io.headroom.spring.boot;

import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimitListener;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RateLimiterBuilder;
import io.headroom.ratelimit.RedisLimits;
import io.headroom.ratelimit.WhenAway;
import io.headroom.spring.boot.LimitProperties.By;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes limiters of {@code headroom.limits}, and keeps those that code asks. Immutable once made.
 */
final class Limiters {

  static final String AT = "headroom.limits.";

  private final String service;
  private final @Nullable Integer processes;
  private final Supplier<@Nullable RedisLimits> redis;
  private final @Nullable GuardedPools guard;
  private final List<RateLimitListener> listeners;
  private final Map<String, LimitProperties> limits;
  private final Map<String, RateLimiter<Object>> inCode = new LinkedHashMap<>();

  /** Null where no limit is shared. */
  private @Nullable RedisLimits used;

  /**
   * Checks all limits, and makes those for code.
   *
   * @param service the name that Redis knows them by; blank for none
   * @param processes how many there are as long as Redis has not said it
   * @param redis asked if some are shared
   * @param guard null for none
   */
  Limiters(
      String service,
      @Nullable Integer processes,
      Map<String, LimitProperties> limits,
      Supplier<@Nullable RedisLimits> redis,
      @Nullable GuardedPools guard,
      List<RateLimitListener> listeners) {
    this.service = service;
    this.processes = processes;
    this.redis = redis;
    this.guard = guard;
    this.listeners = List.copyOf(listeners);
    this.limits = limits;
    limits.forEach(LimitChecks::check);
    limits.forEach(
        (name, limit) -> {
          if (!limit.http()) {
            inCode.put(name, inCode(name, limit));
          }
        });
  }

  private RateLimiter<Object> inCode(String name, LimitProperties limit) {
    // A name of its own: processes are counted by those of limiters.
    RateLimiterBuilder<Object> builder = builder("." + name, name, limit);
    add(builder, name, limit, limit.counted() == By.ALL ? any -> "all" : subject -> subject);
    return Setting.check(AT + name, builder::build);
  }

  /**
   * Begins a limiter.
   *
   * @param more what follows the service's name in its name
   * @param name of the limit, or the first of several
   * @param like those several
   */
  <R> RateLimiterBuilder<R> builder(String more, String name, LimitProperties like) {
    RedisLimits known = like.shared() ? required(name) : null;
    RateLimiterBuilder<R> builder =
        Setting.check(AT + name, () -> RateLimiter.builder(serviceOf(name, like.shared()) + more));
    if (known != null) {
      used = known;
      Setting.check(AT + name, () -> builder.shared(known));
      Setting.set(AT + name + ".when-away", like.whenAway(), builder::whenAway);
      Setting.set("headroom.redis.processes", processes, builder::processes);
    }
    if (guard != null) {
      builder.loadSignal(all -> guard.ofAll(), "all pools");
    }
    listeners.forEach(builder::listener);
    return builder;
  }

  private RedisLimits required(String name) {
    return Setting.require(
        AT + name + ".shared",
        redis.get(),
        "is true, but there is no Redis to share it by.",
        "Set headroom.redis.uri, or drop it.");
  }

  /** Two services without a name would take from each other's buckets. */
  private String serviceOf(String name, boolean shared) {
    if (!service.isBlank()) {
      return service;
    }
    if (shared) {
      throw Setting.wrong(
          "headroom.name",
          "is missing, and so is spring.application.name: any other service without a name would"
              + " share "
              + AT
              + name
              + " in Redis.",
          "Set either to what all processes of this service, and no other, are called.");
    }
    return "application";
  }

  /** Adds a limit as a policy. */
  static <R> void add(
      RateLimiterBuilder<R> builder,
      String name,
      LimitProperties properties,
      Function<? super R, ? extends @Nullable Object> key) {
    String at = AT + name;
    Limit limit = Rates.limit(at, properties.rate(), properties.burst());
    Setting.check(
        at,
        () ->
            properties.leased()
                ? builder.leased(name, limit, key)
                : builder.policy(name, limit, key));
  }

  /** Those on requests, by name. */
  Map<String, LimitProperties> ofRequests() {
    Map<String, LimitProperties> some = new LinkedHashMap<>(limits);
    some.values().removeIf(limit -> !limit.http());
    return some;
  }

  /** Those that code asks, by name. */
  Map<String, RateLimiter<Object>> inCode() {
    return Collections.unmodifiableMap(inCode);
  }

  Optional<RedisLimits> redis() {
    return Optional.ofNullable(used);
  }

  static WhenAway whenAway(LimitProperties limit) {
    return limit.whenAway() == null ? WhenAway.FAIR_SHARE : limit.whenAway();
  }
}
