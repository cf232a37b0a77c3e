package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.bookshop.RunningBookshop.Browser;
import io.headroom.routing.NoFreshReplicaException;
import io.headroom.routing.NoPrimaryException;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.TransientDataAccessResourceException;

/** The application where there is not enough of something. */
class OutageTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @BeforeAll
  static void tables() throws SQLException {
    Serving.makeTables(postgres);
  }

  @AfterEach
  void heal() {
    postgres.heal();
    redis.heal();
  }

  private static RunningBookshop shop(Map<String, String> more) {
    Map<String, String> overrides = Serving.by(postgres, redis.get());
    overrides.putAll(more);
    return new RunningBookshop(overrides);
  }

  /** Both connections for writes are held: who would wait for longer than 200 ms is told so. */
  @Test
  void whoGetsNoConnectionIsToldWhenToComeBack() throws Exception {
    try (RunningBookshop shop = shop(Map.of("headroom.database.pool.maximum-size", "2"))) {
      Browser user = shop.browser();
      BookshopController controller = shop.bean(BookshopController.class);
      List<CompletableFuture<HttpResponse<String>>> holders =
          List.of(
              CompletableFuture.supplyAsync(() -> user.post("/hold")),
              CompletableFuture.supplyAsync(() -> user.post("/hold")));
      try {
        controller.held.await();
        HttpResponse<String> refused = user.post("/authors?name=Roth");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValueAsLong("Retry-After")).isPresent();
        assertThat(refused.body()).contains("temporary-reduced-capacity");
        assertThat(user.get("/port").statusCode()).as("reads go on").isEqualTo(200);
      } finally {
        controller.letGo.countDown();
      }
      assertThat(holders).allMatch(holder -> holder.join().statusCode() == 200);
      Awaitility.await().until(() -> user.post("/authors?name=Roth").statusCode() == 200);
    }
  }

  /** What routing throws reaches the filter through Spring's transactions, templates and MVC. */
  @Test
  void whoFindsNoServerIsToldWhenToComeBack() {
    try (RunningBookshop shop = shop(Map.of("headroom.database.routing.primary-wait", "100ms"))) {
      Browser user = shop.browser();
      Catalogue catalogue = shop.bean(Catalogue.class);
      postgres.server(0).kill();
      awaitHealth(user, 200, "\"writes\":false,\"reads\":true");
      assertTranslated(() -> catalogue.add("Roth"), NoPrimaryException.class);
      assertToldToComeBack(user.post("/authors?name=Roth"));
      assertThat(user.get("/port").statusCode()).as("reads go on").isEqualTo(200);

      postgres.replicasOf(0).forEach(PostgresServer::kill);
      awaitHealth(user, 503, "\"writes\":false,\"reads\":false");
      assertTranslated(catalogue::port, NoFreshReplicaException.class);
      assertToldToComeBack(user.get("/port"));
    }
  }

  private static void assertTranslated(
      ThrowableAssert.ThrowingCallable work, Class<? extends SQLException> cause) {
    assertThatThrownBy(work)
        .isInstanceOf(TransientDataAccessResourceException.class)
        .cause()
        .isInstanceOf(cause);
  }

  private static void assertToldToComeBack(HttpResponse<String> refused) {
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
    assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
    assertThat(refused.body()).contains("temporary-reduced-capacity").doesNotContain("database");
  }

  /** Two processes share what the limit admits. */
  @Test
  void whoAsksForMoreThanTheLimitIsToldWhenToComeBack() {
    Map<String, String> three =
        Map.of("headroom.limits.orders.rate", "3/h", "headroom.name", "limited");
    try (RunningBookshop one = shop(three);
        RunningBookshop other = shop(three)) {
      assertThat(one.browser().get("/orders/criticality").statusCode()).isEqualTo(200);
      assertThat(other.browser().get("/orders/criticality").statusCode()).isEqualTo(200);
      assertThat(one.browser().get("/orders/criticality").statusCode()).isEqualTo(200);
      HttpResponse<String> refused = other.browser().get("/orders/criticality");
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      assertThat(String.join(", ", refused.headers().allValues("RateLimit")))
          .contains("\"orders\"");
      assertThat(refused.body()).contains("\"orders\"");
      assertThat(other.browser().get("/criticality/x").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void healthIsDownOnlyWhenNoServerIsLeft() {
    try (RunningBookshop shop = shop(Map.of())) {
      Browser user = shop.browser();
      HttpResponse<String> well = user.get("/actuator/health");
      assertThat(well.statusCode()).as(well.body()).isEqualTo(200);
      assertThat(well.body())
          .contains("\"clusters\":{\"database\":{\"writes\":true,\"reads\":true")
          .contains("\"levels\":");

      postgres.server(0).kill();
      awaitHealth(user, 200, "\"writes\":false,\"reads\":true");
      assertThat(user.get("/port").statusCode()).isEqualTo(200);

      postgres.replicasOf(0).forEach(PostgresServer::kill);
      awaitHealth(user, 503, "\"writes\":false,\"reads\":false");
    }
  }

  private static void awaitHealth(Browser user, int status, String details) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              HttpResponse<String> health = user.get("/actuator/health");
              assertThat(health.body()).contains(details);
              assertThat(health.statusCode()).isEqualTo(status);
            });
  }
}
