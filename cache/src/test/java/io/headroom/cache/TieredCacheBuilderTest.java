package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong is named at once, with its range. */
class TieredCacheBuilderTest {

  private final TieredCacheBuilder<String, String> builder =
      TieredCache.builder("letters", key -> key);

  static Stream<Arguments> nonsense() {
    return Stream.of(
        wrong(b -> b.maximumEntries(-1), "maximumEntries must be 0 or more, was -1"),
        wrong(b -> b.maximumWeight(-1, (k, v) -> 1), "maximumWeight must be at least 1, was -1"),
        wrong(b -> b.ttl(Duration.ZERO), "ttl must be PT0.001S to PT8760H, was PT0S"),
        wrong(b -> b.ttl(Duration.ofSeconds(-1)), "ttl must be PT0.001S to PT8760H, was PT-1S"),
        wrong(b -> b.ttl(Duration.ofDays(366)), "ttl must be PT0.001S to PT8760H, was PT8784H"),
        wrong(b -> b.absentTtl(Duration.ofNanos(-1)), "absentTtl must be PT0S to PT8760H"),
        wrong(b -> b.staleFor(Duration.ofDays(400)), "staleFor must be PT0S to PT8760H"),
        wrong(b -> b.ttlJitter(0.6), "ttlJitter must be 0 to 0.5, was 0.6"),
        wrong(b -> b.ttlJitter(Double.NaN), "ttlJitter must be 0 to 0.5, was NaN"),
        wrong(b -> b.refreshAhead(-1), "refreshAhead must be 0 to 100.0, was -1.0"),
        wrong(b -> b.softTimeout(Duration.ZERO), "softTimeout must be PT0.001S to PT8760H"),
        wrong(b -> b.hardTimeout(Duration.ZERO), "hardTimeout must be PT0.001S to PT8760H"));
  }

  private static Arguments wrong(
      Consumer<TieredCacheBuilder<String, String>> option, String message) {
    return Arguments.of(option, message);
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("nonsense")
  void nonsenseIsRefused(Consumer<TieredCacheBuilder<String, String>> option, String message) {
    assertThatThrownBy(() -> option.accept(builder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void anOptionIsSetOnce() {
    builder.ttl(Duration.ofSeconds(1)).maximumEntries(5);
    assertThatThrownBy(() -> builder.ttl(Duration.ofSeconds(1)))
        .hasMessage("cache 'letters': ttl is set twice: set it once");
    assertThatThrownBy(() -> builder.maximumWeight(5, (key, value) -> 1))
        .hasMessage("cache 'letters': maximum is set twice: set it once");
  }

  @Test
  void aSoftTimeOutNeedsSomethingToServe() {
    builder.softTimeout(Duration.ofMillis(50));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("softTimeout has no effect without staleFor");
  }

  @Test
  void theSoftTimeOutIsTheShorterOne() {
    builder
        .staleFor(Duration.ofMinutes(1))
        .softTimeout(Duration.ofMillis(50))
        .hardTimeout(Duration.ofMillis(20));
    assertThatThrownBy(builder::build)
        .hasMessage(
            "cache 'letters': softTimeout, PT0.05S, must not be longer than hardTimeout, PT0.02S");
  }

  @Test
  void namesAreNeeded() {
    assertThatThrownBy(() -> TieredCache.builder(" ", key -> key))
        .hasMessageStartingWith("name must not be blank");
  }
}
