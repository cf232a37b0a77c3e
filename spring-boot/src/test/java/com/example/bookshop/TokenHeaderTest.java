package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.bookshop.RunningBookshop.Browser;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients without cookies hand on what they have seen in a header, and keys are rotated. */
class TokenHeaderTest {

  private static final String SEEN = "X-Seen";

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @BeforeAll
  static void tables() throws SQLException {
    Serving.makeTables(postgres);
  }

  @AfterEach
  void resume() {
    postgres.replicasOf(0).forEach(PostgresServer::resumeReplay);
  }

  private static RunningBookshop shop(Map<String, String> more) {
    Map<String, String> overrides = Serving.by(postgres, redis.get());
    overrides.put("headroom.request.token.header", SEEN);
    overrides.putAll(more);
    return new RunningBookshop(overrides);
  }

  @Test
  void aHeaderSaysWhatWasSeenAlsoAfterTheKeyWasReplaced() {
    String author;
    String seen;
    try (RunningBookshop before = shop(Map.of())) {
      Serving.awaitCaughtUp(before, postgres);
      postgres.replicasOf(0).forEach(PostgresServer::pauseReplay);
      HttpResponse<String> added = before.browser().send("POST", "/authors?name=Zweig", SEEN, "");
      author = "/authors/" + added.body();
      seen = added.headers().firstValue(SEEN).orElseThrow();
      Browser program = before.browser();
      assertThat(program.send("GET", author, SEEN, seen).body()).contains("Zweig");
      assertThat(program.send("GET", author, SEEN, "").body()).isEqualTo("[]");
      assertThat(program.send("GET", author, SEEN, seen + "A").body()).as("forged").isEqualTo("[]");
    }
    try (RunningBookshop after =
        shop(
            Map.of(
                "headroom.request.token.key", "another key of some length",
                "headroom.request.token.key-id", "2",
                "headroom.request.token.accepted-keys.1", "no more than an example"))) {
      assertThat(after.browser().send("GET", author, SEEN, seen).body()).contains("Zweig");
    }
  }
}
