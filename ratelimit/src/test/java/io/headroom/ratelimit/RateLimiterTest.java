package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

  private static final Limit FIFTY = Limit.perSecond(100).burst(50);

  record Request(String address, String user) {}

  private final HandTime time = new HandTime();

  private RateLimiterBuilder<String> perUser(Limit limit) {
    return RateLimiter.<String>builder("user").limit(limit).time(time);
  }

  private RateLimiter<Request> door() {
    return RateLimiter.<Request>builder("door")
        .policy("address", FIFTY, Request::address)
        .policy("user", Limit.perSecond(1_000).burst(60), Request::user)
        .policy("all", Limit.perSecond(1_000).burst(100))
        .time(time)
        .build();
  }

  private static <R> int admittedOf(RateLimiter<R> limiter, R subject, int calls) {
    int admitted = 0;
    for (int i = 0; i < calls; i++) {
      admitted += limiter.tryAcquire(subject).allowed() ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void eachSubjectHasItsOwnBucket() {
    RateLimiter<String> limiter = perUser(FIFTY).build();

    assertThat(admittedOf(limiter, "ada", 60)).isEqualTo(50);
    assertThat(admittedOf(limiter, "bob", 60)).isEqualTo(50);
    assertThat(limiter.tryAcquire("ada"))
        .hasToString("refused 1 by 'user' (100 per second, burst 50): try again in 10 ms");
    time.advance(Duration.ofMillis(20));
    assertThat(admittedOf(limiter, "ada", 60)).isEqualTo(2);
    assertThat(limiter.tryAcquire("ada", 51).isNeverPossible()).isTrue();
    assertThat(limiter).hasToString("RateLimiter['user', ['user' (100 per second, burst 50)]]");
  }

  @Test
  void theExceptionSaysWhoRefusedAndWhenToComeBack() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(1)).build();

    assertThat(limiter.acquireOrThrow("ada").remaining()).isZero();
    assertThatExceptionOfType(RateLimitedException.class)
        .isThrownBy(() -> limiter.acquireOrThrow("ada"))
        .withMessage(
            "limiter 'user': refused 1 by 'user' (1 per second, burst 1): try again in 1000 ms")
        .satisfies(
            thrown -> {
              assertThat(thrown.limiter()).isEqualTo("user");
              assertThat(thrown.decision().retryAfter()).isEqualTo(Duration.ofSeconds(1));
            });
  }

  @Test
  void allPoliciesAreDebitedOrNone() {
    RateLimiter<Request> door = door();

    assertThat(admittedOf(door, new Request("1.1.1.1", "ada"), 60)).isEqualTo(50);
    Decision byAddress = door.tryAcquire(new Request("1.1.1.1", "ada"));
    assertThat(byAddress.policy().orElseThrow().name()).isEqualTo("address");
    assertThat(byAddress.remaining()).isZero();

    Decision byUser = door.tryAcquire(new Request("2.2.2.2", "ada"), 11);
    assertThat(byUser.policy().orElseThrow().name()).isEqualTo("user");
    assertThat(byUser.remaining()).isEqualTo(10);

    Decision rest = door.tryAcquire(new Request("2.2.2.2", "bob"), 50);
    assertThat(rest.allowed()).isTrue();
    assertThat(rest.remaining()).isZero();
    assertThat(door.tryAcquire(new Request("3.3.3.3", "eve")).policy().orElseThrow().name())
        .isEqualTo("all");
    time.advance(Duration.ofMillis(1));
    assertThat(door.tryAcquire(new Request("3.3.3.3", "eve")).allowed()).isTrue();
  }

  @Test
  void thePolicyThatMakesWaitLongestIsNamed() {
    RateLimiter<Request> door = door();
    Request ada = new Request("1.1.1.1", "ada");
    assertThat(door.tryAcquire(ada, 50).allowed()).isTrue();

    assertThat(door.tryAcquire(ada, 11).policy().orElseThrow().name()).isEqualTo("address");
    Decision never = door.tryAcquire(ada, 61);
    assertThat(never.isNeverPossible()).isTrue();
    assertThat(never.policy().orElseThrow().name()).isEqualTo("address");
  }

  @Test
  void aPolicyWithoutAKeyDoesNotApply() {
    RateLimiter<Request> door =
        RateLimiter.<Request>builder("door")
            .policy("address", Limit.perSecond(2), Request::address)
            .policy("user", Limit.perSecond(1), Request::user)
            .time(time)
            .build();

    assertThat(admittedOf(door, new Request("1.1.1.1", null), 9)).isEqualTo(2);
    Decision unlimited = door.tryAcquire(new Request(null, null));
    assertThat(unlimited.allowed()).isTrue();
    assertThat(unlimited.policy()).isEmpty();
    assertThat(unlimited.remaining()).isEqualTo(Long.MAX_VALUE);
    assertThat(unlimited.retryAfter()).isZero();
    assertThat(unlimited.resetAfter()).isZero();
    assertThat(unlimited.isNeverPossible()).isFalse();
    assertThat(unlimited).hasToString("admitted 1, no policy applies");
    RateLimiter<Request> users =
        RateLimiter.<Request>builder("users")
            .policy("user", Limit.perSecond(1), Request::user)
            .time(time)
            .build();
    assertThat(admittedOf(users, new Request("1.1.1.1", null), 9)).isEqualTo(9);
  }

  @Test
  void inShadowModeEverybodyGoesOnAndTheDecisionSaysSo() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(1)).shadow().build();

    assertThat(limiter.tryAcquire("ada").isShadowed()).isFalse();
    Decision shadowed = limiter.tryAcquire("ada");
    assertThat(shadowed.allowed()).isTrue();
    assertThat(shadowed.isShadowed()).isTrue();
    assertThat(shadowed.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    assertThat(shadowed)
        .hasToString(
            "would have refused 1 by 'user' (1 per second, burst 1): try again in 1000 ms");
    time.advance(Duration.ofSeconds(1));
    assertThat(limiter.tryAcquire("ada").isShadowed()).isFalse();
  }

  @Test
  void bucketsGoWhenTheyAreFullAndNotBefore() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(1)).build();
    for (int i = 0; i < 1_000; i++) {
      limiter.tryAcquire("early-" + i);
    }
    time.advance(Duration.ofMillis(500));
    limiter.tryAcquire("late");
    sweepAll(limiter, "late", Duration.ZERO);
    assertThat(limiter.decider().keys(0)).hasValue(1_001);

    sweepAll(limiter, "late", Duration.ofMillis(100));
    assertThat(limiter.decider().keys(0)).hasValue(1);
    assertThat(admittedOf(limiter, "early-7", 9)).isEqualTo(1);
  }

  /** Enough calls to look at all buckets, each so much later than the one before. */
  private void sweepAll(RateLimiter<String> limiter, String subject, Duration apart) {
    for (int i = 0; i < 40; i++) {
      time.advance(apart);
      limiter.tryAcquire(subject);
    }
  }

  @Test
  void beyondTheMaximumKeysShareABucket() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(10)).maximumKeys(3).build();
    for (String known : List.of("a", "b", "c")) {
      assertThat(admittedOf(limiter, known, 4)).isEqualTo(4);
    }
    int admitted = 0;
    for (int i = 0; i < 1_000; i++) {
      admitted += admittedOf(limiter, "made-up-" + i, 4);
    }
    assertThat(admitted).isEqualTo(10);
    assertThat(limiter.decider().keys(0)).hasValue(3);
    assertThat(limiter.decider().counts().get(0).overflow()).isEqualTo(3_990);
    assertThat(admittedOf(limiter, "a", 9)).isEqualTo(6);
  }

  @Test
  void whoLeavesTheSharedBucketFindsWhatItOwed() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(10)).maximumKeys(1).build();
    limiter.tryAcquire("a");
    time.advance(Duration.ofMillis(50));
    assertThat(admittedOf(limiter, "b", 20)).isEqualTo(10);
    time.advance(Duration.ofMillis(50));
    limiter.tryAcquire("a", 11); // sweeps its own bucket, which is full
    assertThat(limiter.decider().keys(0)).hasValue(0);

    assertThat(admittedOf(limiter, "b", 20)).isZero();
    time.advance(Duration.ofMillis(300));
    assertThat(admittedOf(limiter, "b", 20)).isEqualTo(3);
    assertThat(limiter.decider().keys(0)).hasValue(1);
  }

  @Test
  void aChangedLimitFindsWhatWasUsedOfTheOld() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(100).burst(50)).build();
    assertThat(admittedOf(limiter, "ada", 30)).isEqualTo(30);

    limiter.changeLimit("user", Limit.perSecond(7).burst(35));
    assertThat(limiter.policies())
        .containsExactly(new Policy("user", Limit.perSecond(7).burst(35)));
    Decision decision = limiter.tryAcquire("ada");
    assertThat(decision.remaining()).isEqualTo(4);
    assertThat(admittedOf(limiter, "ada", 9)).isEqualTo(4);
    assertThat(admittedOf(limiter, "bob", 99)).isEqualTo(35);

    limiter.changeLimit("user", Limit.perSecond(1).burst(5));
    assertThat(limiter.tryAcquire("ada").retryAfter()).isEqualTo(Duration.ofSeconds(1));
    limiter.changeLimit("user", Limit.perSecond(1).burst(5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter.changeLimit("address", FIFTY))
        .withMessage("limiter 'user' has no policy 'address', but [user]");
    assertThatNullPointerException().isThrownBy(() -> limiter.changeLimit("user", null));
  }

  @Test
  void listenersHearAndTheirFailuresChangeNothing() {
    List<String> heard = new ArrayList<>();
    RateLimitListener listener =
        new RateLimitListener() {
          @Override
          public void onAdmitted(String limiter, Decision decision) {
            heard.add(limiter + " admitted " + decision.permits());
          }

          @Override
          public void onRefused(String limiter, Decision decision) {
            heard.add(limiter + " refused " + decision.permits());
            throw new IllegalStateException("thrown by a test");
          }
        };
    RateLimiter<String> limiter =
        perUser(Limit.perSecond(3)).listener(new RateLimitListener() {}).listener(listener).build();

    limiter.tryAcquire("ada", 2);
    assertThat(limiter.tryAcquire("ada", 3).allowed()).isFalse();
    assertThat(heard).containsExactly("user admitted 2", "user refused 3");
  }

  @Test
  void aListenerHearsOfWhatShadowModeWouldHaveRefusedAsOfThat() {
    List<String> heard = new ArrayList<>();
    RateLimiter<String> limiter =
        perUser(Limit.perSecond(3)).shadow().listener(Heard.into(heard)).build();
    assertThat(limiter.tryAcquire("ada", 2).allowed()).isTrue();
    assertThat(limiter.tryAcquire("ada", 3).allowed()).isTrue();
    assertThat(limiter.tryAcquireAsync("bob", 2).join().allowed()).isTrue();
    assertThat(limiter.tryAcquireAsync("bob", 3).join().allowed()).isTrue();
    assertThat(heard)
        .containsExactly(
            "admitted 2 by user",
            "refused 3 by user in shadow",
            "admitted 2 by user",
            "refused 3 by user in shadow");
  }

  @Test
  void nonsenseIsRefused() {
    RateLimiter<String> limiter = perUser(FIFTY).build();
    assertThatIllegalArgumentException().isThrownBy(() -> limiter.tryAcquire("ada", 0));
    assertThatNullPointerException()
        .isThrownBy(() -> limiter.tryAcquire(null))
        .withMessage("subject must not be null");
    assertThatIllegalArgumentException().isThrownBy(() -> RateLimiter.builder(" "));
    assertThatIllegalStateException()
        .isThrownBy(() -> RateLimiter.builder("door").build())
        .withMessage("limiter 'door': there is nothing to limit; call limit or policy");
    assertThatIllegalStateException()
        .isThrownBy(() -> RateLimiter.builder("door").limit(FIFTY).policy("door", FIFTY))
        .withMessage("limiter 'door': policy 'door' is set twice: set it once");
    assertThatIllegalStateException()
        .isThrownBy(() -> RateLimiter.builder("door").shadow().shadow());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RateLimiter.builder("door").maximumKeys(0))
        .withMessage("maximumKeys must be 1 to 2147483647, was 0");
  }

  @Test
  void aKeyMayBeAnything() {
    RateLimiter<String> limiter = perUser(Limit.perSecond(1)).build();
    for (String key : List.of("", "{a}:{b}", "x".repeat(1 << 20), "\0")) {
      assertThat(admittedOf(limiter, key, 3)).isEqualTo(1);
    }
  }

  @Test
  void itsOwnClockIsTheSystems() {
    RateLimiter<String> limiter =
        RateLimiter.<String>builder("user").limit(Limit.of(2, Duration.ofDays(1))).build();

    assertThat(limiter.name()).isEqualTo("user");
    assertThat(admittedOf(limiter, "ada", 3)).isEqualTo(2);
  }

  @Test
  void keysThatLimitNobodyAreRefused() {
    RateLimiter<Object> limiter = RateLimiter.builder("door").limit(Limit.perSecond(5)).build();
    assertThatThrownBy(() -> limiter.tryAcquire(new byte[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'door'", "an array is equal to none but itself", "Give a string");
    assertThatThrownBy(() -> limiter.tryAcquire(Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("or null if nothing is");
  }
}
