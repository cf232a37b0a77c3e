package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.HandTime;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.Limits;
import io.headroom.ratelimit.RateLimiter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What the fields say is true, and can be read. */
class RateLimitHeadersProperties {

  private static final Duration JITTER = Duration.ofSeconds(10);

  @Provide
  Arbitrary<Limit> limits() {
    return Limits.any();
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withCharRange(' ', '~')
        .ofMinLength(1)
        .ofMaxLength(12)
        .filter(name -> !name.isBlank());
  }

  /** Waits as shares of the window, and permits as shares of the quota. */
  record Call(int pause, int permits) {}

  @Provide
  Arbitrary<List<Call>> calls() {
    Arbitrary<Integer> shares =
        Arbitraries.oneOf(Arbitraries.of(0, 1, 1000), Arbitraries.integers().between(0, 1000));
    return shares.tuple2().map(two -> new Call(two.get1(), two.get2())).list().ofMaxSize(30);
  }

  private static long share(long of, int thousandths) {
    return Math.min(of, (long) ((double) of / 1000 * thousandths));
  }

  @Property
  void theFieldsAreTrue(
      @ForAll("limits") Limit limit,
      @ForAll("names") String name,
      @ForAll("calls") List<Call> calls,
      @ForAll @DoubleRange(max = 1) double share) {
    HandTime clock = new HandTime();
    RateLimiter<String> limiter =
        RateLimiter.<String>builder(name).limit(limit).time(clock).build();
    RateLimitHeaders headers = RateLimitHeaders.withJitter(JITTER, () -> share);
    for (Call call : calls) {
      clock.advance(Duration.ofNanos(share(limit.timeToFull().toNanos(), call.pause)));
      Decision decision =
          limiter.tryAcquire("ann", Math.max(1, share(limit.capacity(), call.permits)));

      Map<String, String> fields = headers.of(limiter.policies(), decision);

      Map<String, Object> policy = StructuredList.parse(fields.get("RateLimit-Policy")).get(name);
      Map<String, Object> left = StructuredList.parse(fields.get("RateLimit")).get(name);
      assertThat(policy).containsOnlyKeys("q", "w");
      assertThat(left).containsOnlyKeys("r", "t");
      long q = (Long) policy.get("q");
      long w = (Long) policy.get("w");
      long r = (Long) left.get("r");
      long t = (Long) left.get("t");
      assertThat(q).isPositive().isLessThanOrEqualTo(limit.capacity());
      assertThat(w).isPositive();
      assertThat(r).isBetween(0L, Math.min(q, decision.remaining()));
      assertThat(t).isBetween(0L, w);
      assertThat(fields.containsKey("Retry-After")).isEqualTo(!decision.allowed());
      if (!decision.allowed()) {
        Duration wait = decision.retryAfter();
        long retryAfter = Long.parseLong(fields.get("Retry-After"));
        assertThat(retryAfter).isGreaterThanOrEqualTo(t);
        assertThat(Duration.ofSeconds(retryAfter))
            .isGreaterThanOrEqualTo(wait)
            .isLessThan(wait.plus(JITTER).plusSeconds(1));
      }
    }
  }

  /** Who keeps to the quota in every window is never refused, wherever its windows begin. */
  @Property
  void whoKeepsToThePolicyIsNeverRefused(
      @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls) {
    HandTime clock = new HandTime();
    RateLimiter<String> limiter = RateLimiter.<String>builder("p").limit(limit).time(clock).build();
    String told =
        RateLimitHeaders.standard().of(limiter.policies(), first(limit)).get("RateLimit-Policy");
    Map<String, Object> policy = StructuredList.parse(told).get("p");
    long q = (Long) policy.get("q");
    long window = Duration.ofSeconds((Long) policy.get("w")).toNanos();
    Deque<long[]> used = new ArrayDeque<>();
    long now = 0;
    for (Call call : calls) {
      long wait = share(window, call.pause);
      now += wait;
      clock.advance(Duration.ofNanos(wait));
      long since = now - window;
      used.removeIf(each -> each[0] <= since);
      long free = q - used.stream().mapToLong(each -> each[1]).sum();
      long permits = Math.min(free, Math.max(1, share(q, call.permits)));
      if (permits > 0) {
        assertThat(limiter.tryAcquire("ann", permits).allowed())
            .as("%d after %d ns, with %s", permits, now, limit)
            .isTrue();
        used.add(new long[] {now, permits});
      }
    }
  }

  private static Decision first(Limit limit) {
    return RateLimiter.<String>builder("p").limit(limit).build().tryAcquire("ann");
  }

  /** Who waits as long as it was told is admitted, if it has the bucket to itself. */
  @Property
  void whoComesBackThenIsAdmitted(
      @ForAll("limits") Limit limit,
      @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 1000) Integer> shares,
      @ForAll @DoubleRange(max = 1) double share) {
    HandTime clock = new HandTime();
    RateLimiter<String> limiter = RateLimiter.<String>builder("p").limit(limit).time(clock).build();
    RateLimitHeaders headers = RateLimitHeaders.withJitter(JITTER, () -> share);
    for (int thousandths : shares) {
      long permits = Math.max(1, share(limit.capacity(), thousandths));
      Decision decision = limiter.tryAcquire("ann", permits);
      if (!decision.allowed()) {
        String retryAfter = headers.of(limiter.policies(), decision).get("Retry-After");
        clock.advance(Duration.ofSeconds(Long.parseLong(retryAfter)));
        decision = limiter.tryAcquire("ann", permits);
      }
      assertThat(decision.allowed()).isTrue();
    }
  }
}
