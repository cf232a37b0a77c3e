package com.example.market;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What somebody is told.
 *
 * @param status as in HTTP
 * @param body what was asked for, if it was served
 * @param retryAfter when to come back, if it was refused
 * @param seen the cookie to bring along next time, if there is something new in it
 */
public record Answer(
    int status, Optional<Object> body, Optional<Duration> retryAfter, Optional<String> seen) {

  static Answer of(@Nullable Object body) {
    return new Answer(
        body == null ? 404 : 200, Optional.ofNullable(body), Optional.empty(), Optional.empty());
  }

  /** Something went wrong that the one who asks can do nothing about. */
  static Answer failed() {
    return new Answer(500, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The service can't afford it now. */
  static Answer unavailable(Duration retryAfter) {
    return refused(503, retryAfter);
  }

  /** Who asks has asked too much. */
  static Answer tooMany(Duration retryAfter) {
    return refused(429, retryAfter);
  }

  private static Answer refused(int status, Duration retryAfter) {
    return new Answer(status, Optional.empty(), Optional.of(retryAfter), Optional.empty());
  }

  Answer seen(String cookie) {
    return new Answer(status, body, retryAfter, Optional.of(cookie));
  }
}
