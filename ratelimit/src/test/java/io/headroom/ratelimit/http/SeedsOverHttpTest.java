package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.TimeSource;
import io.headroom.ratelimit.ConcurrencyLimiter;
import io.headroom.ratelimit.HandTime;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The usual set-up of a service's door, over real HTTP: 100 requests a second per address with a
 * burst of 50 and no delay, 20 at once per address, 1,000 a second per user.
 */
class SeedsOverHttpTest {

  private static final String HERE = "192.0.2.1";

  @TempDir private Path folder;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final AtomicInteger served = new AtomicInteger();
  private WebServer server;

  /** As the README has it. */
  private static Filter limits() {
    // snippet: ratelimit-http
    Function<HttpServletRequest, String> address =
        RateLimitFilter.addressBy(ClientAddress.xForwardedFor("10.0.0.0/8", "127.0.0.1"));

    RateLimiter<HttpServletRequest> door =
        RateLimiter.<HttpServletRequest>builder("door")
            .policy("address", Limit.perSecond(100).burst(50), address)
            .policy("user", Limit.perSecond(1000), HttpServletRequest::getRemoteUser)
            .build();
    ConcurrencyLimiter<HttpServletRequest> connections =
        ConcurrencyLimiter.<HttpServletRequest>builder("connections", 20).key(address).build();

    Filter filter =
        RateLimitFilter.<HttpServletRequest>builder(request -> request)
            .limiter(door)
            .concurrency(connections)
            .build();
    // end snippet
    return filter;
  }

  /** The same by a clock that a test moves, for users who say who they are. */
  private static Filter limits(TimeSource clock) {
    Function<HttpServletRequest, String> address =
        RateLimitFilter.addressBy(ClientAddress.xForwardedFor("127.0.0.1"));
    RateLimiter<HttpServletRequest> door =
        RateLimiter.<HttpServletRequest>builder("door")
            .policy("address", Limit.perSecond(100).burst(50), address)
            .policy("user", Limit.perSecond(1000), request -> request.getHeader("User"))
            .time(clock)
            .build();
    ConcurrencyLimiter<HttpServletRequest> connections =
        ConcurrencyLimiter.<HttpServletRequest>builder("connections", 20).key(address).build();
    return RateLimitFilter.<HttpServletRequest>builder(request -> request)
        .limiter(door)
        .concurrency(connections)
        .headers(RateLimitHeaders.withJitter(Duration.ZERO, () -> 0))
        .build();
  }

  @BeforeEach
  void make() {
    server =
        new WebServer(folder)
            .on("/", (request, response) -> served.incrementAndGet())
            .on("/hang", (request, response) -> gate.await());
  }

  @AfterEach
  void stop() throws Exception {
    gate.countDown();
    server.close();
  }

  private static long admitted(List<HttpResponse<String>> responses) {
    return responses.stream().filter(response -> response.statusCode() == 200).count();
  }

  private List<HttpResponse<String>> get(int times, String... headers) throws Exception {
    List<HttpResponse<String>> responses = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      responses.add(server.get("/", headers));
    }
    return responses;
  }

  @Test
  void anAddressHasItsBurstAndThenItsRate() throws Exception {
    HandTime clock = new HandTime();
    server.filter(limits(clock)).start();

    List<HttpResponse<String>> burst = get(60, "X-Forwarded-For", HERE);
    clock.advance(Duration.ofMillis(10));
    List<HttpResponse<String>> afterOne = get(5, "X-Forwarded-For", HERE);
    clock.advance(Duration.ofMillis(200));
    List<HttpResponse<String>> afterTwenty = get(30, "X-Forwarded-For", HERE);
    List<HttpResponse<String>> another = get(1, "X-Forwarded-For", "192.0.2.2");

    assertThat(admitted(burst)).isEqualTo(50);
    assertThat(burst.get(49).statusCode()).isEqualTo(200);
    assertThat(admitted(afterOne)).isEqualTo(1);
    assertThat(admitted(afterTwenty)).isEqualTo(20);
    assertThat(admitted(another)).isEqualTo(1);
    assertThat(served).hasValue(72);
    HttpResponse<String> refused = burst.get(59);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().map())
        .containsEntry(
            "RateLimit-Policy",
            List.of(
                "\"address\";q=50;w=1, \"user\";q=1000;w=1,"
                    + " \"connections\";q=20;qu=\"concurrent-requests\""))
        .containsEntry("RateLimit", List.of("\"address\";r=0;t=1"))
        .containsEntry("Retry-After", List.of("1"))
        .containsEntry("Content-Type", List.of("application/problem+json"));
    assertThat(refused.body())
        .isEqualTo(
            "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                + "\"title\":\"Request cannot be satisfied as assigned quota has been exceeded\","
                + "\"status\":429,\"violated-policies\":[\"address\"]}");
  }

  @Test
  void aUserHasAThousandFromWhereverItCalls() throws Exception {
    server.filter(limits(new HandTime())).start();
    List<HttpResponse<String>> responses = new ArrayList<>();
    for (int address = 1; address <= 21; address++) {
      responses.addAll(get(50, "X-Forwarded-For", "192.0.2." + address, "User", "ann"));
    }

    assertThat(admitted(responses)).isEqualTo(1000);
    assertThat(responses.get(1049).body()).contains("\"violated-policies\":[\"user\"]");
    assertThat(admitted(get(1, "X-Forwarded-For", "192.0.2.21", "User", "bob"))).isEqualTo(1);
  }

  @Test
  void anAddressHasTwentyAtOnce() throws Exception {
    server.filter(limits(new HandTime())).start();
    List<CompletableFuture<HttpResponse<String>>> hanging = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      hanging.add(server.send("/hang", "X-Forwarded-For", HERE));
    }
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> hanging.stream().filter(CompletableFuture::isDone).count() == 10);

    HttpResponse<String> refused = server.get("/", "X-Forwarded-For", HERE);
    HttpResponse<String> another = server.get("/", "X-Forwarded-For", "192.0.2.2");
    gate.countDown();
    List<HttpResponse<String>> responses = new ArrayList<>();
    for (CompletableFuture<HttpResponse<String>> each : hanging) {
      responses.add(each.get(30, TimeUnit.SECONDS));
    }

    assertThat(refused.body()).contains("\"violated-policies\":[\"connections\"]");
    assertThat(another.statusCode()).isEqualTo(200);
    assertThat(admitted(responses)).isEqualTo(20);
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> server.get("/", "X-Forwarded-For", HERE).statusCode() == 200);
  }

  /** By the real clock: no more than the burst and what flowed in meanwhile. */
  @Test
  void theReadmesFilterKeepsItsLimit() throws Exception {
    server.filter(limits()).start();
    long start = System.nanoTime();

    long admitted = admitted(get(200, "X-Forwarded-For", HERE));

    long nanos = System.nanoTime() - start;
    assertThat(admitted).isBetween(50L, 50 + nanos / 10_000_000);
  }
}
