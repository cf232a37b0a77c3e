package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis answers, and does not do what it is asked, or has forgotten what it was told. */
class RedisRefusesTest {

  private static final String BUCKET = "headroom:limit:{door:user:a}";
  private static final Limit LIMIT = Limit.of(100, Duration.ofHours(1));

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private Warnings log;
  private RedisLimits redis;

  @BeforeEach
  void begin() {
    server.get().flush();
    log = new Warnings(RateLimiter.class);
    redis =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(30)).build());
  }

  @AfterEach
  void end() {
    redis.close();
    log.close();
    server.heal();
  }

  private RateLimiter<String> limiter(boolean leased) {
    RateLimiterBuilder<String> builder = RateLimiter.<String>builder("door").shared(redis);
    return leased
        ? builder.leased("user", LIMIT, user -> user).build()
        : builder.policy("user", LIMIT, user -> user).build();
  }

  static Stream<String> garbage() {
    String huge = "9".repeat(40);
    return Stream.of(
        "",
        " ",
        "garbage",
        "1",
        "1 2 3 4",
        "1 2 3 4 5 6",
        "1 2 3 4 5 ",
        "-1 2 3 4 5",
        "1.5 2 3 4 5",
        "1e3 2 3 4 5000",
        "nan inf 3 4 5",
        "1 2 0 4 5",
        "9 2 3 4 5",
        huge + " 2 3 4 " + huge,
        "1 " + huge + " 3 4 5",
        "1 2 " + huge + " 4 5",
        "1 2 3 " + huge + " 5",
        "1 2 3 4 " + huge,
        "x".repeat(1 << 20));
  }

  @ParameterizedTest
  @MethodSource("garbage")
  void garbageInABucket(String garbage) {
    assertBears(limiter(false), () -> server.get().command("SET", BUCKET, garbage));
  }

  @ParameterizedTest
  @MethodSource("garbage")
  void garbageInABucketOfALease(String garbage) {
    server.get().command("SET", BUCKET, garbage);
    assertBears(limiter(true), () -> {});
  }

  @ParameterizedTest
  @ValueSource(strings = {"RPUSH", "SADD", "HSET", "ZADD"})
  void anotherTypeInABucket(String write) {
    boolean hasField = write.equals("HSET");
    server.get().command(write, BUCKET, "1", hasField ? "x" : write.equals("ZADD") ? "x" : "y");
    assertBears(limiter(false), () -> {});
  }

  /** That bucket is done without, until somebody takes the garbage away; others are as ever. */
  private void assertBears(RateLimiter<String> limiter, Runnable spoil) {
    spoil.run();
    for (int i = 1; i <= 30; i++) {
      Decision sync = limiter.tryAcquire("a");
      assertThat(sync.isAlone()).isTrue();
      assertThat(sync.remaining()).as("from memory").isEqualTo(100 - (2 * i - 1));
      assertThat(Ask.done(limiter.tryAcquireAsync("a")).remaining()).isEqualTo(100 - 2 * i);
      assertThat(limiter.tryAcquire("b").isAlone()).isFalse();
    }
    assertThat(redis.isUp()).as("it answers").isTrue();
    assertThat(Ask.alone(limiter)).isEqualTo(60);
    assertThat(log.said())
        .singleElement()
        .asString()
        .startsWith("WARN limiter 'door', policies [")
        .contains("no answer from Redis in time, or an error", "Not said again for a minute")
        .as("keys may be secrets")
        .doesNotContain(BUCKET + ":");

    server.get().command("DEL", BUCKET);
    Ask.awaitShared(limiter, "a");
  }

  /** A clock that was far ahead has written it: nothing flows in before that time. */
  @Test
  void aBucketFromTheFarFuture() {
    server.get().command("SET", BUCKET, "5 9000000000000000 3 4 300");
    RateLimiter<String> limiter = limiter(false);
    Decision admitted = limiter.tryAcquire("a", 50);
    assertThat(admitted.isAlone()).isFalse();
    assertThat(admitted.allowed()).isTrue();
    Decision refused = limiter.tryAcquire("a", 60);
    assertThat(refused.allowed()).isFalse();
    assertThat(refused.retryAfter()).isGreaterThan(Duration.ofDays(365 * 200));
  }

  @Test
  void whereMemoryIsFull() {
    RateLimiter<String> limiter = limiter(false);
    assertThat(limiter.tryAcquire("a").isAlone()).isFalse();
    server.get().config("maxmemory", "1");

    for (int i = 0; i < 50; i++) {
      assertThat(limiter.tryAcquire("b").isAlone()).isTrue();
    }
    assertThat(limiter.tryAcquire("b").remaining()).isEqualTo(49);
    assertThat(redis.isUp()).as("it answers").isTrue();
    assertThat(log.said())
        .singleElement()
        .asString()
        .contains("policies [user]", "OOM command not allowed");

    server.heal();
    Ask.awaitShared(limiter, "b");
    assertThat(limiter.tryAcquire("b").remaining()).as("what was decided here").isLessThan(100);
  }

  @Test
  void anotherMayNotRunScripts() {
    server.get().command("ACL", "SETUSER", "default", "-evalsha", "-eval");
    try {
      RateLimiter<String> limiter = limiter(false);
      for (int i = 0; i < 50; i++) {
        assertThat(limiter.tryAcquire("a").isAlone()).isTrue();
      }
      assertThat(log.said()).hasSize(1);
      server.get().command("ACL", "SETUSER", "default", "+evalsha", "+eval");
      Ask.awaitShared(limiter, "a");
    } finally {
      server.get().command("ACL", "SETUSER", "default", "+evalsha", "+eval");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void forgottenScriptsAreSentAgain(boolean leased) {
    RateLimiter<String> limiter = limiter(leased);
    for (int i = 0; i < 10; i++) {
      server.get().flushScripts();
      assertThat(limiter.tryAcquire("a").isAlone()).isFalse();
      assertThat(Ask.done(limiter.tryAcquireAsync("b" + i)).isAlone()).isFalse();
    }
    assertThat(limiter.tryAcquire("a").allowed()).isTrue();
    assertThat(log.said()).isEmpty();
  }

  /** What is gone is full, which is the most that can be said of it. */
  @Test
  void forgottenBucketsAreFull() {
    RateLimiter<String> limiter = limiter(false);
    limiter.tryAcquire("a", 100);
    assertThat(limiter.tryAcquire("a").allowed()).isFalse();
    server.get().flush();
    assertThat(limiter.tryAcquire("a", 100).allowed()).isTrue();
    Ask.eventually("the processes to be counted again")
        .until(() -> server.get().command("EXISTS", "headroom:limit:{door}").integer() == 1);
    assertThat(limiter.decider().processes()).hasValue(1);
  }

  @Test
  void nothingIsWrittenWithoutAnExpiry() {
    limiter(false).tryAcquire("a", 100);
    limiter(true).tryAcquire("b", 100);
    var names = server.get().command("KEYS", "*").elements();
    assertThat(names).hasSize(3);
    for (var name : names) {
      assertThat(server.get().command("PTTL", name.text()).integer()).as(name.text()).isPositive();
    }
  }
}
