package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.ratelimit.ConcurrencyLimiter;
import io.headroom.ratelimit.ConcurrencyPermit;
import io.headroom.ratelimit.HandTime;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Places go back when requests end, however they end, over real HTTP. */
class ConcurrentRequestsTest {

  private static final int PLACES = 3;
  private static final String CALLER = "127.0.0.1";

  @TempDir private Path folder;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Endings endings = new Endings();
  private final ConcurrencyLimiter<String> places =
      ConcurrencyLimiter.<String>builder("places", PLACES).build();
  private WebServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        endings
            .on(new WebServer(folder))
            .filter(
                RateLimitFilter.<String>builder(request -> request.getRemoteAddr())
                    .concurrency(places)
                    .build())
            .on("/hang", (request, response) -> gate.await())
            .start();
  }

  @AfterEach
  void stop() throws Exception {
    gate.countDown();
    server.close();
  }

  /** How many places are taken. */
  private int taken() {
    try (ConcurrencyPermit probe = places.tryAcquire(CALLER)) {
      return probe.decision().allowed() ? PLACES - 1 - (int) probe.decision().remaining() : PLACES;
    }
  }

  private void awaitTaken(int expected) {
    await().atMost(30, TimeUnit.SECONDS).until(this::taken, taken -> taken == expected);
  }

  @Test
  void soManyHangAndTheNextIsRefused() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      calls.add(server.send("/hang"));
    }
    awaitTaken(PLACES);

    HttpResponse<String> refused = server.get("/ok");
    gate.countDown();

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("RateLimit-Policy"))
        .hasValue("\"places\";q=3;qu=\"concurrent-requests\"");
    assertThat(refused.headers().firstValue("RateLimit")).hasValue("\"places\";r=0");
    assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
    assertThat(refused.body()).contains("\"violated-policies\":[\"places\"]");
    for (CompletableFuture<HttpResponse<String>> call : calls) {
      assertThat(call.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
    awaitTaken(0);
    assertThat(server.get("/ok").headers().firstValue("RateLimit")).hasValue("\"places\";r=2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/async", "/async-again"})
  void anAsynchronousRequestKeepsItsPlaceUntilItIsComplete(String path) throws Exception {
    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
    List<AsyncContext> contexts = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      calls.add(server.send(path));
      contexts.add(endings.nextHanging());
      awaitTaken(i + 1);
    }
    assertThat(server.get("/ok").statusCode()).isEqualTo(429);

    for (int i = PLACES; i-- > 0; ) {
      contexts.get(i).getResponse().getWriter().print("at last");
      contexts.get(i).complete();
      awaitTaken(i);
    }
    for (CompletableFuture<HttpResponse<String>> call : calls) {
      assertThat(call.get(30, TimeUnit.SECONDS).body()).isEqualTo("at last");
    }
  }

  /**
   * Once: with others in their places, one that went back twice would show. (Of a servlet that goes
   * asynchronous and throws, Tomcat 10.1 sends no answer, with or without filters; 11 does.)
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ok, 200",
        "/throws, 500",
        "/async-done, 200",
        "/async-to-ok, 200",
        "/async-to-throws, 500",
        "/async-throws, 0 or 500",
        "/async-times-out, 500",
        "/async-times-out-and-answers, 200",
        "/async-times-out-and-goes-on, 200"
      })
  void aPlaceGoesBackOnceHoweverTheRequestEnds(String pathAndStatus) throws Exception {
    String[] parts = pathAndStatus.split(", ", 2);
    CompletableFuture<HttpResponse<String>> other = server.send("/async");
    AsyncContext held = endings.nextHanging();
    awaitTaken(1);

    for (int i = 0; i < 2; i++) {
      assertThat(parts[1].split(" or ", -1)).contains("" + server.status(parts[0]));
      awaitTaken(1);
    }

    CompletableFuture<HttpResponse<String>> another = server.send("/async");
    AsyncContext anotherHeld = endings.nextHanging();
    awaitTaken(2);
    held.complete();
    anotherHeld.complete();
    assertThat(other.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(another.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    awaitTaken(0);
  }

  @Test
  void aClientThatHangsUpGivesItsPlaceBack() throws Exception {
    Socket client = server.call("/async");
    AsyncContext context = endings.nextHanging();
    awaitTaken(1);
    client.setSoLinger(true, 0);
    client.close();

    writeUntilItFails(context);

    awaitTaken(0);
  }

  private static void writeUntilItFails(AsyncContext context) {
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> {
              try {
                HttpServletResponse response = (HttpServletResponse) context.getResponse();
                response.getOutputStream().write(new byte[64 * 1024]);
                response.flushBuffer();
                return false;
              } catch (IOException gone) {
                return true;
              } catch (RuntimeException ended) {
                return true; // the server was faster
              }
            });
    try {
      context.complete();
    } catch (IllegalStateException ended) {
      assertThat(ended).isNotNull(); // the server has ended it
    }
  }

  @Test
  void aClientThatHangsUpWhileAServletWorksKeepsItsPlaceSoLong() throws Exception {
    try (Socket client = server.call("/hang")) {
      awaitTaken(1);
      client.setSoLinger(true, 0);
    }
    assertThat(server.get("/ok").statusCode()).isEqualTo(200);
    assertThat(taken()).isEqualTo(1);
    gate.countDown();
    awaitTaken(0);
  }

  @Test
  void neitherIsDebitedWhereOneRefuses(@TempDir Path another) throws Exception {
    HandTime clock = new HandTime();
    RateLimiter<String> rate =
        RateLimiter.<String>builder("rate").limit(Limit.perSecond(PLACES + 1)).time(clock).build();
    try (WebServer both =
        endings
            .on(new WebServer(another))
            .filter(
                RateLimitFilter.<String>builder(request -> request.getRemoteAddr())
                    .limiter(rate)
                    .concurrency(places)
                    .build())
            .start()) {
      List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
      List<AsyncContext> contexts = new ArrayList<>();
      for (int i = 0; i < PLACES; i++) {
        calls.add(both.send("/async"));
        contexts.add(endings.nextHanging());
        awaitTaken(i + 1);
      }
      for (int i = 0; i < 5; i++) {
        assertThat(both.get("/ok").body()).contains("[\"places\"]");
      }
      for (AsyncContext context : contexts) {
        context.complete();
      }
      for (CompletableFuture<HttpResponse<String>> call : calls) {
        call.get(30, TimeUnit.SECONDS);
      }
      awaitTaken(0);
      HttpResponse<String> last = both.get("/ok");
      assertThat(last.headers().firstValue("RateLimit"))
          .hasValue("\"rate\";r=0;t=1, \"places\";r=2");
      for (int i = 0; i < 2 * PLACES; i++) {
        assertThat(both.get("/ok").body()).contains("[\"rate\"]");
      }
      assertThat(taken()).isZero();
    }
  }

  @Test
  void aLimiterThatThrowsKeepsNoPlace(@TempDir Path another) throws Exception {
    RateLimiter<String> broken =
        RateLimiter.<String>builder("broken")
            .policy(
                "p",
                Limit.perSecond(1),
                caller -> {
                  throw new IllegalArgumentException("on purpose");
                })
            .build();
    try (WebServer both =
        new WebServer(another)
            .filter(
                RateLimitFilter.<String>builder(request -> request.getRemoteAddr())
                    .limiter(broken)
                    .concurrency(places)
                    .build())
            .on("/ok", (request, response) -> {})
            .start()) {
      for (int i = 0; i < 2 * PLACES; i++) {
        assertThat(both.get("/ok").statusCode()).isEqualTo(500);
        assertThat(taken()).isZero();
      }
    }
  }
}
