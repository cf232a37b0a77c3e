package com.example.bookshop;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

// snippet: spring-shards
/** Two shards, each of them a primary and its replica. */
@Configuration(proxyBeanMethods = false)
@Profile("shards")
class ShardConfiguration {

  @Bean
  ShardedDataSource dataSource(
      ShardRouter<Long> router,
      @Qualifier("shard0") ReplicaDataSource shard0,
      @Qualifier("shard1") ReplicaDataSource shard1) {
    Map<String, DataSource> shards = Map.of("s0", shard0, "s1", shard1);
    return ShardedDataSource.builder(router).dataSources(shards).metadataShard("s0").build();
  }

  @Bean
  ShardRouter<Long> router() {
    return ShardRouter.forLongs(ShardMap.of("s0", "s1"));
  }

  @Bean(defaultCandidate = false)
  ReplicaDataSource shard0(
      @Qualifier("pool0") HikariDataSource primary,
      @Qualifier("pool0Replica") HikariDataSource replica) {
    return ReplicaDataSource.builder("s0")
        .primary("s0-a", primary)
        .replica("s0-b", replica)
        .build();
  }

  @Bean(defaultCandidate = false)
  ReplicaDataSource shard1(
      @Qualifier("pool1") HikariDataSource primary,
      @Qualifier("pool1Replica") HikariDataSource replica) {
    return ReplicaDataSource.builder("s1")
        .primary("s1-a", primary)
        .replica("s1-b", replica)
        .build();
  }

  // end snippet

  @Bean(defaultCandidate = false)
  HikariDataSource pool0(@Value("${shards.s0.primary}") String url) {
    return pool(url);
  }

  @Bean(defaultCandidate = false)
  HikariDataSource pool0Replica(@Value("${shards.s0.replica}") String url) {
    return pool(url);
  }

  @Bean(defaultCandidate = false)
  HikariDataSource pool1(@Value("${shards.s1.primary}") String url) {
    return pool(url);
  }

  @Bean(defaultCandidate = false)
  HikariDataSource pool1Replica(@Value("${shards.s1.replica}") String url) {
    return pool(url);
  }

  private static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }
}
