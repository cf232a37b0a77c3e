package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.cache.CacheListener;
import io.headroom.routing.RoutingListener;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.sharding.ShardingListener;
import io.headroom.sharding.SlotFencedException;
import io.headroom.spring.cache.HeadroomCacheManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Beans that listen hear of everything of their kind, and of which it is. */
class ListenersTest {

  private static final List<String> HEARD = new CopyOnWriteArrayList<>();
  private static final long MOVING = 5;

  @Configuration(proxyBeanMethods = false)
  static class Listening {

    /** On which a key of the south's is closed, on its way to the north. */
    @Bean
    ShardMap map() {
      ShardMap pinned = ShardMap.of("north", "south").withPin(MOVING, "south");
      int slot = pinned.slotOfPin(MOVING);
      return pinned.startMove(slot, "north").fence(slot);
    }

    @Bean
    ShardingListener ofRouters() {
      return new ShardingListener() {
        @Override
        public void onRefreshed(String router, boolean newer) {
          HEARD.add("router " + router + (newer ? " has a" : " has no") + " newer map");
        }

        @Override
        public void onFenced(String router, String shardId, int slot) {
          HEARD.add("router " + router + " shard " + shardId);
        }
      };
    }

    @Bean
    CacheListener ofCaches() {
      return new CacheListener() {
        @Override
        public void onLoaded(String cache, long tookNanos, int keys) {
          HEARD.add("cache " + cache);
        }
      };
    }

    @Bean
    RoutingListener ofClusters() {
      return new RoutingListener() {
        @Override
        public void onDown(String cluster, String node, Exception cause) {
          HEARD.add("cluster " + cluster + " node " + node);
        }
      };
    }
  }

  private static boolean runOn(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      return statement.execute("SELECT 1");
    }
  }

  @Test
  void theyAreToldWhichCacheClusterOrRouterItIsAbout() {
    HEARD.clear();
    Applications.bare()
        .withUserConfiguration(Listening.class)
        .withPropertyValues(
            "headroom.caches.books.ttl=1m",
            "headroom.caches.authors.ttl=1m",
            "headroom.database.shards.north.primary.url=" + Applications.NOWHERE,
            "headroom.database.shards.north.replicas.one.url=" + Applications.NOWHERE,
            "headroom.database.shards.south.primary.url=" + Applications.NOWHERE,
            "headroom.database.shards.south.replicas.two.url=" + Applications.NOWHERE)
        .run(
            started -> {
              HeadroomCacheManager caches = started.getBean(HeadroomCacheManager.class);
              for (String name : List.of("books", "authors")) {
                Objects.requireNonNull(caches.getCache(name)).get(1L, () -> "loaded");
              }
              assertThat(HEARD).contains("cache books", "cache authors");
              ShardedDataSource sharded = started.getBean(ShardedDataSource.class);
              assertThat(sharded.router().refresh()).isFalse();
              assertThatThrownBy(() -> runOn(sharded.forKey(MOVING)))
                  .isInstanceOf(SlotFencedException.class);
              assertThat(HEARD)
                  .contains("router shards has no newer map", "router shards shard south");
              Awaitility.await()
                  .untilAsserted(
                      () ->
                          assertThat(HEARD)
                              .contains(
                                  "cluster north node primary",
                                  "cluster north node one",
                                  "cluster south node primary",
                                  "cluster south node two"));
            });
  }
}
