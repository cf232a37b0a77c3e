package io.headroom.ratelimit.http;

import java.util.List;

/**
 * The body of a refusal: problem details (RFC 9457) of the type that
 * draft-ietf-httpapi-ratelimit-headers-11, section 5.1, has for it.
 *
 * <pre>{@code
 * {"type":"https://iana.org/assignments/http-problem-types#quota-exceeded",
 *  "title":"Request cannot be satisfied as assigned quota has been exceeded",
 *  "status":429,
 *  "violated-policies":["address"]}
 * }</pre>
 *
 * <p>Stateless and thread-safe.
 */
public final class RateLimitProblem {

  /** Its media type. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** Its problem type. */
  public static final String TYPE =
      "https://iana.org/assignments/http-problem-types#quota-exceeded";

  /** The status that goes with it: Too Many Requests (RFC 6585). */
  public static final int STATUS = 429;

  private static final String TITLE =
      "Request cannot be satisfied as assigned quota has been exceeded";

  private RateLimitProblem() {}

  /**
   * Returns it as JSON.
   *
   * @param violatedPolicies the names of the policies that refused; empty if the client is not to
   *     know them
   * @return ASCII only, so that any encoding will do
   */
  public static String json(List<String> violatedPolicies) {
    StringBuilder json = new StringBuilder(256);
    json.append("{\"type\":").append(string(TYPE));
    json.append(",\"title\":").append(string(TITLE));
    json.append(",\"status\":").append(STATUS);
    json.append(",\"violated-policies\":[");
    String separator = "";
    for (String policy : violatedPolicies) {
      json.append(separator).append(string(policy));
      separator = ",";
    }
    return json.append("]}").toString();
  }

  private static String string(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c >= 0x20 && c <= 0x7e) {
        quoted.append(c);
      } else {
        String hex = Integer.toHexString(c);
        quoted.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
      }
    }
    return quoted.append('"').toString();
  }
}
