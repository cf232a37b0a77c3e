package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.net.URI;
import java.nio.CharBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, tags, permits and limits as nobody should give them, and somebody does. */
class SharedBadInputTest {

  private static final Limit LIMIT = Limit.of(100, Duration.ofHours(1));

  @RegisterExtension static final RedisExtension<RedisServer> server = RedisExtension.single();

  private static RedisLimits redis;

  private final String name = "door-" + UUID.randomUUID();

  @BeforeAll
  static void connect() {
    redis =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(30)).build());
  }

  @AfterAll
  static void close() {
    redis.close();
  }

  private RateLimiterBuilder<Object> door() {
    return RateLimiter.builder(name).shared(redis);
  }

  static Stream<List<Object>> keysThatDiffer() {
    String megabyte = "x".repeat(1 << 20);
    return Stream.of(
        List.of("", " ", "\0", "\0\0", "\n"),
        List.of("{", "}", "{}", "}{", "{a}", "a}", "a", "}:user:a"),
        List.of("\uD800", "\uD801", "\uDC00", "?", "\uFFFD", "\uD800\uD800", "\uD800?"),
        List.of("\uD83D\uDE00", "\uD83D", "\uDE00", "\uDE00\uD83D"),
        List.of(megabyte, megabyte + "y", "y" + megabyte, megabyte.substring(1)),
        List.of("é".repeat(100), "é".repeat(101), "é".repeat(100) + "x", "x".repeat(201)),
        List.of("#", ":", "::", "*", "%2F"),
        List.of(0, -1, 1.5, true, 'c', UUID.randomUUID(), WhenAway.OPEN, Long.MIN_VALUE));
  }

  @ParameterizedTest
  @MethodSource("keysThatDiffer")
  void eachKeyHasItsOwnBucket(List<Object> keys) {
    RateLimiter<Object> limiter = door().policy("user", LIMIT, key -> key).build();
    RateLimiter<Object> leased = door().leased("leased", LIMIT, key -> key).build();
    for (int round = 1; round <= 2; round++) {
      for (Object key : keys) {
        Decision decision = limiter.tryAcquire(key, 10);
        assertThat(decision.isAlone()).isFalse();
        assertThat(decision.remaining()).isEqualTo(100 - 10 * round);
        Decision ofLease = leased.tryAcquire(key, 10); // which takes some ahead
        assertThat(ofLease.allowed()).isTrue();
        assertThat(ofLease.remaining()).isBetween(97 - 10L * round, 100 - 10L * round);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("keysThatDiffer")
  void eachTagHasItsOwnBuckets(List<Object> tags) {
    RateLimiter<Object> limiter =
        door().policy("user", LIMIT, key -> "a").policy("all", LIMIT).tag(tag -> tag).build();
    for (int round = 1; round <= 2; round++) {
      for (Object tag : tags) {
        assertThat(limiter.tryAcquire(tag, 10).remaining()).isEqualTo(100 - 10 * round);
      }
    }
  }

  @Test
  void keysOfOneTextHaveOneBucket() {
    RateLimiter<Object> limiter = door().policy("user", LIMIT, key -> key).build();
    List<Object> same = List.of("1", 1, 1L, '1', CharBuffer.wrap("1"));
    for (int i = 0; i < same.size(); i++) {
      assertThat(limiter.tryAcquire(same.get(i)).remaining()).isEqualTo(99 - i);
    }
  }

  static Stream<Object> noKeys() {
    return Stream.of(new Object(), List.of("a"), new int[] {1}, URI.create("a:b"), Object.class);
  }

  /** Their texts may be others elsewhere, or tomorrow. */
  @ParameterizedTest
  @MethodSource("noKeys")
  void whatMayBeCalledOtherwiseElsewhereIsNoKey(Object key) {
    RateLimiter<Object> limiter = door().policy("user", LIMIT, given -> given).build();
    assertThatThrownBy(() -> limiter.tryAcquire(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("policy 'user': a key that processes share must be a string")
        .hasMessageContaining("was of " + key.getClass().getName())
        .hasMessageEndingWith("Give its id");
    assertThat(Ask.failure(limiter.tryAcquireAsync(key)))
        .isInstanceOf(IllegalArgumentException.class);
    RateLimiter<Object> tagged =
        door().policy("all", LIMIT, given -> "a").tag(given -> given).build();
    assertThatThrownBy(() -> tagged.tryAcquire(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the tag: a key that processes share must be");
  }

  @Test
  void aPolicyWithoutAKeyForASubjectDoesNotApply() {
    RateLimiter<Object> limiter =
        door().policy("user", LIMIT.burst(1), key -> null).policy("all", LIMIT).build();
    assertThat(limiter.tryAcquire("a", 2).policy().map(Policy::name)).hasValue("all");
    assertThat(limiter.tryAcquire("a").remaining()).isEqualTo(97);
    assertThatThrownBy(() -> limiter.tryAcquire(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void aMissingTagIsNamed() {
    RateLimiter<Object> limiter =
        door().policy("user", LIMIT, key -> key).tag(key -> key.equals("none") ? null : 1).build();
    assertThat(limiter.tryAcquire("a").allowed()).isTrue();
    assertThatThrownBy(() -> limiter.tryAcquire("none"))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("limiter '" + name + "': the tag is null; give each subject one");
    assertThat(Ask.failure(limiter.tryAcquireAsync("none"))).hasMessageContaining("tag is null");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void noPermitsAreNoCall(long permits) {
    RateLimiter<Object> limiter = door().policy("user", LIMIT, key -> key).build();
    assertThatThrownBy(() -> limiter.tryAcquire("a", permits))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("permits")
        .hasMessageContaining(Long.toString(permits));
  }

  @ParameterizedTest
  @ValueSource(longs = {101, 1L << 32, 1L << 53, Long.MAX_VALUE})
  void moreThanABucketHoldsIsRefusedWithoutARoundTrip(long permits) {
    RateLimiter<Object> limiter =
        door().policy("all", Limit.perSecond(1_000_000)).policy("user", LIMIT, key -> key).build();
    RateLimiter<Object> leased = door().leased("leased", LIMIT).build();
    long trips = redis.buckets().trips();
    for (RateLimiter<Object> each : List.of(limiter, leased)) {
      Decision decision = each.tryAcquire("a", permits);
      assertThat(decision.allowed()).isFalse();
      assertThat(decision.isNeverPossible()).isTrue();
      assertThat(decision.isAlone()).isFalse();
      assertThat(decision.toString()).contains("never possible: more than it ever holds");
      assertThat(decision.policy()).isPresent();
      assertThat(Ask.done(each.tryAcquireAsync("a", permits)).isNeverPossible()).isTrue();
    }
    long presence = 2 * 60; // two processes say each second that they are there
    assertThat(redis.buckets().trips() - trips).isLessThan(presence);
    assertThat(limiter.tryAcquire("a", 100).allowed()).as("nothing is debited").isTrue();
  }

  static Stream<Limit> hugeLimits() {
    long most = (1L << 52) / 1_000_000_007;
    return Stream.of(
        Limit.of(1, Duration.ofNanos(1_000_000_007)).burst(most),
        Limit.perSecond(1).burst(576_460_752),
        Limit.of(1, Duration.ofNanos(1)).burst(1L << 52),
        Limit.of(268_435_455, Duration.ofNanos(1)),
        Limit.of(1, Duration.ofDays(365)).burst(18),
        Limit.perSecond(1_000_000_000_000L));
  }

  @ParameterizedTest
  @MethodSource("hugeLimits")
  void hugeLimitsAreExact(Limit huge) {
    RateLimiter<Object> limiter = door().policy("user", huge, key -> key).build();
    Decision all = limiter.tryAcquire("a", huge.capacity());
    assertThat(all.isAlone()).isFalse();
    assertThat(all.allowed()).isTrue();
    assertThat(all.remaining()).isZero();
    assertThat(limiter.tryAcquire("b", huge.capacity() - 1).remaining()).isOne();
  }

  static Stream<Limit> limitsTooHuge() {
    return Stream.of(
        Limit.of(1, Duration.ofNanos(1_000_000_007)).burst((1L << 52) / 1_000_000_007 + 1),
        Limit.of(1, Duration.ofNanos(1)).burst((1L << 52) + 1),
        Limit.of(1, Duration.ofNanos(1_000_000_007)).burst(1 << 28));
  }

  @ParameterizedTest
  @MethodSource("limitsTooHuge")
  void whatScriptsCannotReckonWithIsRefused(Limit huge) {
    RateLimiterBuilder<Object> builder = door().policy("user", huge, key -> key);
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("policy 'user' (" + huge + "): the burst must be at most ")
        .hasMessageContaining("in Redis");
    RateLimiter<Object> limiter = door().policy("user", LIMIT, key -> key).build();
    assertThatThrownBy(() -> limiter.changeLimit("user", huge))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(limiter.policies().get(0).limit()).as("it stays").isEqualTo(LIMIT);
    assertThat(limiter.tryAcquire("a").remaining()).isEqualTo(99);
  }
}
