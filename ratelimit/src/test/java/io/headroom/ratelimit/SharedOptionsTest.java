package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What builders are told of limits in Redis: once, and in its range. Nothing here needs one. */
class SharedOptionsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private static RedisLimits nowhere;

  @BeforeAll
  static void connect() {
    nowhere = redis().timeout(Duration.ofMillis(5)).build();
  }

  @AfterAll
  static void close() {
    nowhere.close();
  }

  private static RateLimiterBuilder<String> door() {
    return named("door");
  }

  private static RateLimiterBuilder<String> named(String name) {
    return RateLimiter.<String>builder(name).policy("user", Limit.perSecond(1), user -> user);
  }

  private static RedisLimitsBuilder redis() {
    return RedisLimits.builder("redis://127.0.0.1:1");
  }

  static Stream<Arguments> limiterOptions() {
    return Stream.of(
        option("shared", builder -> builder.shared(nowhere)),
        option("whenAway", builder -> builder.whenAway(WhenAway.OPEN)),
        option("processes", builder -> builder.processes(2)),
        option("tag", builder -> builder.tag(user -> user)),
        option("policy 'all'", builder -> builder.leased("all", Limit.perSecond(1))));
  }

  private static Arguments option(String name, Consumer<RateLimiterBuilder<String>> set) {
    return Arguments.of(name, set);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("limiterOptions")
  void anOptionIsSetOnce(String option, Consumer<RateLimiterBuilder<String>> set) {
    RateLimiterBuilder<String> builder = door();
    set.accept(builder);
    assertThatThrownBy(() -> set.accept(builder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("limiter 'door': " + option + " is set twice: set it once");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("limiterOptions")
  void withoutRedisItMakesNoSense(String option, Consumer<RateLimiterBuilder<String>> set) {
    RateLimiterBuilder<String> builder = door();
    set.accept(builder);
    if (option.equals("shared")) {
      assertThat(builder.build().decider().processes()).hasValue(1);
      return;
    }
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("limiter 'door': " + option)
        .hasMessageEndingWith("is for limits in Redis; call shared(redis)");
  }

  static Stream<Arguments> redisOptions() {
    List<Consumer<RedisLimitsBuilder>> options =
        List.of(
            builder -> builder.cluster(),
            builder -> builder.timeout(SECOND),
            builder -> builder.time(TimeSource.system()));
    List<String> names = List.of("cluster", "timeout", "time");
    return Stream.of(0, 1, 2).map(i -> Arguments.of(names.get(i), options.get(i)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("redisOptions")
  void anOptionOfRedisIsSetOnce(String option, Consumer<RedisLimitsBuilder> set) {
    RedisLimitsBuilder builder = redis();
    set.accept(builder);
    assertThatThrownBy(() -> set.accept(builder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Redis limits: " + option + " is set twice: set it once");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 4, 60_001, Long.MAX_VALUE})
  void aTimeOutHasARange(long millis) {
    assertThatThrownBy(() -> redis().timeout(Duration.ofMillis(millis)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("timeout must be PT0.005S to PT1M, was ");
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, 0, 100_001})
  void processesHaveARange(int processes) {
    assertThatThrownBy(() -> door().processes(processes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("processes must be 1 to 100000, was " + processes);
  }

  static Stream<Runnable> nothing() {
    return Stream.of(
        () -> door().shared(null),
        () -> door().whenAway(null),
        () -> door().tag(null),
        () -> door().leased("all", null),
        () -> door().leased("all", Limit.perSecond(1), null),
        () -> redis().timeout(null),
        () -> redis().time(null),
        () -> RedisLimits.connect(null));
  }

  @ParameterizedTest
  @MethodSource
  void nothing(Runnable set) {
    assertThatThrownBy(set::run)
        .isInstanceOf(NullPointerException.class)
        .hasMessageEndingWith("must not be null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "a{b", "a}b", "a#b", "a b", "é", "a\n", "\0"})
  void aNameThatCannotBePartOfAKeyIsRefused(String name) {
    assertRefused("limiter", name, named(name));
    assertRefused("policy", name, door().policy(name, Limit.perSecond(1)));
    assertThat(RateLimiter.<String>builder(name).limit(Limit.perSecond(1)).build().name())
        .as("in the process it may be anything")
        .isEqualTo(name);
  }

  @Test
  void aLongNameIsRefused() {
    String longest = "x".repeat(56);
    assertThat(named(longest).shared(nowhere))
        .satisfies(builder -> assertThat(builder.build().name()).isEqualTo(longest));
    String tooLong = longest + "x";
    assertRefused("limiter", tooLong, named(tooLong));
  }

  private static void assertRefused(String what, String name, RateLimiterBuilder<String> builder) {
    builder.shared(nowhere);
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the name of a shared " + what + " is part of its keys in Redis")
        .hasMessageEndingWith("was '" + name + "'");
  }

  @Test
  void urisAreChecked() {
    assertThatThrownBy(RedisLimits::builder)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("uris must not be empty");
    assertThatThrownBy(() -> RedisLimits.connect("redis://user:secret@"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> RedisLimits.builder("redis://a", "redis://b").build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("call cluster()");
  }
}
