package io.headroom.examples.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a service answered.
 *
 * @param status of HTTP
 * @param headers by their names in small letters
 * @param body its text
 */
record Answer(int status, Map<String, String> headers, String body) {

  private static final ObjectMapper JSON = new ObjectMapper();

  boolean isGood() {
    return status == 200;
  }

  /** Whether the client is told that it asks for too much, or that all do. */
  boolean isRefusal() {
    return status == 429 || status == 503;
  }

  /** The cookie that the client is to bring the next time. */
  Optional<String> cookie() {
    return Optional.ofNullable(headers.get("set-cookie"))
        .map(cookie -> cookie.substring(0, cookie.indexOf(';')));
  }

  /** In how many seconds a client is to come back who was not served. */
  OptionalLong comeBack() {
    String after = headers.get("retry-after");
    return status == 503 && after != null
        ? OptionalLong.of(Long.parseLong(after))
        : OptionalLong.empty();
  }

  /** Whether the service closes the connection, as a Tomcat does after a 503. */
  boolean endsTheLine() {
    return "close".equalsIgnoreCase(headers.get("connection"));
  }

  @Nullable String header(String name) {
    return headers.get(name);
  }

  <T> T as(Class<T> type) {
    try {
      return JSON.readValue(body, type);
    } catch (JsonProcessingException wrong) {
      throw new WrongAnswerException(this + ", which is no " + type.getSimpleName());
    }
  }

  @Override
  public String toString() {
    return status + " " + body.substring(0, Math.min(300, body.length()));
  }
}
