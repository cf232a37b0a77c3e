package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every meter of the shared tier moves when what it counts happens. */
class SharedMetricsTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private Fleet fleet;
  private TieredCache<String, String> here;
  private TieredCache<String, String> there;

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    fleet.table().putAll(Map.of("a", "1", "b", "2"));
    here = process();
    there = process();
    CacheMetrics.of(here).bindTo(registry);
  }

  private TieredCache<String, String> process() {
    return fleet.process(
        fleet.tier(options -> options.timeout(Duration.ofMillis(500))),
        cache -> cache,
        shared -> shared.partitions(1).maximumValueBytes(100).leaseWait(Duration.ofMillis(20)));
  }

  @AfterEach
  void end() {
    redis.heal();
    fleet.close();
  }

  private double value(String name, String... tags) {
    Meter meter = registry.get("headroom.cache." + name).tags(tags).meter();
    return meter.measure().iterator().next().getValue();
  }

  private void awaitMore(double than, String name, String... tags) {
    OneEntry.soon()
        .atMost(20, TimeUnit.SECONDS)
        .alias(name + List.of(tags))
        .until(() -> value(name, tags) > than);
  }

  @Test
  void everyCountHasAMeter() {
    List<FunctionCounter> all = new ArrayList<>();
    for (Meter meter : registry.getMeters()) {
      assertThat(meter.getId().getTag("cache")).isEqualTo(fleet.name());
      assertThat(meter.getId().getDescription()).isNotBlank();
      if (meter instanceof FunctionCounter counter) {
        all.add(counter);
      }
    }
    assertThat(all).hasSize(Served.values().length + 4 + Count.values().length);
    assertThat(registry.getMeters()).hasSize(all.size() + 3);
    assertThat(registry.get("headroom.cache.shared.bytes").functionCounters())
        .hasSize(2)
        .allMatch(counter -> "bytes".equals(counter.getId().getBaseUnit()));
    assertThat(registry.get("headroom.cache.suspect").timeGauge().value(TimeUnit.SECONDS))
        .isBetween(0.0, 600.0);
  }

  @Test
  void withoutASharedTierThereAreNone() {
    SimpleMeterRegistry alone = new SimpleMeterRegistry();
    CacheMetrics.of(TieredCache.<String, String>builder("alone", key -> key).build()).bindTo(alone);
    assertThat(alone.getMeters()).hasSize(Served.values().length + 5);
  }

  @Test
  void whatIsSharedIsCounted() {
    assertThat(here.get("a")).isEqualTo("1");
    awaitMore(0, "fills", "outcome", "kept");
    assertThat(value("shared.bytes", "direction", "written")).isPositive();
    assertThat(value("shared.bytes", "direction", "read")).as("it loaded it").isZero();
    assertThat(there.get("b")).isEqualTo("2");
    OneEntry.soon().until(() -> there.stats().shared().count(Count.FILLS_KEPT) == 1);
    assertThat(here.get("b")).isEqualTo("2");
    assertThat(value("gets", "served", "shared")).isEqualTo(1);
    assertThat(value("shared.bytes", "direction", "read")).isPositive();

    here.invalidate("a");
    there.invalidate("b");

    assertThat(value("invalidations", "outcome", "sent")).isEqualTo(1);
    awaitMore(1, "invalidations", "outcome", "seen");
    assertThat(value("invalidations.open")).isZero();
    fleet.table().put("a", "x".repeat(200));
    assertThat(here.get("a")).hasSize(200);
    assertThat(value("not.shared", "reason", "too_large")).isEqualTo(1);
    fleet.table().put("b", "\uD83D");
    assertThat(here.get("b")).hasSize(1);
    assertThat(value("not.shared", "reason", "not_encoded")).isEqualTo(1);
    redis.get().command("PUBLISH", "headroom:" + fleet.name(), "garbage");
    awaitMore(0, "undecodable");
    for (String none : List.of("histories.lost", "partitions.stale", "gap.repairs")) {
      assertThat(value(none)).as("all is well: %s", none).isZero();
    }
  }

  @Test
  void whatIsLoadedTwiceIsCounted() throws Exception {
    CountDownLatch invalidated = new CountDownLatch(1);
    CountDownLatch loading = new CountDownLatch(1);
    fleet.between =
        key -> {
          fleet.between = same -> null;
          loading.countDown();
          invalidated.await();
          return null;
        };
    CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> there.get("a"));
    loading.await();
    assertThat(here.get("a")).isEqualTo("1");
    invalidated.countDown();
    assertThat(first).succeedsWithin(Duration.ofSeconds(20));

    assertThat(value("lease.waits.in.vain")).isEqualTo(1);
    assertThat(value("loads.unshared")).isEqualTo(1);
    fleet.between =
        key -> {
          there.invalidate("b"); // while it is loaded
          return null;
        };
    assertThat(here.get("b")).isEqualTo("2");
    awaitMore(0, "fills", "outcome", "refused");
  }

  @Test
  void whatIsMissedIsCounted() {
    redis.get().killClients("pubsub");
    for (int i = 0; i < 20; i++) {
      there.invalidate("a");
    }
    OneEntry.soon()
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () ->
                value("invalidations", "outcome", "seen")
                        + value("invalidations", "outcome", "repaired")
                    >= 20);
    assertThat(value("gap.repairs") > 0)
        .isEqualTo(value("invalidations", "outcome", "repaired") > 0);

    redis.get().flush();
    here.get("a");
    awaitMore(0, "partitions.stale");
  }

  @Test
  void aServerThatIsAwayIsCounted() {
    CountDownLatch stopped = new CountDownLatch(1);
    fleet.between =
        key -> {
          fleet.between = same -> null;
          redis.get().stop(); // the lease is taken, the fill gets no answer
          stopped.countDown();
          return null;
        };
    assertThat(here.get("a")).isEqualTo("1");
    here.invalidate("a");
    assertThat(value("invalidations", "outcome", "delayed")).isPositive();
    assertThat(value("invalidations.open")).isPositive();
    assertThat(value("shared.failures", "reason", "failed")).isPositive();
    awaitMore(0, "fills", "outcome", "failed");
    OneEntry.soon()
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () -> {
              here.invalidate("b");
              return value("shared.failures", "reason", "not_asked") > 0;
            });
    double suspect = value("suspect");
    awaitMore(suspect, "suspect");

    redis.get().resume();

    awaitMore(0, "invalidations", "outcome", "sent_again");
    OneEntry.soon().atMost(20, TimeUnit.SECONDS).until(() -> value("invalidations.open") == 0);
  }
}
