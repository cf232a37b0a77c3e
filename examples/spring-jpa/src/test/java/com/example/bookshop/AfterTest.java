package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.bookshop.RunningBookshop.Browser;
import io.headroom.guard.ConnectionGuard;
import io.headroom.routing.NodeView;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The application with its file, over HTTP, and which server served what. */
class AfterTest {

  @RegisterExtension
  static final PostgresExtension postgres =
      PostgresExtension.servers(1).replicas(2).setting("log_statement", "all");

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static RunningBookshop shop;
  private static Map<String, List<String>> sentAtStart;

  private StatementLog log;
  private Browser user;
  private long author;

  @BeforeAll
  static void start() {
    StatementLog log = new StatementLog(servers());
    shop = RunningBookshop.after(postgres, redis.get(), Map.of());
    sentAtStart = log.sent();
  }

  @AfterAll
  static void stop() {
    shop.close();
  }

  @BeforeEach
  void oneAuthor() {
    user = shop.browser();
    author = user.author("Woolf");
    awaitCaughtUp();
    log = new StatementLog(servers());
  }

  @AfterEach
  void nothingIsLeaked() {
    replicas().forEach(PostgresServer::resumeReplay);
    assertThat(List.of("database", "database/b", "database/c"))
        .as("connections not given back")
        .allMatch(pool -> shop.bean(ConnectionGuard.class).status(pool).inUse() == 0);
    assertThat(shop.bean(ReplicaDataSource.class).nodes()).allMatch(view -> view.inFlight() == 0);
  }

  private static PostgresServer primary() {
    return postgres.server(0);
  }

  private static List<PostgresServer> replicas() {
    return postgres.replicasOf(0);
  }

  private static List<PostgresServer> servers() {
    List<PostgresServer> servers = new ArrayList<>(List.of(primary()));
    servers.addAll(replicas());
    return servers;
  }

  private static void awaitCaughtUp() {
    Awaitility.await()
        .until(
            () ->
                shop.bean(ReplicaDataSource.class).nodes().stream()
                    .allMatch(view -> view.lag().map(Duration::isZero).orElse(false)));
  }

  private void pauseReplay() {
    awaitCaughtUp();
    replicas().forEach(PostgresServer::pauseReplay);
  }

  private String books() {
    return "/authors/" + author + "/books";
  }

  private String titles() {
    return "/authors/" + author + "/titles";
  }

  @Test
  void theSchemaIsMadeOnThePrimary() {
    assertThat(sentAtStart.get(primary().name())).contains("create author", "create book");
    assertThat(sentAtStart).containsOnlyKeys(primary().name());
    assertThat(shop.bean(ReplicaDataSource.class).nodes())
        .filteredOn(NodeView::primary)
        .extracting(NodeView::name)
        .containsExactly("primary");
  }

  @Test
  void readOnlyTransactionsAreServedByReplicas() {
    for (int i = 0; i < 30; i++) {
      assertThat(user.get(titles())).isEqualTo("[]");
      assertThat(log.sent()).doesNotContainKey(primary().name()).hasSize(1);
    }
  }

  @Test
  void plainSqlInAReadOnlyTransactionIsToo() {
    user.get("/books/count");
    assertThat(log.sent()).doesNotContainKey(primary().name()).hasSize(1);
  }

  @Test
  void oneRequestReadsWritesAndReads() {
    assertThat(user.post(books(), "title", "Orlando")).isEqualTo("[\"Orlando\"]");
    Map<String, List<String>> sent = log.sent();
    assertThat(sent.remove(primary().name())).containsExactly("insert book");
    assertThat(sent.values().stream().flatMap(List::stream))
        .containsExactlyInAnyOrder("select author", "select book");
  }

  @Test
  void plainSqlWritesInATransaction() {
    user.post(books(), "title", "Jacobs Room");
    assertThat(user.put("/books/title?wrong=Jacobs+Room&right=Jacob%27s+Room")).isEqualTo("1");
    assertThat(user.get(titles())).isEqualTo("[\"Jacob's Room\"]");
  }

  @Test
  void ownWritesAreSeenInTheSameRequestAndTheNextWhileReplayIsPaused() {
    pauseReplay();
    assertThat(user.post(books(), "title", "The Waves")).isEqualTo("[\"The Waves\"]");
    assertThat(user.get(titles())).isEqualTo("[\"The Waves\"]");
    assertThat(log.sent().get(primary().name())).contains("insert book", "select book");

    assertThat(shop.browser().get(titles())).as("somebody else, from a replica").isEqualTo("[]");
    assertThat(log.sent()).doesNotContainKey(primary().name());
  }

  @Test
  void aRedirectLeadsToWhatWasJustMadeWhileReplayIsPaused() {
    pauseReplay();
    assertThat(shop.browser().author("Sackville-West")).isNotEqualTo(author);
    assertThat(log.sent()).containsOnlyKeys(primary().name());
  }

  @Test
  void theViewLoadsWhatItAsksForFromReplicasToo() {
    user.post(books(), "title", "Flush");
    awaitCaughtUp();
    log.forget();
    assertThat(user.get("/authors/" + author)).contains("Woolf", "Flush");
    Map<String, List<String>> sent = log.sent();
    assertThat(sent).doesNotContainKey(primary().name());
    assertThat(sent.values().stream().flatMap(List::stream))
        .containsExactlyInAnyOrder("select author", "select book");
  }

  /** The load of a name after it was changed reads where the change is. */
  @Test
  void aCachedNameIsKeptUntilItChangesAndNoReplicaBringsItBack() {
    String name = "/authors/" + author + "/name";
    assertThat(user.get(name)).isEqualTo("Woolf");
    log.forget();
    assertThat(user.get(name)).isEqualTo("Woolf");
    assertThat(log.sent()).as("from the cache").isEmpty();
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(redis.get().command("KEYS", "{names:*").toString())
                    .as("for other processes, in Redis")
                    .contains("l" + author));

    pauseReplay();
    user.put(name + "?name=Woolf-Stephen");
    assertThat(user.get(name)).isEqualTo("Woolf-Stephen");
    assertThat(shop.browser().get(name)).as("anybody, from now on").isEqualTo("Woolf-Stephen");
  }

  @Test
  void whoAsksForTooManyReportsIsToldWhenToComeBack() {
    List<HttpResponse<String>> answers =
        Stream.generate(() -> user.ask("/books/count")).limit(12).toList();
    assertThat(answers.get(0).statusCode()).isEqualTo(200);
    HttpResponse<String> refused = answers.get(11);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
    assertThat(refused.body()).contains("\"reports\"");
    assertThat(user.ask(titles()).statusCode()).as("all else").isEqualTo(200);
    redis.get().flush();
  }

  @Test
  void theEndpointShowsNodesLevelsCachesAndLimits() {
    assertThat(user.get("/actuator/headroom"))
        .contains("\"database\":{\"writes\":true,\"reads\":true")
        .contains("\"primary\":{\"primary\":true", "\"b\":{\"primary\":false", "\"c\":{")
        .contains("\"levels\":{\"database\":\"NORMAL\",\"database/b\":\"NORMAL\"")
        .contains("\"names\":{\"entries\":")
        .contains("\"reports\":{\"permits\":10,\"periodMillis\":60000");
    assertThat(user.get("/actuator/health")).contains("\"status\":\"UP\"", "\"headroom\":{");
  }
}
