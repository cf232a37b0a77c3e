package io.headroom.guard.http;

/**
 * The body of a refusal for want of capacity: problem details (RFC 9457) of the type that
 * draft-ietf-httpapi-ratelimit-headers-11, section 5.2, has for it.
 *
 * <pre>{@code
 * {"type":"https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
 *  "title":"Request cannot be satisfied due to temporary server capacity constraints",
 *  "status":503}
 * }</pre>
 *
 * <p>It is always the same: which pool is short of what, and who is let in, is told to operators
 * ({@link io.headroom.guard.Refusal#message}), not to clients. It names no violated policies, since
 * the client has violated none.
 *
 * <p>Stateless and thread-safe.
 */
public final class CapacityProblem {

  /** Its media type. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** Its problem type. */
  public static final String TYPE =
      "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

  /** The status that goes with it: Service Unavailable (RFC 9110). */
  public static final int STATUS = 503;

  private static final String TITLE =
      "Request cannot be satisfied due to temporary server capacity constraints";

  private static final String JSON =
      "{\"type\":\"" + TYPE + "\",\"title\":\"" + TITLE + "\",\"status\":" + STATUS + "}";

  private CapacityProblem() {}

  /**
   * Returns it as JSON.
   *
   * @return ASCII only, so that any encoding will do
   */
  public static String json() {
    return JSON;
  }
}
