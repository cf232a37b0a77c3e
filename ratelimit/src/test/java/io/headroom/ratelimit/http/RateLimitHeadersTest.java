package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.headroom.ratelimit.ConcurrencyLimiter;
import io.headroom.ratelimit.ConcurrencyPermit;
import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.HandTime;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitHeadersTest {

  private static final RateLimitHeaders EXACT = RateLimitHeaders.withJitter(Duration.ZERO, () -> 1);

  private final HandTime clock = new HandTime();

  private RateLimiter<String> limiter(String name, Limit limit) {
    return RateLimiter.<String>builder(name).limit(limit).time(clock).build();
  }

  @Test
  void anAdmissionTellsWhatIsLeft() {
    RateLimiter<String> limiter = limiter("burst", Limit.of(100, Duration.ofMinutes(1)));
    limiter.tryAcquire("ann", 49);
    Decision decision = limiter.tryAcquire("ann");

    assertThat(EXACT.of(limiter.policies(), decision))
        .containsExactly(
            entry("RateLimit-Policy", "\"burst\";q=100;w=60"),
            entry("RateLimit", "\"burst\";r=50;t=30"));
  }

  @Test
  void aRefusalTellsWhenToComeBack() {
    RateLimiter<String> limiter = limiter("slow", Limit.of(6, Duration.ofMinutes(1)).burst(2));
    limiter.tryAcquire("ann", 2);
    clock.advance(Duration.ofMillis(500));
    Decision refused = limiter.tryAcquire("ann");

    assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(9_500));
    assertThat(EXACT.of(limiter.policies(), refused))
        .containsExactly(
            entry("RateLimit-Policy", "\"slow\";q=2;w=20"),
            entry("RateLimit", "\"slow\";r=0;t=10"),
            entry("Retry-After", "10"));
  }

  @ParameterizedTest
  @CsvSource({
    "100, PT1S, 100, q=100;w=1",
    "100, PT1S, 50, q=50;w=1",
    "300, PT1M, 20, q=20;w=4",
    "100, PT1S, 150, q=150;w=2",
    "5000, PT1H, 100, q=100;w=72",
    "1, PT24H, 1, q=1;w=86400",
    "7, PT1S, 20, q=20;w=3",
    "1000000000, PT1S, 500000000000000000, q=999999999999999;w=500000000"
  })
  void quotaAndWindow(long permits, Duration period, long burst, String expected) {
    RateLimiter<String> limiter = limiter("p", Limit.of(permits, period).burst(burst));

    assertThat(EXACT.of(limiter.policies(), limiter.tryAcquire("ann")))
        .containsEntry("RateLimit-Policy", "\"p\";" + expected);
  }

  @Test
  void whatIsNeverPossibleIsNotToComeBack() {
    RateLimiter<String> limiter = limiter("p", Limit.perSecond(10));
    Decision never = limiter.tryAcquire("ann", 11);

    assertThat(never.isNeverPossible()).isTrue();
    assertThat(EXACT.of(limiter.policies(), never))
        .containsExactly(
            entry("RateLimit-Policy", "\"p\";q=10;w=1"), entry("RateLimit", "\"p\";r=10;t=0"));
  }

  @Test
  void placesHaveNoWindow() {
    ConcurrencyLimiter<String> places = ConcurrencyLimiter.<String>builder("places", 2).build();
    try (ConcurrencyPermit first = places.tryAcquire("ann")) {
      assertThat(EXACT.of(List.of(places.policy()), first.decision()))
          .containsExactly(
              entry("RateLimit-Policy", "\"places\";q=2;qu=\"concurrent-requests\""),
              entry("RateLimit", "\"places\";r=1"));
      try (ConcurrencyPermit second = places.tryAcquire("ann");
          ConcurrencyPermit third = places.tryAcquire("ann")) {
        assertThat(second.decision().allowed()).isTrue();
        assertThat(EXACT.of(List.of(places.policy()), third.decision()))
            .containsEntry("RateLimit", "\"places\";r=0")
            .doesNotContainKey("Retry-After");
      }
    }
  }

  @Test
  void severalPoliciesAreOneList() {
    RateLimiter<String> door =
        RateLimiter.<String>builder("door")
            .policy("each", Limit.perSecond(100).burst(50), who -> who)
            .policy("all", Limit.perSecond(1000))
            .time(clock)
            .build();
    ConcurrencyLimiter<String> places = ConcurrencyLimiter.<String>builder("places", 2).build();
    Decision rate = door.tryAcquire("ann");
    try (ConcurrencyPermit permit = places.tryAcquire("ann")) {
      List<io.headroom.ratelimit.Policy> told =
          List.of(door.policies().get(0), door.policies().get(1), places.policy());
      assertThat(EXACT.of(told, rate, permit.decision()))
          .containsExactly(
              entry(
                  "RateLimit-Policy",
                  "\"each\";q=50;w=1, \"all\";q=1000;w=1,"
                      + " \"places\";q=2;qu=\"concurrent-requests\""),
              entry("RateLimit", "\"each\";r=49;t=1, \"places\";r=1"));
    }
  }

  @Test
  void aPolicyThatClientsDoNotKnowIsNotNamed() {
    RateLimiter<String> door =
        RateLimiter.<String>builder("door")
            .policy("each", Limit.perSecond(2), who -> who)
            .policy("all", Limit.of(1, Duration.ofSeconds(5)))
            .time(clock)
            .build();
    door.tryAcquire("ann");
    Decision refused = door.tryAcquire("ann");

    assertThat(refused.policy().orElseThrow().name()).isEqualTo("all");
    assertThat(EXACT.of(door.policies().subList(0, 1), refused))
        .containsExactly(entry("RateLimit-Policy", "\"each\";q=2;w=1"), entry("Retry-After", "5"));
    assertThat(EXACT.of(List.of(), refused)).containsExactly(entry("Retry-After", "5"));
  }

  @Test
  void whatIsOnlyLookedAtIsNotTold() {
    RateLimiter<String> limiter =
        RateLimiter.<String>builder("p").limit(Limit.perSecond(1)).shadow().time(clock).build();
    limiter.tryAcquire("ann");
    Decision shadowed = limiter.tryAcquire("ann");

    assertThat(shadowed.isShadowed()).isTrue();
    assertThat(EXACT.of(limiter.policies(), shadowed)).isEmpty();
  }

  @Test
  void whoNoPolicyAppliesToIsToldNothing() {
    RateLimiter<String> limiter =
        RateLimiter.<String>builder("door").policy("p", Limit.perSecond(1), who -> null).build();

    assertThat(EXACT.of(limiter.policies(), limiter.tryAcquire("ann"))).isEmpty();
  }

  @Test
  void namesAreStrings() {
    RateLimiter<String> odd = limiter("a \"b\" \\ c;d,e", Limit.perSecond(1));
    assertThat(EXACT.of(odd.policies(), odd.tryAcquire("ann")))
        .containsEntry("RateLimit", "\"a \\\"b\\\" \\\\ c;d,e\";r=0;t=1");

    for (String name : List.of("größe", "a\nb", "a\u007f", "a\tb", "\ud83d\ude00")) {
      RateLimiter<String> limiter = limiter(name, Limit.perSecond(1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> EXACT.of(limiter.policies(), limiter.tryAcquire("ann")))
          .withMessageContaining("printable ASCII")
          .withMessageContaining("'" + name + "'");
    }
  }

  @ParameterizedTest
  @CsvSource({
    // wait, jitter, share, Retry-After
    "PT0.01S, PT10S, 0, 1",
    "PT0.01S, PT10S, 0.6, 2",
    "PT0.01S, PT10S, 1, 3",
    "PT5S, PT10S, 0, 5",
    "PT5S, PT10S, 0.5, 8",
    "PT5S, PT10S, 1, 10",
    "PT60S, PT10S, 1, 70",
    "PT60S, PT0S, 1, 60",
    "PT60S, PT10S, -7, 60",
    "PT60S, PT10S, 7, 70",
    "PT60S, PT10S, NaN, 60",
    "PT60S, PT1H, 1, 120"
  })
  void jitterOnlyAddsAndIsBounded(Duration wait, Duration jitter, double share, String expected) {
    RateLimiter<String> limiter = limiter("p", Limit.of(1, wait));
    limiter.tryAcquire("ann");
    Decision refused = limiter.tryAcquire("ann");

    RateLimitHeaders headers = RateLimitHeaders.withJitter(jitter, () -> share);
    assertThat(headers.of(limiter.policies(), refused)).containsEntry("Retry-After", expected);
    assertThat(headers.retryAfter(wait)).hasToString(expected);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RateLimitHeaders.withJitter(Duration.ofSeconds(-1), () -> 0))
        .withMessage("jitter must be PT0S to PT1H, was PT-1S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RateLimitHeaders.withJitter(Duration.ofHours(2), () -> 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EXACT.retryAfter(Duration.ofMillis(-1)))
        .withMessage("wait must not be negative, was PT-0.001S");
  }

  @Test
  void theProblemNamesThePolicies() {
    assertThat(RateLimitProblem.json(List.of("address")))
        .isEqualTo(
            "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                + "\"title\":\"Request cannot be satisfied as assigned quota has been exceeded\","
                + "\"status\":429,\"violated-policies\":[\"address\"]}");
    assertThat(RateLimitProblem.json(List.of())).endsWith("\"violated-policies\":[]}");
    assertThat(RateLimitProblem.json(List.of("a\"b\\c", "\n\u00e9\ud83d\u007f")))
        .endsWith("[\"a\\\"b\\\\c\",\"\\u000a\\u00e9\\ud83d\\u007f\"]}");
  }
}
