package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.bookshop.RunningBookshop.Browser;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The primary dies under the running application, and a replica is promoted. */
class FailoverTest {

  @RegisterExtension
  static final PostgresExtension postgres =
      PostgresExtension.servers(1).replicas(2).setting("log_statement", "all").exclusive();

  @Test
  void needsNoRestart() {
    PostgresServer primary = postgres.server(0);
    List<PostgresServer> replicas = postgres.replicasOf(0);
    PostgresServer promoted = replicas.get(0);
    try (RunningBookshop shop = RunningBookshop.after(primary, replicas, postgres.database())) {
      Browser user = shop.browser();
      long author = user.author("Beckett");
      String books = "/authors/" + author + "/books";
      user.post(books, "title", "Murphy");
      promoted.awaitReplayOf(primary);
      replicas.get(1).awaitReplayOf(primary);

      primary.kill();
      assertThat(shop.browser().get("/authors/" + author + "/titles"))
          .as("replicas serve while there is no primary")
          .isEqualTo("[\"Murphy\"]");
      promoted.promote();
      long start = System.nanoTime();
      // a pooled connection whose server has just died fails its first statement; users try again
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(user.post(books, "title", "Molloy"))
                      .isEqualTo("[\"Murphy\",\"Molloy\"]"));
      System.out.printf(
          "first write answered %d ms after the promotion%n",
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
      assertThat(user.get("/authors/" + author)).contains("Murphy", "Molloy");
      assertThat(shop.borrowed()).isZero();
    }
  }
}
