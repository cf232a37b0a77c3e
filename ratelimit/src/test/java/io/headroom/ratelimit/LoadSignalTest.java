package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who can be shed gets less while a resource is under load. */
class LoadSignalTest {

  private static final Limit FORTY = Limit.perSecond(100).burst(40);

  private final HandTime time = new HandTime();
  private final HandLoad load = new HandLoad();

  private RateLimiterBuilder<String> perUser(Limit limit) {
    return RateLimiter.<String>builder("user").limit(limit).loadSignal(load, "orders").time(time);
  }

  /** With a limit for some of the users only, which is the smallest. */
  private RateLimiter<String> door() {
    return RateLimiter.<String>builder("door")
        .policy("user", Limit.perSecond(1).burst(10), user -> user)
        .policy("guest", Limit.perSecond(1).burst(3), user -> user.equals("guest") ? user : null)
        .policy("all", Limit.perSecond(100).burst(100))
        .loadSignal(load, "orders")
        .time(time)
        .build();
  }

  private static int admittedAtOnce(RateLimiter<String> limiter, String user) {
    int admitted = 0;
    while (HandLoad.shed(() -> limiter.tryAcquire(user)).allowed()) {
      admitted++;
    }
    return admitted;
  }

  @ParameterizedTest
  @CsvSource({
    "NORMAL, SHEDDABLE, 3",
    "ELEVATED, SHEDDABLE, 3",
    "HIGH, SHEDDABLE, 6",
    "CRITICAL, SHEDDABLE, 12",
    "HIGH, STANDARD, 3",
    "CRITICAL, STANDARD, 3",
    "HIGH, CRITICAL, 3",
    "CRITICAL, CRITICAL, 3"
  })
  void thePriceIsByTheLevelForWhoCanBeShed(LoadLevel level, Criticality criticality, long price) {
    RateLimiter<String> limiter = perUser(FORTY).build();
    load.set(level);

    Decision decision = HandLoad.as(criticality, () -> limiter.tryAcquire("ada", 3));

    assertThat(decision.permits()).isEqualTo(3);
    assertThat(decision.price()).isEqualTo(price);
    assertThat(decision.remaining()).isEqualTo(40 - price);
    assertThat(limiter.tryAcquire("ada").remaining()).isEqualTo(40 - price - 1);
  }

  @ParameterizedTest
  @CsvSource({"ELEVATED, 40, 10", "HIGH, 20, 20", "CRITICAL, 10, 40"})
  void burstAndRateAreHalvedOrQuartered(LoadLevel level, int burst, int millis) {
    RateLimiter<String> limiter = perUser(FORTY).build();
    load.set(level);

    assertThat(admittedAtOnce(limiter, "ada")).isEqualTo(burst);
    for (int i = 0; i < 5; i++) {
      Decision refused = HandLoad.shed(() -> limiter.tryAcquire("ada"));
      assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(millis));
      time.advance(refused.retryAfter().minusNanos(1));
      assertThat(admittedAtOnce(limiter, "ada")).isZero();
      time.advance(1);
      assertThat(admittedAtOnce(limiter, "ada")).isEqualTo(1);
    }
  }

  @Test
  void onThreadsWithoutARequestNothingChanges() {
    RateLimiter<String> limiter = perUser(FORTY).build();
    load.set(LoadLevel.CRITICAL);
    assertThat(limiter.tryAcquire("ada").price()).isEqualTo(1);
    assertThat(load.asked).isEmpty();
  }

  @Test
  void theSignalIsAskedOncePerRequestThatCanBeShed() {
    RateLimiter<String> limiter = door();
    HandLoad.shed(() -> limiter.tryAcquire("guest"));
    HandLoad.shed(() -> limiter.acquireOrThrow("guest"));
    var unused = HandLoad.shed(() -> limiter.tryAcquireAsync("guest"));
    HandLoad.as(Criticality.STANDARD, () -> limiter.tryAcquire("guest"));
    assertThat(load.asked).containsExactly("orders", "orders", "orders");
  }

  @Test
  void eachWayToAskHasThePrice() {
    RateLimiter<String> limiter = perUser(FORTY).build();
    load.set(LoadLevel.HIGH);
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("ada")).remaining()).isEqualTo(38);
    assertThat(HandLoad.shed(() -> limiter.acquireOrThrow("ada")).remaining()).isEqualTo(36);
    assertThat(Ask.done(HandLoad.shed(() -> limiter.tryAcquireAsync("ada"))).remaining())
        .isEqualTo(34);
  }

  @Test
  void thePriceIsNoMoreThanTheSmallestBucketThatHasToPayIt() {
    RateLimiter<String> limiter = door();
    load.set(LoadLevel.CRITICAL);

    Decision guest = HandLoad.shed(() -> limiter.tryAcquire("guest"));
    assertThat(guest.allowed()).isTrue();
    assertThat(guest.price()).isEqualTo(3);
    assertThat(guest.remaining()).isZero();
    Decision ada = HandLoad.shed(() -> limiter.tryAcquire("ada", 2));
    assertThat(ada.price()).isEqualTo(8);
    assertThat(ada.remaining()).isEqualTo(2);
    Decision bob = HandLoad.shed(() -> limiter.tryAcquire("bob", 9));
    assertThat(bob.allowed()).isTrue();
    assertThat(bob.price()).isEqualTo(10);
    assertThat(limiter.tryAcquire("eve").remaining()).isEqualTo(9);
    assertThat(limiter.tryAcquire("joe", 11).isNeverPossible()).isTrue();
  }

  @Test
  void onlyWhatIsWantedIsNeverPossible() {
    RateLimiter<String> limiter = perUser(FORTY).build();
    load.set(LoadLevel.CRITICAL);

    assertThat(HandLoad.shed(() -> limiter.tryAcquire("ada", 40)).allowed()).isTrue();
    Decision later = HandLoad.shed(() -> limiter.tryAcquire("ada", 11));
    assertThat(later.isNeverPossible()).isFalse();
    assertThat(later.retryAfter()).isEqualTo(Duration.ofMillis(400));
    Decision never = HandLoad.shed(() -> limiter.tryAcquire("bob", 41));
    assertThat(never.isNeverPossible()).isTrue();
    assertThat(never.price()).isEqualTo(41);
    assertThat(never)
        .hasToString(
            "refused 41 by 'user' (100 per second, burst 40), never possible: more than it ever"
                + " holds");
    assertThat(limiter.tryAcquire("bob").remaining()).isEqualTo(39);
  }

  @Test
  void pricesDoNotOverflow() {
    assertThat(Price.of(Long.MAX_VALUE / 4, 4, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE - 3);
    assertThat(Price.of(Long.MAX_VALUE / 4 + 1, 4, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(Price.of(Long.MAX_VALUE, 4, 7)).isEqualTo(Long.MAX_VALUE);
    assertThat(Price.of(7, 2, 15)).isEqualTo(14);
    assertThat(Price.of(8, 2, 15)).isEqualTo(15);
  }

  @Test
  void aDecisionTellsWhatWasWantedAndWhatItCosts() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(1).burst(4)).build();
    load.set(LoadLevel.HIGH);

    assertThat(HandLoad.shed(() -> limiter.tryAcquire("ada")))
        .hasToString("admitted 1 at the price of 2 by 'user' (1 per second, burst 4), 2 left");
    assertThatExceptionOfType(RateLimitedException.class)
        .isThrownBy(
            () -> {
              limiter.tryAcquire("ada");
              HandLoad.shed(() -> limiter.acquireOrThrow("ada"));
            })
        .withMessage(
            "limiter 'user': refused 1 at the price of 2 by 'user' (1 per second, burst 4): try"
                + " again in 1000 ms");
  }

  @Test
  void listenersHearOfBoth() {
    List<String> heard = new ArrayList<>();
    RateLimiter<String> limiter =
        perUser(FORTY)
            .listener(
                new RateLimitListener() {
                  @Override
                  public void onAdmitted(String of, Decision decision) {
                    heard.add(decision.permits() + " for " + decision.price());
                  }
                })
            .build();
    load.set(LoadLevel.CRITICAL);
    HandLoad.shed(() -> limiter.tryAcquire("ada", 2));
    Ask.done(HandLoad.shed(() -> limiter.tryAcquireAsync("ada", 3)));
    assertThat(heard).containsExactly("2 for 8", "3 for 12");
  }

  @Test
  void inShadowModeThePriceIsOnlyLookedAt() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(1).burst(3)).shadow().build();
    load.set(LoadLevel.HIGH);

    assertThat(HandLoad.shed(() -> limiter.tryAcquire("ada")).isShadowed()).isFalse();
    Decision shadowed = HandLoad.shed(() -> limiter.tryAcquire("ada"));
    assertThat(shadowed.isShadowed()).isTrue();
    assertThat(shadowed.price()).isEqualTo(2);
    assertThat(shadowed.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    assertThat(limiter.tryAcquire("ada").isShadowed()).isFalse();
  }

  @Test
  void whoHasNoLimitPaysNothing() {
    RateLimiter<String> limiter =
        RateLimiter.<String>builder("door")
            .policy("user", FORTY, user -> null)
            .loadSignal(load, "orders")
            .build();
    load.set(LoadLevel.HIGH);
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("ada", 5)))
        .hasToString("admitted 5, no policy applies");
  }

  @Test
  void aChangedLimitChangesWhatThePriceMayBe() {
    RateLimiter<String> limiter = perUser(FORTY).build();
    load.set(LoadLevel.CRITICAL);
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("ada")).price()).isEqualTo(4);
    limiter.changeLimit("user", Limit.perSecond(100).burst(3));
    assertThat(HandLoad.shed(() -> limiter.tryAcquire("bob")).price()).isEqualTo(3);
  }

  @Test
  void whatASignalThrowsComesOutAndDebitsNothing() {
    IllegalStateException thrown = new IllegalStateException("on purpose");
    RateLimiter<String> limiter =
        RateLimiter.<String>builder("user")
            .limit(FORTY)
            .loadSignal(
                resource -> {
                  throw thrown;
                },
                "orders")
            .time(time)
            .build();
    assertThatThrownBy(() -> HandLoad.shed(() -> limiter.tryAcquire("ada"))).isSameAs(thrown);
    assertThat(Ask.failure(HandLoad.shed(() -> limiter.tryAcquireAsync("ada")))).isSameAs(thrown);
    assertThat(limiter.tryAcquire("ada").remaining()).isEqualTo(39);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> perUser(FORTY).loadSignal(load, "other"))
        .withMessage("limiter 'user': loadSignal is set twice: set it once");
    RateLimiterBuilder<String> builder = RateLimiter.builder("user");
    assertThatNullPointerException()
        .isThrownBy(() -> builder.loadSignal(null, "orders"))
        .withMessage("signal must not be null");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimiter.builder("user").loadSignal(load, null))
        .withMessage("resource must not be null");
  }
}
