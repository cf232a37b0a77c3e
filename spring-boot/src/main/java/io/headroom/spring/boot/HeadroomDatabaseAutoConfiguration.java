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
import java.time.Duration;
import java.util.Objects;
import javax.sql.DataSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

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
      ListableBeanFactory beans,
      Environment environment) {
    DatabaseProperties database = Objects.requireNonNull(properties.database());
    if (environment.containsProperty("spring.datasource.url")) {
      LoggerFactory.getLogger(HeadroomDatabaseAutoConfiguration.class)
          .warn("spring.datasource.url is not used, since headroom.database is there: drop it");
    }
    refuseOfFlyway("spring.flyway.url", environment);
    refuseOfFlyway("spring.flyway.user", environment);
    LongWaits.warn(database, properties.request());
    UnrunFlyway.warn(database.migrations(), beans, environment);
    return new Databases(
        database,
        guard.getIfAvailable(),
        listeners.orderedStream().toList(),
        spans.getIfAvailable(() -> Spans.NONE));
  }

  /** Else Spring Boot would have Flyway go there, and to no shard. */
  private static void refuseOfFlyway(String property, Environment environment) {
    if (environment.containsProperty(property)
        && ClassUtils.isPresent("org.flywaydb.core.Flyway", null)
        && environment.getProperty("spring.flyway.enabled", Boolean.class, true)) {
      throw Setting.wrong(
          property,
          "stands beside headroom.database, which says where Flyway's servers are.",
          "Drop it; a user of its own is headroom.database.migrations.username.");
    }
  }

  @Bean
  MigrationReport headroomMigrationReport() {
    return new MigrationReport();
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
    private static final Duration SCHEMA_QUERY_TIMEOUT = Duration.ofSeconds(10);

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

    @Bean
    DriftCheck headroomDriftCheck(
        Databases databases, HeadroomProperties properties, Environment environment) {
      return new DriftCheck(
          databases,
          Objects.requireNonNull(properties.database()).drift(),
          new SchemaReader(
              environment.getProperty("spring.flyway.table", "flyway_schema_history"),
              SCHEMA_QUERY_TIMEOUT));
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
