package com.example.ledger;

import io.headroom.spring.boot.ShardKeyResolver;
import java.util.Optional;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableAsync;

/** The application. */
@SpringBootApplication
@EnableAsync
public class LedgerApplication {

  // snippet: shard-key-resolver
  @Bean
  ShardKeyResolver shardKeyResolver() {
    return request -> Optional.ofNullable(request.getHeader("X-User")).map(Long::valueOf);
  }
  // end snippet
}
