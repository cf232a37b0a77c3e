package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.guard.ConnectionGuard;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardStrategy;
import io.headroom.spring.cache.HeadroomCacheManager;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application may have two of what it makes itself. */
class SeveralBeansTest {

  /** Two of each. */
  @Configuration(proxyBeanMethods = false)
  static class Two {

    @Bean
    ConnectionGuard readers() {
      return ConnectionGuard.builder().build();
    }

    @Bean
    ConnectionGuard writers() {
      return ConnectionGuard.builder().build();
    }

    @Bean
    ShardRouter<?> customers() {
      return router("c0", "c1");
    }

    @Bean
    ShardRouter<?> suppliers() {
      return router("s0");
    }

    private static ShardRouter<?> router(String... shards) {
      return ShardRouter.builder(ShardStrategy.hashedLongs())
          .map(ShardMap.of(List.of(shards)))
          .build();
    }

    @Bean
    HeadroomCacheManager prices() {
      return HeadroomCacheManager.builder().cache("prices", cache -> {}).build();
    }

    @Bean
    HeadroomCacheManager texts() {
      return HeadroomCacheManager.builder()
          .cache("prices", cache -> {})
          .cache("titles", cache -> {})
          .build();
    }
  }

  @Test
  void allOfThemAreShownAndMeasured() {
    Applications.plain()
        .withUserConfiguration(Two.class)
        .withPropertyValues("headroom.request.timeout=1s")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              Map<String, Object> all = context.getBean(Overview.class).all();
              assertThat(all.get("maps"))
                  .asInstanceOf(InstanceOfAssertFactories.MAP)
                  .containsOnlyKeys("customers", "suppliers");
              assertThat(all.get("caches"))
                  .asInstanceOf(InstanceOfAssertFactories.MAP)
                  .containsOnlyKeys("prices", "texts/prices", "titles");
              assertThat(context.getBean(MeterRegistry.class).getMeters())
                  .extracting(meter -> meter.getId().getName())
                  .anyMatch(name -> name.startsWith("headroom.guard."))
                  .anyMatch(name -> name.startsWith("headroom.sharding."));
            });
  }
}
