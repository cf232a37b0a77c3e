package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LoadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process decides for itself. There is no Redis, and never was. */
class WhenAwayTest {

  private static final Limit EIGHT_PER_HOUR = Limit.of(8, Duration.ofHours(1));

  private static RedisLimits nowhere;

  private final HandTime time = new HandTime();

  @BeforeAll
  static void connect() {
    nowhere = RedisLimits.connect("redis://127.0.0.1:1");
  }

  @AfterAll
  static void close() {
    nowhere.close();
  }

  private RateLimiterBuilder<String> door() {
    return RateLimiter.<String>builder("door").shared(nowhere).time(time);
  }

  private static void assertAdmits(RateLimiter<String> limiter, int permits) {
    for (int i = 0; i < permits; i++) {
      Decision decision = limiter.tryAcquire("a");
      assertThat(decision.allowed()).isTrue();
      assertThat(decision.isAlone()).isTrue();
      assertThat(decision.remaining()).isEqualTo(permits - 1 - i);
    }
    assertThat(limiter.tryAcquire("a").allowed()).isFalse();
  }

  /** With a tag, each tag's buckets are its own; here as in Redis. */
  @Test
  void oneTenantDoesNotLockOutTheOthers() {
    RateLimiter<String> limiter =
        door().policy("tenant", Limit.of(5, Duration.ofHours(1))).tag(tenant -> tenant).build();
    for (int i = 0; i < 20; i++) {
      assertThat(limiter.tryAcquire("tenant-" + i).allowed()).isTrue();
    }
    assertThat(limiter.tryAcquire("tenant-0", 5).allowed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void byDefaultEachOfFourAdmitsAQuarter(boolean leased) {
    RateLimiterBuilder<String> builder = door().processes(4);
    RateLimiter<String> limiter =
        leased
            ? builder.leased("user", EIGHT_PER_HOUR, user -> user).build()
            : builder.policy("user", EIGHT_PER_HOUR, user -> user).build();
    assertAdmits(limiter, 2);

    Decision refused = limiter.tryAcquire("a");
    assertThat(refused.isAlone()).isTrue();
    assertThat(refused.policy().map(Policy::name)).hasValue("user");
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofMinutes(30));
    time.advance(refused.retryAfter().minusNanos(1));
    assertThat(limiter.tryAcquire("a").allowed()).isFalse();
    time.advance(1);
    assertThat(limiter.tryAcquire("a").allowed()).isTrue();
    assertThat(limiter.tryAcquire("b").allowed()).as("each key for itself").isTrue();
  }

  @Test
  void moreProcessesThanPermitsAdmitOneEach() {
    RateLimiter<String> limiter = door().limit(EIGHT_PER_HOUR).processes(100).build();
    assertAdmits(limiter, 1);
    assertThat(limiter.tryAcquire("a").retryAfter()).isEqualTo(Duration.ofHours(100).dividedBy(8));
  }

  /** What is too much for a part may be had once Redis is back. */
  @Test
  void moreThanAPartHoldsIsRefusedForTheTimeBeing() {
    RateLimiter<String> limiter = door().limit(EIGHT_PER_HOUR).processes(4).build();
    Decision refused = limiter.tryAcquire("a", 3);
    assertThat(refused.allowed()).isFalse();
    assertThat(refused.isAlone()).isTrue();
    assertThat(refused.isNeverPossible()).isFalse();
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofHours(1).multipliedBy(3).dividedBy(8));
    assertThat(refused.policy().map(Policy::limit)).hasValue(EIGHT_PER_HOUR);
    assertAdmits(limiter, 2);
  }

  /** A part holds less, and when it is full it is to admit under load, too. */
  @Test
  void thePriceUnderLoadIsNoMoreThanAPartHolds() {
    HandLoad load = new HandLoad().set(LoadLevel.CRITICAL);
    RateLimiter<String> limiter =
        door().limit(EIGHT_PER_HOUR).processes(4).loadSignal(load, "orders").build();

    Decision decision = HandLoad.shed(() -> limiter.tryAcquire("a"));

    assertThat(decision.allowed()).isTrue();
    assertThat(decision.permits()).isEqualTo(1);
    assertThat(decision.price()).isEqualTo(2);
    assertThat(limiter.decider().counts().get(0).tightened()).isOne();
    Decision tooMany = HandLoad.shed(() -> limiter.tryAcquire("b", 3));
    assertThat(tooMany.isNeverPossible()).isFalse();
    assertThat(tooMany.price()).isEqualTo(8);
    assertThat(tooMany.retryAfter()).isEqualTo(Duration.ofHours(1));
  }

  @ParameterizedTest
  @CsvSource({"OPEN, 4", "CLOSED, 0"})
  void openAndClosedHaveThePriceUnderLoad(WhenAway way, long left) {
    HandLoad load = new HandLoad().set(LoadLevel.HIGH);
    RateLimiter<String> limiter =
        door().limit(EIGHT_PER_HOUR).whenAway(way).loadSignal(load, "orders").build();

    Decision decision = HandLoad.shed(() -> limiter.tryAcquire("a", 2));

    assertThat(decision.allowed()).isEqualTo(way == WhenAway.OPEN);
    assertThat(decision.price()).isEqualTo(4);
    assertThat(decision.remaining()).isEqualTo(left);
    Decision most = HandLoad.shed(() -> limiter.tryAcquire("a", 7));
    assertThat(most.allowed()).isEqualTo(way == WhenAway.OPEN);
    assertThat(most.price()).isEqualTo(8);
  }

  @ParameterizedTest
  @EnumSource(WhenAway.class)
  void whatIsNeverPossibleIsNotDecidedAlone(WhenAway way) {
    RateLimiter<String> limiter = door().limit(EIGHT_PER_HOUR).whenAway(way).build();
    Decision never = limiter.tryAcquire("a", 9);
    assertThat(never.allowed()).isFalse();
    assertThat(never.isNeverPossible()).isTrue();
    assertThat(never.isAlone()).isFalse();
    assertThat(Ask.done(limiter.tryAcquireAsync("a", Long.MAX_VALUE)).isNeverPossible()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(WhenAway.class)
  void whoHasNoLimitGoesOn(WhenAway way) {
    RateLimiter<String> limiter =
        door().policy("user", EIGHT_PER_HOUR, user -> null).whenAway(way).build();
    Decision decision = limiter.tryAcquire("a", 100);
    assertThat(decision.allowed()).isTrue();
    assertThat(decision.isAlone()).isFalse();
    assertThat(decision.policy()).isEmpty();
    assertThat(Ask.alone(limiter)).isZero();
  }

  @Test
  void openLetsEverybodyGoOn() {
    RateLimiter<String> limiter = door().limit(EIGHT_PER_HOUR).whenAway(WhenAway.OPEN).build();
    for (int i = 0; i < 100; i++) {
      Decision decision = limiter.tryAcquire("a", 3);
      assertThat(decision.allowed()).isTrue();
      assertThat(decision.isAlone()).isTrue();
      assertThat(decision.remaining()).as("as of a full bucket").isEqualTo(5);
      assertThat(decision.retryAfter()).isZero();
    }
    assertThat(Ask.alone(limiter)).isEqualTo(100);
  }

  @Test
  void closedLetsNobodyGoOn() {
    RateLimiter<String> limiter = door().limit(EIGHT_PER_HOUR).whenAway(WhenAway.CLOSED).build();
    for (int permits = 1; permits <= 8; permits++) {
      Decision decision = limiter.tryAcquire("a", permits);
      assertThat(decision.allowed()).isFalse();
      assertThat(decision.isAlone()).isTrue();
      assertThat(decision.isNeverPossible()).isFalse();
      assertThat(decision.remaining()).isZero();
      assertThat(decision.retryAfter())
          .as("as of an empty bucket")
          .isEqualTo(Duration.ofHours(1).multipliedBy(permits).dividedBy(8));
    }
    assertThat(limiter.decider().counts().get(0).refused()).isEqualTo(8);
  }

  @ParameterizedTest
  @EnumSource(
      value = WhenAway.class,
      names = {"OPEN", "CLOSED"})
  void theFirstPolicyThatAppliesIsNamed(WhenAway way) {
    RateLimiter<String> limiter =
        door()
            .policy("user", EIGHT_PER_HOUR, user -> user.isEmpty() ? null : user)
            .policy("all", EIGHT_PER_HOUR)
            .whenAway(way)
            .build();
    assertThat(limiter.tryAcquire("a").policy().map(Policy::name)).hasValue("user");
    assertThat(limiter.tryAcquire("").policy().map(Policy::name)).hasValue("all");
  }

  @Test
  void inShadowModeEverybodyGoesOn() {
    RateLimiter<String> limiter =
        door().limit(EIGHT_PER_HOUR).whenAway(WhenAway.CLOSED).shadow().build();
    Decision decision = limiter.tryAcquire("a");
    assertThat(decision.allowed()).isTrue();
    assertThat(decision.isShadowed()).isTrue();
    assertThat(decision.isAlone()).isTrue();
    assertThat(limiter.decider().counts().get(0).shadowed()).isOne();
    assertThat(Ask.alone(limiter)).isOne();
  }

  @Test
  void severalPoliciesAreAllDebitedOrNone() {
    RateLimiter<String> limiter =
        door()
            .policy("user", EIGHT_PER_HOUR, user -> user)
            .policy("all", EIGHT_PER_HOUR.burst(4))
            .processes(2)
            .build();
    assertThat(limiter.tryAcquire("a", 2).allowed()).isTrue();
    assertThat(limiter.tryAcquire("b").policy().map(Policy::name)).hasValue("all");
    time.advance(Duration.ofMinutes(15));
    assertThat(limiter.tryAcquire("b").remaining()).isZero();
    time.advance(Duration.ofMinutes(30));
    assertThat(limiter.tryAcquire("b", 2).allowed()).as("b has paid once").isTrue();
  }

  @Test
  void aChangeOfLimitsHoldsHereToo() {
    RateLimiter<String> limiter = door().limit(EIGHT_PER_HOUR).processes(2).build();
    assertAdmits(limiter, 4);
    limiter.changeLimit("door", Limit.of(80, Duration.ofHours(1)));
    assertThat(limiter.policies().get(0).limit().capacity()).isEqualTo(80);
    assertThat(limiter.tryAcquire("a").remaining()).as("four of forty are gone").isEqualTo(35);
  }

  /** In Redis these have one bucket, as their texts are the same; so they have here. */
  @Test
  void keysAreToldApartByTheirTexts() {
    List<Object> keys = new ArrayList<>(List.of("1", 1, 1L, (short) 1));
    keys.add(new AtomicInteger(1));
    keys.add(new AtomicInteger(1));
    RateLimiter<Integer> limiter =
        RateLimiter.<Integer>builder("door")
            .policy("of", EIGHT_PER_HOUR, keys::get)
            .shared(nowhere)
            .time(time)
            .build();
    for (int i = 0; i < keys.size(); i++) {
      assertThat(limiter.tryAcquire(i).remaining()).isEqualTo(7 - i);
    }
  }

  @Test
  void listenersAreToldOnceThatItWasDecidedHere() {
    List<Decision> heard = new ArrayList<>();
    RateLimiter<String> limiter =
        door()
            .limit(EIGHT_PER_HOUR)
            .processes(8)
            .listener(
                new RateLimitListener() {
                  @Override
                  public void onAdmitted(String name, Decision decision) {
                    heard.add(decision);
                  }

                  @Override
                  public void onRefused(String name, @Nullable Decision decision) {
                    heard.add(decision);
                  }
                })
            .build();
    Decision first = limiter.tryAcquire("a");
    Decision second = Ask.done(limiter.tryAcquireAsync("a"));
    assertThat(heard).containsExactly(first, second).allMatch(Decision::isAlone);
    assertThat(second.allowed()).isFalse();
  }
}
