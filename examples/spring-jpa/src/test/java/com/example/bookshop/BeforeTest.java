package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.routing.ReplicaDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The application as it was: one server, Spring Boot's own pool, nothing of Headroom. */
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
      assertThat(shop.has(ReplicaDataSource.class)).isFalse();
      assertThat(shop.has(SeenCookieFilter.class)).isFalse();
    }
  }
}
