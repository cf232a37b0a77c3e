package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.CacheListener;
import io.headroom.routing.RoutingListener;
import io.headroom.spring.cache.HeadroomCacheManager;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Beans that listen hear of everything of their kind, and of which it is. */
class ListenersTest {

  private static final List<String> HEARD = new CopyOnWriteArrayList<>();

  @Configuration(proxyBeanMethods = false)
  static class Listening {
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

  @Test
  void theyAreToldWhichCacheAndWhichClusterItIsAbout() {
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
