package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Spans;
import io.headroom.jdbc.BorrowHook;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.RoutingListener;
import io.headroom.sharding.FileShardMapStore;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardMapStore;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardRouterBuilder;
import io.headroom.sharding.ShardStrategy;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.sharding.ShardingListener;
import java.util.Objects;
import javax.sql.DataSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * The application's {@link DataSource}, by what {@code headroom.database} has: one pool, a {@link
 * ReplicaDataSource}, or a {@link ShardedDataSource}. It stands where Spring Boot's own stood.
 */
@AutoConfiguration(
    after = {HeadroomAutoConfiguration.class, HeadroomGuardAutoConfiguration.class},
    beforeName = {
      "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
      "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"
    })
@Conditional(OnProperties.Any.class)
@ConditionalOnMissingBean(DataSource.class)
public final class HeadroomDatabaseAutoConfiguration {

  HeadroomDatabaseAutoConfiguration() {}

  @Bean
  Databases headroomDatabases(
      HeadroomProperties properties,
      ObjectProvider<GuardedPools> guard,
      ObjectProvider<RoutingListener> listeners,
      ObjectProvider<Spans> spans,
      Environment environment) {
    if (environment.containsProperty("spring.datasource.url")) {
      LoggerFactory.getLogger(HeadroomDatabaseAutoConfiguration.class)
          .warn("spring.datasource.url is not used, since headroom.database is there: drop it");
    }
    return new Databases(
        Objects.requireNonNull(properties.database()),
        guard.getIfAvailable(),
        listeners.orderedStream().toList(),
        spans.getIfAvailable(() -> Spans.NONE));
  }

  /** One server. */
  @Configuration(proxyBeanMethods = false)
  @Conditional(OnProperties.Single.class)
  static class Single {

    /** Closed with the databases, as {@link HikariDataSource} would be. */
    @Bean(destroyMethod = "")
    DataSource dataSource(Databases databases) {
      return databases.only();
    }
  }

  /** A primary and its replicas. */
  @Configuration(proxyBeanMethods = false)
  @Conditional(OnProperties.Replicated.class)
  static class Replicated {

    @Bean
    ReplicaDataSource dataSource(Databases databases) {
      return (ReplicaDataSource) databases.only();
    }
  }

  /** Several shards. */
  @Configuration(proxyBeanMethods = false)
  @Conditional(OnProperties.Sharded.class)
  static class Sharded {

    private static final String AT = "headroom.database.sharding.";

    @Bean
    @ConditionalOnMissingBean
    ShardRouter<?> shardRouter(
        HeadroomProperties properties,
        ObjectProvider<ShardMap> map,
        ObjectProvider<ShardMapStore> store,
        ObjectProvider<ShardingListener> listeners,
        ObjectProvider<Spans> spans) {
      DatabaseProperties database = Objects.requireNonNull(properties.database());
      ShardRouterBuilder<?> builder =
          switch (database.sharding().key()) {
            case LONG -> ShardRouter.builder(ShardStrategy.hashedLongs());
            case STRING -> ShardRouter.builder(ShardStrategy.hashedStrings());
            case UUID -> ShardRouter.builder(ShardStrategy.hashedUuids());
          };
      listeners.orderedStream().forEach(builder::listener);
      spans.ifAvailable(builder::spans);
      ShardMapStore kept = store.getIfAvailable();
      ShardMap fixed = map.getIfAvailable();
      if (kept != null) {
        builder.store(kept);
      } else if (fixed != null) {
        builder.map(fixed);
      } else {
        builder.map(
            Setting.check(
                "headroom.database.shards", () -> ShardMap.of(database.shards().keySet())));
      }
      return Setting.check(
          database.sharding().mapFile() == null ? "headroom.database.shards" : AT + "map-file",
          builder::build);
    }

    @Bean
    ShardedDataSource dataSource(
        ShardRouter<?> router,
        Databases databases,
        HeadroomProperties properties,
        ObjectProvider<BorrowHook> hook) {
      ShardedDataSource.Builder builder =
          ShardedDataSource.builder(router).dataSources(databases.clusters());
      Setting.set(
          AT + "metadata-shard",
          Objects.requireNonNull(properties.database()).sharding().metadataShard(),
          builder::metadataShard);
      hook.ifAvailable(builder::borrowHook);
      return Setting.check("headroom.database.shards", builder::build);
    }

    /** The map that all processes have. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty("headroom.database.sharding.map-file")
    static class MapFile {

      @Bean
      @ConditionalOnMissingBean
      ShardMapStore shardMapStore(HeadroomProperties properties) {
        return FileShardMapStore.builder(
                Objects.requireNonNull(
                    Objects.requireNonNull(properties.database()).sharding().mapFile()))
            .build();
      }
    }
  }
}
