package io.headroom.spring.boot;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is known of each HTTP request, before anything is done for it. Immutable.
 *
 * @param order order of the filter that makes the request's context; the limits' follows it by 10,
 *     the guard's by 20, and that of shard keys by 30
 * @param timeout how long requests have; no deadline unless set
 * @param critical paths whose requests are refused last, as Spring's path patterns
 * @param sheddable paths whose requests are refused first
 * @param exempt paths that neither a limit nor the guard's door refuses; Actuator's, /livez and
 *     /readyz unless set
 * @param trustedProxies addresses or networks whose X-Forwarded-For is believed; none unless set
 * @param autocommitReads whether work outside of transactions counts as reads, for views that load
 *     lazily
 * @param token how clients hand on what they have seen
 */
record RequestProperties(
    @DefaultValue("-90") int order,
    @Nullable Duration timeout,
    @DefaultValue List<String> critical,
    @DefaultValue List<String> sheddable,
    @Nullable List<String> exempt,
    @DefaultValue List<String> trustedProxies,
    @DefaultValue("false") boolean autocommitReads,
    @DefaultValue Token token) {

  /**
   * What an answer tells that its client has seen, and the client's next request says.
   *
   * @param key secret that tokens are signed with, 16 bytes at least; nothing is told unless set
   * @param keyId the key's number, which no other key ever has; 1 unless set
   * @param acceptedKeys former keys that are still accepted, by number
   * @param cookie the cookie's name
   * @param header a header that says the same, for clients without cookies; none unless set
   */
  record Token(
      @Nullable String key,
      @DefaultValue("1") int keyId,
      @DefaultValue Map<Integer, String> acceptedKeys,
      @DefaultValue("headroom-seen") String cookie,
      @Nullable String header) {

    /** Leaves the keys out, which are secret. */
    @Override
    public String toString() {
      return "Token[keyId=" + keyId + ", cookie=" + cookie + ", header=" + header + "]";
    }
  }
}
