package io.headroom.ratelimit.http;

import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.Policy;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client is told of a decision: the header fields of draft-ietf-httpapi-ratelimit-headers-11
 * (May 2026), and {@code Retry-After}.
 *
 * <pre>{@code
 * Map<String, String> fields = RateLimitHeaders.standard().of(door.policies(), decision);
 *
 * // RateLimit-Policy: "address";q=50;w=1, "user";q=1000;w=1
 * // RateLimit: "address";r=0;t=1
 * // Retry-After: 2
 * }</pre>
 *
 * <p><b>{@code RateLimit-Policy}</b> has all policies that the client may know of. The quota {@code
 * q} is the bucket's capacity, and the window {@code w} how long an empty bucket takes to be full,
 * in seconds, rounded up. So a client that has the bucket to itself and uses at most {@code q} in
 * any {@code w} seconds is never refused, {@code r} is at most {@code q}, and {@code t} at most
 * {@code w}. 300 a minute with a burst of 20 is {@code q=20;w=4}: naming its 300 and 60 instead
 * would invite clients to send 300 at once, of which 280 were refused. The price is in the
 * rounding: 100 a second with a burst of 50 is {@code q=50;w=1}, half of what flows in, as the
 * draft knows no shorter window. What a {@code ConcurrencyLimiter} bounds has the unit {@code
 * qu="concurrent-requests"} and no window.
 *
 * <p><b>{@code RateLimit}</b> has the policy that decided: {@code r} permits are left, and {@code
 * t} is how long it takes, in seconds, rounded up, until the bucket is full or, in a refusal, until
 * the call would be admitted; the draft wants {@code Retry-After} not to be before it. Partition
 * keys ({@code pk}) are left out: they would show clients what they are known by.
 *
 * <p><b>{@code Retry-After}</b> is in a refusal only, in whole seconds: the wait, and a random time
 * on top of it, so that clients who were refused together don't come back together. It adds up to
 * the wait itself, at least 2 seconds and at most the {@linkplain #withJitter jitter}, rounds up,
 * and never takes off. There is none if the call is never possible, or if nobody can tell (a {@code
 * ConcurrencyLimiter} has refused).
 *
 * <p>Of a decision that was only looked at ({@link Decision#isShadowed}) nothing is told.
 *
 * <p>Immutable and thread-safe, if the randomness is.
 */
public final class RateLimitHeaders {

  /** The field with the policies. */
  public static final String RATE_LIMIT_POLICY = "RateLimit-Policy";

  /** The field with what is left. */
  public static final String RATE_LIMIT = "RateLimit";

  /** The field that says when to come back. */
  public static final String RETRY_AFTER = "Retry-After";

  private static final Duration JITTER = Duration.ofSeconds(10);
  private static final Duration LONGEST_JITTER = Duration.ofHours(1);

  /** A whole second's more or less must be likely, or those who came together stay together. */
  private static final Duration LEAST_SPREAD = Duration.ofSeconds(2);

  /** Of a structured field (RFC 9651, section 3.3.1). */
  private static final long LARGEST_INTEGER = 999_999_999_999_999L;

  private final Duration jitter;
  private final DoubleSupplier randomness;

  private RateLimitHeaders(Duration jitter, DoubleSupplier randomness) {
    this.jitter = jitter;
    this.randomness = randomness;
  }

  /**
   * Returns the usual ones, with a jitter of at most 10 seconds.
   *
   * @return the headers
   */
  public static RateLimitHeaders standard() {
    return withJitter(JITTER, () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * Returns headers with another jitter.
   *
   * @param most the most that is added to a wait, up to an hour; zero for none
   * @param randomness gives numbers from 0 to 1, the share of it; thread-safe
   * @return the headers
   * @throws IllegalArgumentException if the jitter is out of range
   */
  public static RateLimitHeaders withJitter(Duration most, DoubleSupplier randomness) {
    Objects.requireNonNull(randomness, "randomness must not be null");
    if (most.isNegative() || most.compareTo(LONGEST_JITTER) > 0) {
      throw new IllegalArgumentException(
          "jitter must be PT0S to " + LONGEST_JITTER + ", was " + most);
    }
    return new RateLimitHeaders(most, randomness);
  }

  /**
   * Returns the fields of an answer.
   *
   * @param told the policies that the client may know of; a decision by another one is told without
   *     naming it
   * @param decisions all that were asked, if they admitted the call; else the one that refused
   * @return names and values, in the order in which they are described above; empty if there is
   *     nothing to tell
   * @throws IllegalArgumentException if a policy's name has other characters than printable ASCII
   */
  public Map<String, String> of(List<Policy> told, Decision... decisions) {
    Map<String, String> fields = new LinkedHashMap<>();
    StringJoiner left = new StringJoiner(", ");
    boolean tells = false;
    for (Decision decision : decisions) {
      if (!decision.isShadowed() && decision.policy().isPresent()) {
        tells = true;
        Policy policy = decision.policy().get();
        if (told.stream().anyMatch(each -> each.name().equals(policy.name()))) {
          left.add(left(policy, decision));
        }
      }
    }
    if (tells && !told.isEmpty()) {
      StringJoiner policies = new StringJoiner(", ");
      told.forEach(policy -> policies.add(policy(policy)));
      fields.put(RATE_LIMIT_POLICY, policies.toString());
    }
    if (left.length() > 0) {
      fields.put(RATE_LIMIT, left.toString());
    }
    Duration wait = wait(decisions);
    if (wait != null) {
      fields.put(RETRY_AFTER, Long.toString(retryAfter(wait)));
    }
    return Collections.unmodifiableMap(fields);
  }

  private static String policy(Policy policy) {
    Limit limit = policy.limit();
    String quota = string(policy.name()) + ";q=" + Math.min(LARGEST_INTEGER, limit.capacity());
    return isRate(limit)
        ? quota + ";w=" + seconds(limit.timeToFull())
        : quota + ";qu=\"concurrent-requests\"";
  }

  private static String left(Policy policy, Decision decision) {
    String left = string(policy.name()) + ";r=" + Math.min(LARGEST_INTEGER, decision.remaining());
    if (!isRate(policy.limit())) {
      return left;
    }
    boolean comes = !decision.allowed() && !decision.isNeverPossible();
    return left + ";t=" + seconds(comes ? decision.retryAfter() : decision.resetAfter());
  }

  private static boolean isRate(Limit limit) {
    return !limit.period().isZero();
  }

  /** The longest of the refusals; null if there is none, or no sense in waiting. */
  private static @Nullable Duration wait(Decision... decisions) {
    Duration longest = Duration.ZERO;
    for (Decision decision : decisions) {
      if (!decision.allowed()) {
        if (decision.isNeverPossible()) {
          return null;
        }
        Duration wait = decision.retryAfter();
        longest = wait.compareTo(longest) > 0 ? wait : longest;
      }
    }
    return longest.isZero() ? null : longest;
  }

  /**
   * Returns the value of a {@code Retry-After} alone, for refusals that are no limiter's.
   *
   * @param wait how long to wait at least; not negative
   * @return seconds: the wait and the jitter on top of it, rounded up
   * @throws IllegalArgumentException if the wait is negative
   */
  public long retryAfter(Duration wait) {
    if (wait.isNegative()) {
      throw new IllegalArgumentException("wait must not be negative, was " + wait);
    }
    Duration spread = wait.compareTo(LEAST_SPREAD) > 0 ? wait : LEAST_SPREAD;
    Duration bound = spread.compareTo(jitter) < 0 ? spread : jitter;
    double share = Math.max(0, Math.min(1, randomness.getAsDouble()));
    return seconds(wait.plusNanos((long) (share * bound.toNanos())));
  }

  private static long seconds(Duration time) {
    return time.getSeconds() + (time.getNano() > 0 ? 1 : 0);
  }

  /**
   * Says that a policy can be told of in a header.
   *
   * @throws IllegalArgumentException if its name has other characters than printable ASCII
   */
  static void requireTellable(Policy policy) {
    string(policy.name());
  }

  /** A string of a structured field (RFC 9651, section 4.1.6). */
  private static String string(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c > 0x7e) {
        throw new IllegalArgumentException(
            "a policy's name must be of printable ASCII to be told in a header, was '"
                + text
                + "'; rename it, or hide it from clients");
      }
      if (c == '"' || c == '\\') {
        quoted.append('\\');
      }
      quoted.append(c);
    }
    return quoted.append('"').toString();
  }
}
