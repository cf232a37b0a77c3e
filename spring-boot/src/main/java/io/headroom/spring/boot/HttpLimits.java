package io.headroom.spring.boot;

import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RateLimiterBuilder;
import io.headroom.spring.boot.LimitProperties.By;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The limits of {@code headroom.limits} on requests: those of this process are one {@link
 * RateLimiter}, and those in Redis another, so that of each the policies are decided on together.
 * Immutable.
 */
final class HttpLimits {

  /**
   * One limiter, and what clients are not told of it.
   *
   * @param hidden names of its policies
   */
  record Door(RateLimiter<LimitedRequest> limiter, List<String> hidden) {}

  private final List<Door> doors = new ArrayList<>();

  /**
   * Makes the limiters.
   *
   * @param limiters has the limits
   */
  HttpLimits(Limiters limiters) {
    Map<String, LimitProperties> here = new LinkedHashMap<>();
    Map<String, LimitProperties> shared = new LinkedHashMap<>();
    limiters
        .ofRequests()
        .forEach((name, limit) -> (limit.shared() ? shared : here).put(name, limit));
    LimitChecks.checkTogether(shared);
    for (Map<String, LimitProperties> some : List.of(here, shared)) {
      if (!some.isEmpty()) {
        Map.Entry<String, LimitProperties> first = some.entrySet().iterator().next();
        RateLimiterBuilder<LimitedRequest> builder =
            limiters.builder("", first.getKey(), first.getValue());
        some.forEach((name, limit) -> Limiters.add(builder, name, limit, key(name, limit)));
        doors.add(
            new Door(Setting.check(Limiters.AT + first.getKey(), builder::build), hiddenOf(some)));
      }
    }
  }

  private static List<String> hiddenOf(Map<String, LimitProperties> limits) {
    return limits.entrySet().stream()
        .filter(limit -> limit.getValue().hidden())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Function<LimitedRequest, @Nullable Object> key(
      String name, LimitProperties limit) {
    List<String> some = limit.paths() == null ? List.of() : limit.paths();
    Paths paths = Paths.of(Limiters.AT + name + ".paths", some);
    Function<LimitedRequest, @Nullable Object> key = key(limit.counted());
    return request -> paths.isEmpty() || paths.match(request.path()) ? key.apply(request) : null;
  }

  private static Function<LimitedRequest, @Nullable Object> key(By by) {
    return switch (by) {
      case ALL, SUBJECT -> request -> "all";
      case ADDRESS -> LimitedRequest::address;
      case USER -> LimitedRequest::user;
    };
  }

  List<Door> doors() {
    return List.copyOf(doors);
  }
}
