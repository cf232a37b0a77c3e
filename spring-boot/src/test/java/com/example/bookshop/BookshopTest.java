package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.bookshop.RunningBookshop.Browser;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The application with the README's file, on real servers, asked over HTTP. */
class BookshopTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static RunningBookshop shop;

  private Browser user;

  @BeforeAll
  static void start() throws SQLException {
    Serving.makeTables(postgres);
    shop = new RunningBookshop(Serving.by(postgres, redis.get()));
  }

  @AfterAll
  static void stop() {
    shop.close();
  }

  @BeforeEach
  void begin() {
    user = shop.browser();
    Serving.awaitCaughtUp(shop, postgres);
  }

  @AfterEach
  void resume() {
    postgres.replicasOf(0).forEach(PostgresServer::resumeReplay);
  }

  private static void pauseReplicas() {
    postgres.replicasOf(0).forEach(PostgresServer::pauseReplay);
  }

  private static String ok(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  @Test
  void readOnlyTransactionsAreServedByReplicas() {
    List<String> replicas =
        postgres.replicasOf(0).stream().map(server -> Integer.toString(server.port())).toList();
    assertThat(Stream.generate(() -> ok(user.get("/port"))).limit(20)).isSubsetOf(replicas);
  }

  /** Both replicas stand still, so only the primary has it, and only its author asks for that. */
  @Test
  void ownWritesAreSeenInTheNextRequestAndOthersReadWhatReplicasHave() {
    pauseReplicas();
    String id = ok(user.post("/authors?name=Woolf"));
    assertThat(ok(user.get("/authors/" + id))).contains("Woolf");
    assertThat(ok(shop.browser().get("/authors/" + id))).isEqualTo("[]");
  }

  @Test
  void aRedirectTellsWhatWasSeen() {
    pauseReplicas();
    assertThat(ok(user.post("/authors/redirected?name=Mann"))).contains("Mann");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/authors/written", "/authors/streamed"})
  void anAnswerThatAServletWritesTellsWhatWasSeen(String path) {
    pauseReplicas();
    String id = ok(user.post(path + "?name=Svevo"));
    assertThat(ok(user.get("/authors/" + id))).contains("Svevo");
  }

  @Test
  void anAnswerThatBeganButHasNotLeftTellsWhatWasSeen() {
    pauseReplicas();
    String id = ok(user.post("/authors/late?name=Hamsun")).substring("author ".length());
    assertThat(ok(user.get("/authors/" + id))).contains("Hamsun");
  }

  @Test
  void anErrorThatIsSentTellsWhatWasSeen() {
    HttpResponse<String> refused = user.post("/authors/refused?name=Walser");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.headers().allValues("Set-Cookie")).hasSize(1);
  }

  @Test
  void anAsynchronousAnswerTellsWhatWasSeen() {
    pauseReplicas();
    String id = ok(user.post("/authors/later?name=Broch"));
    assertThat(ok(user.get("/authors/" + id))).contains("Broch");
  }

  @Test
  void anAsynchronousAnswerWithoutABodyTellsWhatWasSeen() {
    pauseReplicas();
    HttpResponse<String> added = user.post("/authors/later/bodiless?name=Canetti");
    assertThat(added.statusCode()).isEqualTo(204);
    assertThat(added.headers().allValues("Set-Cookie")).hasSize(1);
    assertThat(ok(user.get(added.headers().firstValue("Location").orElseThrow())))
        .contains("Canetti");
  }

  @Test
  void aFailureAfterAWriteTellsWhatWasSeen() {
    HttpResponse<String> failed = user.post("/authors/failing?name=Kraus");
    assertThat(failed.statusCode()).isEqualTo(500);
    assertThat(failed.headers().allValues("Set-Cookie"))
        .singleElement()
        .asString()
        .startsWith("headroom-seen=")
        .contains("HttpOnly", "SameSite=Lax");
  }

  @Test
  void whoHasSeenNothingNewIsToldNothing() {
    ok(user.post("/authors?name=Musil"));
    assertThat(user.get("/port").headers().allValues("Set-Cookie")).isEmpty();
  }

  /** The task reads on a thread of Spring's executor, and still as the user's request. */
  @Test
  void asyncMethodsCarryTheContext() {
    pauseReplicas();
    String id = ok(user.post("/authors?name=Joyce"));
    assertThat(ok(user.get("/authors/" + id + "/later"))).contains("Joyce");
  }

  @Test
  void aCachedValueIsServedUntilItIsEvictedAndRedisHasIt() {
    String id = ok(user.post("/authors?name=Doblin"));
    assertThat(ok(user.get("/authors/" + id + "/title"))).isEqualTo("Doblin");
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(redis.get().command("KEYS", "*titles*").toString()).contains("l" + id));
    ok(user.post("/authors/" + id + "/name?name=Doeblin"));
    assertThat(ok(user.get("/authors/" + id + "/title"))).isEqualTo("Doeblin");
  }

  @Test
  void pathsSayHowMuchARequestMattersAndHowLongItHas() {
    assertThat(ok(user.get("/orders/criticality"))).isEqualTo("CRITICAL true");
    assertThat(ok(user.get("/reports/criticality"))).isEqualTo("SHEDDABLE true");
    assertThat(ok(user.get("/criticality/other"))).isEqualTo("other STANDARD");
  }

  @Test
  void answersTellWhatIsLeftOfTheLimits() {
    HttpResponse<String> answer = user.get("/orders/criticality");
    assertThat(String.join(", ", answer.headers().allValues("RateLimit-Policy")))
        .contains("\"each-client\";q=50", "\"orders\";q=1000");
  }

  @Test
  void theEndpointShowsWhatThereIs() {
    assertThat(ok(user.get("/actuator/headroom")))
        .contains("\"database\":{\"writes\":true,\"reads\":true")
        .contains("\"primary\":{\"primary\":true", "\"b\":{\"primary\":false", "\"lagMillis\":0")
        .contains("\"levels\":{\"database\":\"NORMAL\",\"database/b\":\"NORMAL\"")
        .contains("\"caches\":{\"titles\":{\"entries\":")
        .contains("\"orders\":{\"permits\":1000,\"periodMillis\":60000,\"burst\":1000}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "headroom.routing.node.lag",
        "headroom.guard.size",
        "headroom.cache.entries",
        "headroom.ratelimit.decisions",
        "hikaricp.connections"
      })
  void metersAreBound(String meter) {
    assertThat(shop.bean(io.micrometer.core.instrument.MeterRegistry.class).getMeters())
        .extracting(each -> each.getId().getName())
        .contains(meter);
  }

  @Test
  void noLimitCountsTheActuator() {
    assertThat(user.get("/actuator/health").headers().map()).doesNotContainKey("ratelimit-policy");
  }
}
