package io.headroom.spring.boot;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One limit on HTTP requests. Immutable.
 *
 * @param rate how many in a time, such as 100/s, 1000/m or 5000/10m
 * @param burst how many at once; as many as the rate says unless set
 * @param by whom it counts apart
 * @param paths which requests it counts, as Spring's path patterns; all unless set
 * @param shared whether all processes share it, in Redis
 * @param hidden whether clients are not told of it
 */
record LimitProperties(
    @Nullable String rate,
    @Nullable Long burst,
    @DefaultValue("all") By by,
    @DefaultValue List<String> paths,
    @DefaultValue("false") boolean shared,
    @DefaultValue("false") boolean hidden) {

  /** Whom a limit counts apart. */
  enum By {
    /** Nobody: it is for all together. */
    ALL,
    /** Clients, by their address. */
    ADDRESS,
    /** Users; it does not count who is not logged in. */
    USER
  }
}
