package io.headroom.spring.boot;

import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimitListener;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RateLimiterBuilder;
import io.headroom.ratelimit.RedisLimits;
import io.headroom.spring.boot.LimitProperties.By;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The limits of {@code headroom.limits}: those of this process are one {@link RateLimiter}, and
 * those in Redis another, so that of each the policies are decided on together. Immutable.
 */
final class HttpLimits {

  private static final String AT = "headroom.limits.";

  /**
   * One limiter, and what clients are not told of it.
   *
   * @param hidden names of its policies
   */
  record Door(RateLimiter<LimitedRequest> limiter, List<String> hidden) {}

  private final List<Door> doors = new ArrayList<>();

  /** Null where no limit is shared. */
  private @Nullable RedisLimits redis;

  /**
   * Makes the limiters.
   *
   * @param service the name that Redis knows them by; blank for none
   * @param redis asked if some are shared
   * @param guard null for none
   */
  HttpLimits(
      String service,
      Map<String, LimitProperties> limits,
      Supplier<@Nullable RedisLimits> redis,
      @Nullable GuardedPools guard,
      List<RateLimitListener> listeners) {
    Map<String, LimitProperties> here = new LinkedHashMap<>();
    Map<String, LimitProperties> shared = new LinkedHashMap<>();
    limits.forEach((name, limit) -> (limit.shared() ? shared : here).put(name, limit));
    for (Map<String, LimitProperties> some : List.of(here, shared)) {
      if (!some.isEmpty()) {
        RedisLimits known =
            some == shared ? required(shared.keySet().iterator().next(), redis) : null;
        RateLimiterBuilder<LimitedRequest> builder =
            RateLimiter.builder(nameOf(service, some == shared, some));
        some.forEach((name, limit) -> add(builder, name, limit));
        if (known != null) {
          this.redis = known;
          builder.shared(known);
        }
        if (guard != null) {
          builder.loadSignal(all -> guard.ofAll(), "all pools");
        }
        listeners.forEach(builder::listener);
        String first = AT + some.keySet().iterator().next();
        doors.add(new Door(Setting.check(first, builder::build), hiddenOf(some)));
      }
    }
  }

  /** Two services without a name would take from each other's buckets. */
  private static String nameOf(
      String service, boolean inRedis, Map<String, LimitProperties> limits) {
    if (!service.isBlank()) {
      return service;
    }
    if (inRedis) {
      throw Setting.wrong(
          "headroom.name",
          "is missing, and so is spring.application.name: any other service without a name would"
              + " share "
              + AT
              + limits.keySet().iterator().next()
              + " in Redis.",
          "Set either to what all processes of this service, and no other, are called.");
    }
    return "application";
  }

  private static RedisLimits required(String first, Supplier<@Nullable RedisLimits> redis) {
    return Setting.require(
        AT + first + ".shared",
        redis.get(),
        "is true, but there is no Redis to share it by.",
        "Set headroom.redis.uri, or drop it.");
  }

  private static List<String> hiddenOf(Map<String, LimitProperties> limits) {
    return limits.entrySet().stream()
        .filter(limit -> limit.getValue().hidden())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static void add(
      RateLimiterBuilder<LimitedRequest> builder, String name, LimitProperties properties) {
    String at = AT + name;
    Limit limit = Rates.limit(at, properties.rate(), properties.burst());
    Paths paths = Paths.of(at + ".paths", properties.paths());
    Function<LimitedRequest, @Nullable Object> key = key(properties.by());
    Setting.check(
        at,
        () ->
            builder.policy(
                name,
                limit,
                request ->
                    paths.isEmpty() || paths.match(request.path()) ? key.apply(request) : null));
  }

  private static Function<LimitedRequest, @Nullable Object> key(By by) {
    return switch (by) {
      case ALL -> request -> "all";
      case ADDRESS -> LimitedRequest::address;
      case USER -> LimitedRequest::user;
    };
  }

  Optional<RedisLimits> redis() {
    return Optional.ofNullable(redis);
  }

  List<Door> doors() {
    return List.copyOf(doors);
  }
}
