package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class CacheMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private double counted(String name, String tag, String value) {
    FunctionCounter counter = registry.get(name).tag(tag, value).functionCounter();
    return counter.count();
  }

  @Test
  void metersTellWhatTheStatsDo() {
    TieredCache<String, String> cache =
        TieredCache.<String, String>builder(
                "letters",
                key -> {
                  if (key.equals("bad")) {
                    throw new IllegalStateException("thrown by a test");
                  }
                  return key;
                })
            .build();
    CacheMetrics.of(cache).bindTo(registry);
    cache.get("a");
    cache.get("a");
    cache.get("a");
    try {
      cache.get("bad");
    } catch (CacheLoadException expected) {
      assertThat(expected).hasMessageContaining("thrown by a test");
    }
    assertThat(counted("headroom.cache.gets", "served", "local")).isEqualTo(2);
    assertThat(counted("headroom.cache.gets", "served", "loaded")).isEqualTo(1);
    assertThat(counted("headroom.cache.gets", "served", "failed")).isEqualTo(1);
    assertThat(counted("headroom.cache.loads", "outcome", "answered")).isEqualTo(1);
    assertThat(counted("headroom.cache.loads", "outcome", "failed")).isEqualTo(1);
    assertThat(registry.get("headroom.cache.entries").gauge().value()).isEqualTo(1);
    assertThat(registry.getMeters())
        .allMatch(meter -> "letters".equals(meter.getId().getTag("cache")))
        .extracting(Meter::getId)
        .allMatch(id -> id.getDescription() != null)
        .hasSize(Served.values().length + 5);
  }

  /** Else its meters would stand for ever in the place of its successor's. */
  @Test
  void aCacheThatIsClosedLeavesRoomForAnotherOfItsName() {
    TieredCache<String, String> before = cache();
    CacheMetrics.of(before).bindTo(registry);
    int meters = registry.getMeters().size();
    CacheMetrics.of(before).bindTo(registry); // twice changes nothing
    assertThat(registry.getMeters()).hasSize(meters);
    before.get("a");
    before.close();
    assertThat(registry.getMeters()).isEmpty();
    try (TieredCache<String, String> after = cache()) {
      CacheMetrics.of(after).bindTo(registry);
      before.close();
      assertThat(counted("headroom.cache.gets", "served", "loaded")).isZero();
      after.get("a");
      assertThat(counted("headroom.cache.gets", "served", "loaded")).isEqualTo(1);
    }
  }

  @Test
  void anotherOfItsNameTakesNothingFromTheFirst() {
    try (TieredCache<String, String> first = cache()) {
      CacheMetrics.of(first).bindTo(registry);
      first.get("a");
      TieredCache<String, String> second = cache();
      CacheMetrics.of(second).bindTo(registry);
      second.close();
      assertThat(counted("headroom.cache.gets", "served", "loaded")).isEqualTo(1);
    }
  }

  private static TieredCache<String, String> cache() {
    return TieredCache.<String, String>builder("letters", key -> key).build();
  }
}
