package io.headroom.spring.boot;

import io.headroom.ratelimit.WhenAway;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One limit: on HTTP requests or, for code to ask it, a RateLimiter with its name as qualifier.
 * Immutable.
 *
 * @param rate how many in a time, such as 100/s, 1000/m or 5000/10m
 * @param burst how many at once; as many as the rate says unless set
 * @param http whether requests are counted; if not, it is for code to ask
 * @param by whom it counts apart; unless set, nobody over HTTP, and what it is asked for in code
 * @param paths which requests it counts, as Spring's path patterns, one at least; all unless set
 * @param shared whether all processes share it, in Redis
 * @param leased whether each process takes permits of a shared limit ahead, for those that are
 *     asked thousands of times a second
 * @param whenAway how a shared limit decides while Redis does not answer; by fair-share unless set
 * @param hidden whether clients are not told of it
 */
record LimitProperties(
    @Nullable String rate,
    @Nullable Long burst,
    @DefaultValue("true") boolean http,
    @Nullable By by,
    @Nullable List<String> paths,
    @DefaultValue("false") boolean shared,
    @DefaultValue("false") boolean leased,
    @Nullable WhenAway whenAway,
    @DefaultValue("false") boolean hidden) {

  /** Whom a limit counts apart. */
  enum By {
    /** Nobody: it is for all together. */
    ALL,
    /** Clients, by their address; over HTTP. */
    ADDRESS,
    /** Users; it does not count who is not logged in; over HTTP. */
    USER,
    /** What it is asked for; in code. */
    SUBJECT
  }

  /** What it counts apart, if it is not said. */
  By counted() {
    if (by != null) {
      return by;
    }
    return http ? By.ALL : By.SUBJECT;
  }
}
