package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.Spans;
import io.headroom.TimeSource;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every option of every builder: once, and in its range. Nothing here needs a Redis. */
class SharedOptionsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration NEGATIVE = Duration.ofMillis(-1);
  private static final Duration TOO_LONG = Duration.ofDays(366);
  private static final RedisTier NOWHERE =
      RedisTier.builder("redis://127.0.0.1:1").timeout(Duration.ofMillis(5)).build();

  @AfterAll
  static void close() {
    NOWHERE.close();
  }

  private static SharedTierBuilder<String, String> shared() {
    return SharedTier.on(NOWHERE, CacheKeys.strings(), CacheCodec.strings());
  }

  private static RedisTierBuilder redis() {
    return RedisTier.builder("redis://127.0.0.1:1");
  }

  private static TieredCacheBuilder<String, String> cache() {
    return TieredCache.builder("letters", key -> key);
  }

  private static final Map<String, Consumer<SharedTierBuilder<String, String>>> SHARED =
      new TreeMap<>(
          Map.of(
              "ttl", b -> b.ttl(SECOND),
              "schemaVersion", b -> b.schemaVersion(2),
              "partitions", b -> b.partitions(2),
              "maximumValueBytes", b -> b.maximumValueBytes(2),
              "compression", b -> b.compression(ZstdCompression.above(1)),
              "maximumStaleness", b -> b.maximumStaleness(Duration.ofSeconds(3)),
              "lease", b -> b.lease(SECOND),
              "leaseWait", b -> b.leaseWait(SECOND),
              "tombstone", b -> b.tombstone(SECOND),
              "transactionLimit", b -> b.transactionLimit(SECOND)));

  private static final Map<String, Consumer<RedisTierBuilder>> REDIS =
      new TreeMap<>(
          Map.of(
              "cluster", b -> b.cluster(),
              "timeout", b -> b.timeout(SECOND),
              "silence", b -> b.silence(SECOND),
              "time", b -> b.time(TimeSource.system())));

  private static final Map<String, Consumer<TieredCacheBuilder<String, String>>> CACHE =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("maximumEntries", b -> b.maximumEntries(2)),
              Map.entry("maximumWeight", b -> b.maximumWeight(2, (key, value) -> 1)),
              Map.entry("ttl", b -> b.ttl(SECOND)),
              Map.entry("absentTtl", b -> b.absentTtl(SECOND)),
              Map.entry("staleFor", b -> b.staleFor(SECOND)),
              Map.entry("ttlJitter", b -> b.ttlJitter(0.2)),
              Map.entry("refreshAhead", b -> b.refreshAhead(2)),
              Map.entry("softTimeout", b -> b.softTimeout(SECOND)),
              Map.entry("hardTimeout", b -> b.hardTimeout(SECOND)),
              Map.entry("loadSignal", b -> b.loadSignal(resource -> null, "db")),
              Map.entry("executor", b -> b.executor(Runnable::run)),
              Map.entry("tags", b -> b.tags((key, value) -> List.of())),
              Map.entry("shared", b -> b.shared(shared().build())),
              Map.entry("spans", b -> b.spans(Spans.NONE)),
              Map.entry("time", b -> b.time(TimeSource.system()))));

  static Stream<Arguments> options() {
    return Stream.of(
            SHARED.entrySet().stream().map(o -> twice(o.getKey(), shared(), o.getValue())),
            REDIS.entrySet().stream().map(o -> twice(o.getKey(), redis(), o.getValue())),
            CACHE.entrySet().stream().map(o -> twice(o.getKey(), cache(), o.getValue())))
        .flatMap(some -> some);
  }

  private static <B> Arguments twice(String option, B builder, Consumer<B> set) {
    Runnable once = () -> set.accept(builder);
    return Arguments.of(builder.getClass().getSimpleName(), option, once);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("options")
  void anOptionIsSetOnce(String builder, String option, Runnable set) {
    set.run();
    assertThatThrownBy(set::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(option.startsWith("maximum") ? "maximum" : option)
        .hasMessageEndingWith("is set twice: set it once");
  }

  @Test
  void noOptionIsLeftOut() {
    assertThat(SHARED.keySet()).isEqualTo(optionsOf(SharedTierBuilder.class));
    assertThat(REDIS.keySet()).isEqualTo(optionsOf(RedisTierBuilder.class));
    Set<String> cache = optionsOf(TieredCacheBuilder.class);
    assertThat(cache.remove("listener")).as("there may be several").isTrue();
    assertThat(CACHE.keySet()).isEqualTo(cache);
  }

  private static Set<String> optionsOf(Class<?> builder) {
    return Arrays.stream(builder.getDeclaredMethods())
        .filter(method -> method.getReturnType() == builder)
        .filter(method -> java.lang.reflect.Modifier.isPublic(method.getModifiers()))
        .map(Method::getName)
        .collect(Collectors.toSet());
  }

  static Stream<Arguments> nonsense() {
    String millis = "PT0.001S to PT8760H";
    String tenMillis = "PT0.01S to PT8760H";
    return Stream.of(
        wrong("ttl", millis, () -> shared().ttl(Duration.ZERO)),
        wrong("ttl", millis, () -> shared().ttl(NEGATIVE)),
        wrong("ttl", millis, () -> shared().ttl(TOO_LONG)),
        wrong("schemaVersion", "0 to 2147483647", () -> shared().schemaVersion(-1)),
        wrong("partitions", "1 to 1024", () -> shared().partitions(0)),
        wrong("partitions", "1 to 1024", () -> shared().partitions(2048)),
        wrong("partitions", "a power of two, such as 64", () -> shared().partitions(63)),
        wrong("maximumValueBytes", "1 to 536870912", () -> shared().maximumValueBytes(0)),
        wrong("maximumValueBytes", "1 to 536870912", () -> shared().maximumValueBytes(1 << 30)),
        wrong("maximumStaleness", "PT3S to PT8760H", () -> shared().maximumStaleness(SECOND)),
        wrong("maximumStaleness", "PT3S to PT8760H", () -> shared().maximumStaleness(TOO_LONG)),
        wrong("lease", tenMillis, () -> shared().lease(Duration.ZERO)),
        wrong("lease", tenMillis, () -> shared().lease(TOO_LONG)),
        wrong("leaseWait", "PT0S to PT8760H", () -> shared().leaseWait(NEGATIVE)),
        wrong("leaseWait", "PT0S to PT8760H", () -> shared().leaseWait(TOO_LONG)),
        wrong("tombstone", tenMillis, () -> shared().tombstone(Duration.ZERO)),
        wrong("tombstone", tenMillis, () -> shared().tombstone(TOO_LONG)),
        wrong("transactionLimit", tenMillis, () -> shared().transactionLimit(NEGATIVE)),
        wrong("transactionLimit", tenMillis, () -> shared().transactionLimit(TOO_LONG)),
        wrong("timeout", "PT0.005S to PT1M", () -> redis().timeout(Duration.ZERO)),
        wrong("timeout", "PT0.005S to PT1M", () -> redis().timeout(Duration.ofMinutes(2))),
        wrong("silence", "PT0.1S to PT8760H", () -> redis().silence(Duration.ZERO)),
        wrong("silence", "PT0.1S to PT8760H", () -> redis().silence(TOO_LONG)));
  }

  private static Arguments wrong(String option, String range, Runnable set) {
    return Arguments.of(option, range, set);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("nonsense")
  void nonsenseIsRefusedWithTheRange(String option, String range, Runnable set) {
    assertThatThrownBy(set::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(option + " must be ")
        .hasMessageContaining(range);
  }

  static Stream<Runnable> nothing() {
    return Stream.of(
        () -> shared().ttl(null),
        () -> shared().compression(null),
        () -> shared().maximumStaleness(null),
        () -> shared().lease(null),
        () -> shared().leaseWait(null),
        () -> shared().tombstone(null),
        () -> shared().transactionLimit(null),
        () -> redis().timeout(null),
        () -> redis().silence(null),
        () -> redis().time(null),
        () -> RedisTier.builder((String) null),
        () -> cache().shared(null),
        () -> SharedTier.on(null, CacheKeys.strings(), CacheCodec.strings()),
        () -> SharedTier.on(NOWHERE, null, CacheCodec.strings()),
        () -> SharedTier.on(NOWHERE, CacheKeys.strings(), null));
  }

  @ParameterizedTest
  @MethodSource
  void nothing(Runnable set) {
    assertThatThrownBy(set::run)
        .isInstanceOf(NullPointerException.class)
        .hasMessageEndingWith("must not be null");
  }

  @Test
  void urisAreChecked() {
    assertThatThrownBy(RedisTier::builder)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("uris must not be empty");
    assertThatThrownBy(() -> RedisTier.builder("http://somewhere"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RedisTier.builder("redis://a", "redis://b").build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("call cluster()");
  }

  @Test
  void whatTheyAreToldIsSaid() {
    assertThat(shared().ttl(SECOND).build())
        .asString()
        .contains("ttl PT1S", "partitions 64", "127.0.0.1:1");
  }

  @Test
  void whatIsAtHandDoesNotOutliveTheSharedTier() {
    TieredCacheBuilder<String, String> longer =
        cache().ttl(Duration.ofMinutes(2)).shared(shared().ttl(Duration.ofMinutes(1)).build());
    assertThatThrownBy(longer::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cache 'letters': ttl, PT2M, must not be longer than")
        .hasMessageContaining("PT1M");

    HandTime time = new HandTime();
    AtomicInteger loads = new AtomicInteger();
    SharedTier<String, String> brief =
        shared().ttl(SECOND.multipliedBy(5)).maximumStaleness(SECOND.multipliedBy(30)).build();
    try (TieredCache<String, String> unset =
        TieredCache.builder("brief", (String key) -> key + loads.incrementAndGet())
            .time(time)
            .refreshAhead(0)
            .shared(brief)
            .build()) {
      unset.get("a");
      time.advance(Duration.ofSeconds(4));
      assertThat(unset.get("a")).isEqualTo("a1");
      time.advance(Duration.ofSeconds(2));
      assertThat(unset.get("a")).isEqualTo("a2");
    }
  }

  @Test
  void aTierThatIsClosedTakesNoCache() {
    RedisTier closed = redis().timeout(Duration.ofMillis(5)).build();
    closed.close();
    assertThat(closed).hasToString("RedisTier[127.0.0.1:1, closed]");
    TieredCacheBuilder<String, String> late =
        cache().shared(SharedTier.on(closed, CacheKeys.strings(), CacheCodec.strings()).build());
    assertThatThrownBy(late::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed] is closed: build cache 'letters' on an open one");
  }

  @Test
  void aWrongUriIsNamedWithoutItsPassword() {
    assertThatThrownBy(() -> RedisTier.builder("redis://user:secret@"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'redis://***@' is no URI of a Redis")
        .hasMessageContaining("write redis://host:6379")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aBuilderSaysWhatItsCacheWillDo() {
    assertThat(cache().isShared()).isFalse();
    assertThat(cache().shared(shared().build()).isShared()).isTrue();
    assertThat(cache().servesStale()).isFalse();
    assertThat(cache().staleFor(Duration.ZERO).servesStale()).isFalse();
    assertThat(cache().staleFor(SECOND).servesStale()).isTrue();
  }
}
