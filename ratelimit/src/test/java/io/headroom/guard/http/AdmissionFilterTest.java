package io.headroom.guard.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.GuardListener;
import io.headroom.guard.GuardUnderLoad;
import io.headroom.guard.Refusal;
import io.headroom.ratelimit.http.RateLimitHeaders;
import io.headroom.ratelimit.http.WebServer;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is refused at the door of a guard that sheds, over real HTTP. */
class AdmissionFilterTest {

  private static final RateLimitHeaders EXACT = RateLimitHeaders.withJitter(Duration.ZERO, () -> 0);

  @TempDir private Path folder;
  private final AtomicInteger served = new AtomicInteger();
  private GuardUnderLoad load = new GuardUnderLoad();
  private WebServer server;

  /** As the README has it. */
  private static Filter admission(ConnectionGuard guard) {
    // snippet: guard-http
    Filter filter =
        AdmissionFilter.builder(guard)
            .criticality(
                request ->
                    request.getRequestURI().startsWith("/checkout")
                        ? Criticality.CRITICAL
                        : Criticality.STANDARD)
            .user(HttpServletRequest::getRemoteUser) // null: not logged in
            .timeout(Duration.ofSeconds(2))
            .build();
    // end snippet
    return filter;
  }

  private void start(Filter filter) throws Exception {
    server =
        new WebServer(folder)
            .filter(filter)
            .on(
                "/ok",
                (request, response) -> {
                  served.incrementAndGet();
                  response.getWriter().print("served");
                })
            .on("/checkout", (request, response) -> response.getWriter().print("sold"))
            .start();
  }

  private AdmissionFilterBuilder filter() {
    return AdmissionFilter.builder(load.guard()).headers(EXACT);
  }

  @AfterEach
  void stop() throws Exception {
    load.close();
    if (server != null) {
      server.close();
    }
  }

  private static String header(HttpResponse<?> response, String name) {
    return String.join(" | ", response.headers().allValues(name));
  }

  @Test
  void whoIsShedIsToldToComeBackAndIsServedThen() throws Exception {
    start(filter().build());
    assertThat(server.get("/ok").body()).isEqualTo("served");
    load.becomeCritical();

    HttpResponse<String> refused = server.get("/ok");

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(header(refused, "Retry-After")).isEqualTo("2");
    assertThat(header(refused, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(refused.body())
        .isEqualTo(
            "{\"type\":"
                + "\"https://iana.org/assignments/http-problem-types#temporary-reduced-capacity\","
                + "\"title\":"
                + "\"Request cannot be satisfied due to temporary server capacity constraints\","
                + "\"status\":503}");
    assertThat(header(refused, "Content-Length")).isEqualTo("" + refused.body().length());
    assertThat(served).hasValue(1);

    load.recover();
    assertThat(server.get("/ok").statusCode()).isEqualTo(200);
  }

  @Test
  void whyIsForOperatorsOnly() throws Exception {
    List<Refusal> refusals = new CopyOnWriteArrayList<>();
    load =
        new GuardUnderLoad(
            guard ->
                guard.listener(
                    new GuardListener() {
                      @Override
                      public void onRefused(Refusal refusal, boolean shadowed) {
                        refusals.add(refusal);
                      }
                    }));
    start(filter().build());
    load.becomeCritical();

    HttpResponse<String> refused = server.get("/ok");

    assertThat(refusals)
        .singleElement()
        .asString()
        .startsWith("pool 'orders': STANDARD shed under load (level CRITICAL, cohort unknown");
    assertThat(refused.body() + refused.headers().map())
        .doesNotContain("orders", "STANDARD", "CRITICAL", "cohort", "waiter");
  }

  @Test
  void aRefusedHeadHasNoBody() throws Exception {
    start(filter().build());
    load.becomeCritical();

    HttpResponse<String> refused = server.head("/ok");

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).isEmpty();
    assertThat(header(refused, "Retry-After")).isEqualTo("2");
  }

  @Test
  void jitterIsAdded() throws Exception {
    start(
        AdmissionFilter.builder(load.guard())
            .headers(RateLimitHeaders.withJitter(Duration.ofSeconds(10), () -> 1))
            .build());
    load.becomeCritical();

    assertThat(header(server.get("/ok"), "Retry-After")).isEqualTo("4");
  }

  @Test
  void thereIsJitterUnlessItIsTakenAway() throws Exception {
    start(AdmissionFilter.builder(load.guard()).build());
    load.becomeCritical();
    Set<String> told = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      told.add(header(server.get("/ok"), "Retry-After"));
    }
    assertThat(told).contains("3", "4").isSubsetOf("2", "3", "4");
  }

  @Test
  void criticalRequestsAreServed() throws Exception {
    start(admission(load.guard()));
    load.becomeCritical();

    assertThat(server.get("/checkout").body()).isEqualTo("sold");
    assertThat(server.get("/ok").statusCode()).isEqualTo(503);
  }

  @Test
  void theSameUsersAreRefusedAllTheTime() throws Exception {
    start(filter().user(request -> request.getHeader("User")).build());
    double shed = load.shedSome();
    assertThat(shed).isBetween(0.3, 0.7);
    int refused = 0;
    for (int i = 0; i < 40; i++) {
      String user = "user-" + i;
      double cohort = RequestContext.builder().cohortOf(user).build().cohort().orElseThrow();
      int expected = cohort < shed ? 503 : 200;
      refused += cohort < shed ? 1 : 0;
      for (int again = 0; again < 3; again++) {
        assertThat(server.get("/ok", "User", user).statusCode()).as(user).isEqualTo(expected);
      }
    }
    assertThat(refused).isBetween(1, 39);
  }

  @Test
  void whoIsNobodyIsRefusedByChance() throws Exception {
    start(filter().user(request -> request.getHeader("User")).build());
    load.shedSome();
    Set<Integer> statuses = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      statuses.add(server.get("/ok").statusCode());
    }
    assertThat(statuses).containsExactlyInAnyOrder(200, 503);
  }

  @Test
  void aRequestForOnePoolIsRefusedForItsSake() throws Exception {
    load.addOther();
    start(filter().resource(request -> request.getHeader("Pool")).build());
    load.becomeCritical();

    assertThat(server.get("/ok", "Pool", GuardUnderLoad.POOL).statusCode()).isEqualTo(503);
    assertThat(server.get("/ok", "Pool", GuardUnderLoad.OTHER).statusCode()).isEqualTo(200);
    assertThat(server.get("/ok").statusCode()).isEqualTo(200);
  }

  @Test
  void aRequestWhoseDeadlineHasPassedIsRefused() throws Exception {
    server = new WebServer(folder);
    server
        .filter(
            (request, response, chain) -> {
              RequestContext late =
                  RequestContext.builder().timeout(Duration.ofSeconds(1), load.clock()).build();
              load.clock().advance(Duration.ofSeconds(1));
              try (RequestContext.Scope scope = late.attach()) {
                assertThat(scope).isNotNull();
                chain.doFilter(request, response);
              }
            })
        .filter(filter().timeout(Duration.ofHours(1)).build())
        .on("/ok", (request, response) -> served.incrementAndGet())
        .start();

    HttpResponse<String> refused = server.get("/ok");

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(header(refused, "Retry-After")).isEqualTo("1");
    assertThat(served).hasValue(0);
  }

  @Test
  void inShadowModeNobodyIsRefused() throws Exception {
    AtomicInteger shadowed = new AtomicInteger();
    load =
        new GuardUnderLoad(
            guard ->
                guard
                    .shadow()
                    .listener(
                        new GuardListener() {
                          @Override
                          public void onRefused(Refusal refusal, boolean inShadow) {
                            if (inShadow && refusal.level() == LoadLevel.CRITICAL) {
                              shadowed.incrementAndGet();
                            }
                          }
                        }));
    start(filter().build());
    load.becomeCritical();

    HttpResponse<String> response = server.get("/ok");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("served");
    assertThat(header(response, "Retry-After")).isEmpty();
    assertThat(shadowed).hasValue(1);
    load.awaitInFlight(0);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> filter().headers(EXACT))
        .withMessage("filter: headers is set twice: set it once");
    assertThatIllegalStateException()
        .isThrownBy(() -> filter().user(request -> null).user(request -> null));
    assertThatIllegalStateException()
        .isThrownBy(() -> filter().resource(request -> null).resource(request -> null));
    assertThatIllegalStateException()
        .isThrownBy(() -> filter().criticality(request -> null).criticality(request -> null));
    Duration second = Duration.ofSeconds(1);
    assertThatIllegalStateException().isThrownBy(() -> filter().timeout(second).timeout(second));
    for (Duration wrong : List.of(Duration.ZERO, second.negated(), Duration.ofHours(25))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> filter().timeout(wrong))
          .withMessage(
              "timeout must be more than zero and PT24H at most, was "
                  + wrong
                  + ": leave it out for requests that may take any time");
    }
    assertThatNullPointerException()
        .isThrownBy(() -> filter().user(null))
        .withMessage("user must not be null");
    assertThat(filter().build().toString()).contains("orders");
  }
}
