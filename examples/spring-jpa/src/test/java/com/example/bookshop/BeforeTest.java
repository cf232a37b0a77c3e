package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.guard.ConnectionGuard;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.cache.CacheManager;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;

/** The application with its file of before: the starter is there, and nothing of it is on. */
class BeforeTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  @Test
  void servesTheSameAnswersFromOneServer() {
    try (RunningBookshop shop = RunningBookshop.before(postgres.server(0), postgres.database())) {
      RunningBookshop.Browser user = shop.browser();
      long author = user.author("Joyce");
      assertThat(user.post("/authors/" + author + "/books", "title", "Dubliners"))
          .isEqualTo("[\"Dubliners\"]");
      assertThat(user.get("/authors/" + author)).contains("Joyce", "Dubliners");
      assertThat(user.get("/books/count")).isEqualTo("1");
      assertThat(user.get("/authors/" + author + "/name")).isEqualTo("Joyce");
      assertThat(shop.has(ReplicaDataSource.class)).isFalse();
      assertThat(shop.has(ConnectionGuard.class)).isFalse();
      assertThat(shop.bean(CacheManager.class)).isInstanceOf(ConcurrentMapCacheManager.class);
      assertThat(user.ask("/books/count").headers().map()).doesNotContainKey("ratelimit-policy");
    }
  }
}
