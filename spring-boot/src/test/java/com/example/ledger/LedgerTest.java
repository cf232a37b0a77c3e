package com.example.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.SlotFencedException;
import io.headroom.testkit.servers.PostgresExtension;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.framework.Advised;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.TransientDataAccessException;

/** A sharded application whose code has no scopes, on real servers, also over HTTP. */
class LedgerTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private static ConfigurableApplicationContext context;
  private static Ledger ledger;

  /** Two users of one shard, and one of the other. */
  private static long user;

  private static long neighbour;
  private static long stranger;

  @BeforeAll
  @SuppressWarnings("unchecked") // keys are long unless set
  static void start() {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.flyway.locations=classpath:/migrations/ledger",
                "--headroom.guard.enabled=true",
                "--management.endpoints.web.exposure.include=health,headroom",
                "--management.health.db.enabled=false"));
    for (int shard = 0; shard < 2; shard++) {
      arguments.add(
          "--headroom.database.shards.s" + shard + ".primary.url=" + postgres.jdbcUrl(shard));
    }
    context =
        new SpringApplicationBuilder(LedgerApplication.class).run(arguments.toArray(String[]::new));
    ledger = context.getBean(Ledger.class);
    ShardRouter<Long> router = context.getBean(ShardRouter.class);
    user = firstFrom(1, router, "s0");
    neighbour = firstFrom(user + 1, router, "s0");
    stranger = firstFrom(1, router, "s1");
  }

  private static long firstFrom(long from, ShardRouter<Long> router, String shard) {
    return LongStream.iterate(from, next -> next + 1)
        .filter(key -> router.shardFor(key).id().equals(shard))
        .findFirst()
        .orElseThrow();
  }

  @AfterAll
  static void stop() {
    context.close();
  }

  @AfterEach
  void empty() throws SQLException {
    for (int shard = 0; shard < 2; shard++) {
      try (Connection connection = postgres.dataSource(shard).getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("DELETE FROM entry");
      }
    }
  }

  private static List<String> rows(int shard) throws SQLException {
    try (Connection connection = postgres.dataSource(shard).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT text FROM entry ORDER BY text")) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(rows.getString(1));
      }
      return all;
    }
  }

  private static HttpResponse<String> ask(String method, String path, long asks)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://localhost:"
                        + context.getEnvironment().getProperty("local.server.port")
                        + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    return HttpClient.newHttpClient()
        .send(
            (asks == 0 ? request : request.header("X-User", Long.toString(asks))).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aParameterSaysTheShard() throws SQLException {
    ledger.add(user, "one");
    ledger.add(stranger, "two");
    assertThat(rows(0)).containsExactly("one");
    assertThat(rows(1)).containsExactly("two");
    assertThat(ledger.portOf(user)).isEqualTo(Integer.toString(postgres.server(0).port()));
    assertThat(ledger.portOf(stranger)).isEqualTo(Integer.toString(postgres.server(1).port()));
  }

  @Test
  void withoutAKeyThereIsNoShard() throws Exception {
    assertThatThrownBy(() -> ledger.mine())
        .rootCause()
        .hasMessageContaining("no shard key for a statement");
    HttpResponse<String> answer = ask("GET", "/mine", 0);
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("MissingShardKeyException");
  }

  @Test
  void theKeyIsThereBeforeTheTransactionAndOnTheThreadOfAsync() {
    List<String> order =
        Arrays.stream(((Advised) ledger).getAdvisors())
            .map(advisor -> advisor.getAdvice().getClass().getSimpleName())
            .toList();
    assertThat(order).hasSize(3);
    assertThat(order.get(0)).startsWith("AnnotationAsync");
    assertThat(order.get(2)).startsWith("TransactionInterceptor");
    assertThat(ledger.portLater(stranger).join()).startsWith(postgres.server(1).port() + " true");
  }

  @Test
  void aRequestGoesToTheShardOfWhoAsks() throws Exception {
    assertThat(ask("POST", "/mine?text=one", user).statusCode()).isEqualTo(200);
    assertThat(ask("POST", "/mine?text=two", stranger).statusCode()).isEqualTo(200);
    assertThat(rows(0)).containsExactly("one");
    assertThat(rows(1)).containsExactly("two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/mine", "/mine/later", "/mine/called"})
  void aRequestStaysThereWhoeverWorksForIt(String path) throws Exception {
    ledger.add(user, "one");
    ledger.add(stranger, "two");
    assertThat(ask("GET", path, user).body()).isEqualTo("[\"one\"]");
    assertThat(ask("GET", path, stranger).body()).isEqualTo("[\"two\"]");
  }

  @Test
  void aParameterGoesBeforeTheRequest() throws Exception {
    ledger.add(stranger, "two");
    assertThat(ask("GET", "/users/" + stranger + "/entries", user).body()).isEqualTo("[\"two\"]");
    assertThat(ask("GET", "/users/" + user + "/entries", stranger).body()).isEqualTo("[]");
  }

  @Test
  void aTransactionHasOneKey() throws Exception {
    assertThatThrownBy(() -> ledger.addToBoth(user, stranger, "x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("com.example.ledger.Ledger.add")
        .hasMessageContaining("a transaction has one shard");
    assertThatThrownBy(() -> ledger.addToOther(user, stranger, "x"))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ledger.addToBoth(user, neighbour, "x"))
        .as("though both are on one shard today")
        .hasMessageContaining("a transaction has one shard");
    HttpResponse<String> answer =
        ask("POST", "/users/" + user + "/entries?text=x&also=" + stranger, stranger);
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("a transaction has one shard");
    assertThat(rows(0)).isEmpty();
    assertThat(rows(1)).isEmpty();
  }

  /** For the moment of a cut-over; what was to be written may be sent again. */
  @Test
  @SuppressWarnings("unchecked") // keys are long unless set
  void whoWritesToASlotAtItsCutOverIsToldWhenToComeBack() throws Exception {
    ShardRouter<Long> router = context.getBean(ShardRouter.class);
    int slot = router.slotFor(user);
    router.update(router.map().startMove(slot, "s1"));
    router.update(router.map().fence(slot));
    try {
      assertThatThrownBy(() -> ledger.add(user, "x"))
          .isInstanceOf(TransientDataAccessException.class)
          .hasRootCauseInstanceOf(SlotFencedException.class);
      HttpResponse<String> refused = ask("POST", "/entries/" + user + "?text=one", 0);
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
      assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      assertThat(refused.body()).contains("temporary-reduced-capacity").doesNotContain("slot");
      assertThat(ask("POST", "/entries/" + stranger + "?text=two", 0).statusCode()).isEqualTo(200);
    } finally {
      router.update(router.map().cancelMove(slot));
    }
    assertThat(rows(0)).isEmpty();
    assertThat(rows(1)).containsExactly("two");
    assertThat(ask("POST", "/entries/" + user + "?text=one", 0).statusCode()).isEqualTo(200);
    assertThat(rows(0)).containsExactly("one");
  }

  @Test
  void aKeyThatIsNullIsNamed() {
    assertThatThrownBy(() -> ledger.portOf(null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("com.example.ledger.Ledger.portOf");
  }

  /** Whose header is none, if the resolver were asked. */
  @Test
  void whoAsksForHealthNeedsNoKey() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://localhost:"
                        + context.getEnvironment().getProperty("local.server.port")
                        + "/actuator/headroom"))
            .header("X-User", "nobody")
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"migrations\":{\"s0\":{\"from\":", "\"drift\":{");
  }
}
