package com.example.bookshop;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.routing.ReplicaDataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

// snippet: spring-data-source
/** After: this data source stands where Spring Boot's own stood. */
@Configuration(proxyBeanMethods = false)
@Profile("replicas")
class ReplicaConfiguration {

  @Bean
  ReplicaDataSource dataSource(
      @Qualifier("poolA") HikariDataSource a,
      @Qualifier("poolB") HikariDataSource b,
      @Qualifier("poolC") HikariDataSource c) {
    return ReplicaDataSource.builder("bookshop")
        .primary("a", a)
        .replica("b", b)
        .replica("c", c)
        .build();
  }

  @Bean(defaultCandidate = false)
  HikariDataSource poolA(@Value("${bookshop.nodes.a}") String url) {
    return pool("a", url);
  }

  @Bean(defaultCandidate = false)
  HikariDataSource poolB(@Value("${bookshop.nodes.b}") String url) {
    return pool("b", url);
  }

  @Bean(defaultCandidate = false)
  HikariDataSource poolC(@Value("${bookshop.nodes.c}") String url) {
    return pool("c", url);
  }

  private static HikariDataSource pool(String node, String url) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(node);
    config.setJdbcUrl(url);
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1); // a dead replica does not stop the start
    return new HikariDataSource(config);
  }
}
// end snippet
