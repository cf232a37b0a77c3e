package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is fresh in the shared tier is loaded anew there ahead of its end (XFetch). */
class SharedRefreshTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @Test
  void aReaderLoadsAnewInTheBackground() {
    try (Fleet fleet = slow()) {
      TieredCache<String, String> here = eager(fleet);
      OneEntry.soon().until(() -> "1".equals(here.get("a")) && isShared(here, 1));
      long loaded = here.stats().served(Served.LOADED);
      fleet.table().put("a", "2");

      OneEntry.soon().until(() -> "2".equals(here.get("a")));

      assertThat(here.stats().refreshes()).isPositive();
      assertThat(here.stats().served(Served.LOADED)).as("nobody waited").isEqualTo(loaded);
    }
  }

  @Test
  void aReaderOfManyDoesToo() {
    try (Fleet fleet = slow()) {
      TieredCache<String, String> here = eager(fleet);
      OneEntry.soon().until(() -> here.getAll(List.of("a", "b")).size() == 2 && isShared(here, 2));
      long loaded = here.stats().served(Served.LOADED);
      fleet.table().putAll(Map.of("a", "2", "b", "2"));

      OneEntry.soon()
          .until(() -> here.getAll(List.of("a", "b")).equals(Map.of("a", "2", "b", "2")));

      assertThat(here.stats().served(Served.LOADED)).as("nobody waited").isEqualTo(loaded);
    }
  }

  /** Loads take so long that, with 20 seconds left and a hundredfold eagerness, many draws hit. */
  private static Fleet slow() {
    Fleet fleet = new Fleet(redis.get());
    fleet.table().putAll(Map.of("a", "1", "b", "1"));
    fleet.between =
        key -> {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
          return null;
        };
    return fleet;
  }

  private static TieredCache<String, String> eager(Fleet fleet) {
    return fleet.process(
        cache -> cache.ttl(Duration.ofMillis(1)).refreshAhead(100),
        shared -> shared.partitions(1).ttl(Duration.ofSeconds(20)));
  }

  private static boolean isShared(TieredCache<String, String> cache, int keys) {
    return cache.stats().shared().count(Count.FILLS_KEPT) >= keys
        && cache.stats().served(Served.SHARED) >= keys;
  }
}
