package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.headroom.ratelimit.ConcurrencyLimiter;
import io.headroom.ratelimit.HandTime;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits in time, over real HTTP. */
class RateLimitFilterTest {

  private static final Function<HttpServletRequest, String> ADDRESS =
      RateLimitFilter.addressBy(ClientAddress.xForwardedFor("127.0.0.0/8"));

  private static final RateLimitHeaders EXACT = RateLimitHeaders.withJitter(Duration.ZERO, () -> 0);

  @TempDir private Path folder;
  private final HandTime clock = new HandTime();
  private WebServer server;

  @BeforeEach
  void make() {
    server =
        new WebServer(folder)
            .on("/ok", (request, response) -> response.getWriter().print("served"))
            .on("/error-page", (request, response) -> response.getWriter().print("sorry"))
            .on("/missing", (request, response) -> response.sendError(404))
            .on(
                "/throws",
                (request, response) -> {
                  throw new IllegalArgumentException("on purpose");
                })
            .on(
                "/forward",
                (request, response) ->
                    request.getRequestDispatcher("/ok").forward(request, response))
            .on(
                "/include",
                (request, response) -> {
                  request.getRequestDispatcher("/ok").include(request, response);
                  request.getRequestDispatcher("/ok").include(request, response);
                })
            .on(
                "/dispatch",
                (request, response) -> {
                  request.startAsync().dispatch("/ok");
                })
            .errorPage("/error-page", 404)
            .errorPage("/error-page", 500);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private RateLimiter<String> limiter(Limit limit) {
    return RateLimiter.<String>builder("address").limit(limit).time(clock).build();
  }

  private static RateLimitFilterBuilder<String> filter(RateLimiter<String> limiter) {
    return RateLimitFilter.builder(ADDRESS).limiter(limiter).headers(EXACT);
  }

  private void start(RateLimitFilterBuilder<String> filter) throws Exception {
    server.filter(filter.build()).start();
  }

  private static String header(HttpResponse<?> response, String name) {
    return String.join(" | ", response.headers().allValues(name));
  }

  @Test
  void admitsRefusesAndAdmitsAgain() throws Exception {
    start(filter(limiter(Limit.of(6, Duration.ofMinutes(1)).burst(2))));

    HttpResponse<String> first = server.get("/ok");
    HttpResponse<String> second = server.get("/ok");
    HttpResponse<String> third = server.get("/ok");

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.body()).isEqualTo("served");
    assertThat(header(first, "RateLimit-Policy")).isEqualTo("\"address\";q=2;w=20");
    assertThat(header(first, "RateLimit")).isEqualTo("\"address\";r=1;t=10");
    assertThat(header(first, "Retry-After")).isEmpty();
    assertThat(header(second, "RateLimit")).isEqualTo("\"address\";r=0;t=20");
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(header(third, "RateLimit-Policy")).isEqualTo("\"address\";q=2;w=20");
    assertThat(header(third, "RateLimit")).isEqualTo("\"address\";r=0;t=10");
    assertThat(header(third, "Retry-After")).isEqualTo("10");
    assertThat(header(third, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(third.body()).isEqualTo(RateLimitProblem.json(List.of("address")));
    assertThat(header(third, "Content-Length")).isEqualTo("" + third.body().length());

    clock.advance(Duration.ofSeconds(10));
    assertThat(server.get("/ok").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok").statusCode()).isEqualTo(429);
  }

  @Test
  void aRefusedHeadHasNoBody() throws Exception {
    start(filter(limiter(Limit.perSecond(1))));
    server.get("/ok");

    HttpResponse<String> refused = server.head("/ok");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).isEmpty();
    assertThat(header(refused, "Retry-After")).isEqualTo("1");
  }

  @Test
  void eachAddressHasItsOwnAndCannotChooseIt() throws Exception {
    start(filter(limiter(Limit.perSecond(1))));

    assertThat(server.get("/ok", "X-Forwarded-For", "192.0.2.1").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok", "X-Forwarded-For", "192.0.2.2").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok", "X-Forwarded-For", "192.0.2.1").statusCode()).isEqualTo(429);
    assertThat(
            server
                .get("/ok", "X-Forwarded-For", "9.9.9.9", "X-Forwarded-For", "8.8.8.8, 192.0.2.1")
                .statusCode())
        .isEqualTo(429);
    assertThat(server.get("/ok", "X-Forwarded-For", "2001:db8::1").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok", "X-Forwarded-For", "2001:db8::2").statusCode()).isEqualTo(429);
    assertThat(server.get("/ok", "Forwarded", "for=9.9.9.9").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok", "Forwarded", "for=8.8.8.8").statusCode()).isEqualTo(429);
  }

  @Test
  void aRequestIsDebitedOnceWhereverItGoes() throws Exception {
    RateLimiter<String> limiter = limiter(Limit.perSecond(100));
    start(filter(limiter));
    long left = 100;
    for (String path : List.of("/forward", "/include", "/dispatch", "/missing", "/throws")) {
      HttpResponse<String> response = server.get(path);
      left--;
      assertThat(header(response, "RateLimit"))
          .as(path)
          .isEqualTo("\"address\";r=" + left + ";t=1");
      assertThat(header(response, "RateLimit-Policy")).as(path).isEqualTo("\"address\";q=100;w=1");
    }
    assertThat(limiter.tryAcquire("127.0.0.1").remaining()).isEqualTo(94);
  }

  @Test
  void errorPagesAreServed() throws Exception {
    start(filter(limiter(Limit.perSecond(100))));

    HttpResponse<String> missing = server.get("/missing");
    HttpResponse<String> thrown = server.get("/throws");
    HttpResponse<String> included = server.get("/include");

    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.body()).isEqualTo("sorry");
    assertThat(thrown.statusCode()).isEqualTo(500);
    assertThat(thrown.body()).isEqualTo("sorry");
    assertThat(included.body()).isEqualTo("servedserved");
  }

  /** A filter before this one has said no: its error page is not ours to refuse. */
  @Test
  void anErrorPageOfARequestThatWasNotDecidedOnPasses() throws Exception {
    RateLimiter<String> limiter = limiter(Limit.perSecond(1));
    server.filter(
        (request, response, chain) -> {
          if (request.getDispatcherType() == jakarta.servlet.DispatcherType.REQUEST) {
            ((jakarta.servlet.http.HttpServletResponse) response).sendError(404);
          } else {
            chain.doFilter(request, response);
          }
        });
    start(filter(limiter));

    HttpResponse<String> response = server.get("/ok");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).isEqualTo("sorry");
    assertThat(header(response, "RateLimit")).isEmpty();
    assertThat(limiter.tryAcquire("127.0.0.1").allowed()).isTrue();
  }

  @Test
  void twoFiltersBothAskAndTell() throws Exception {
    RateLimiter<String> other =
        RateLimiter.<String>builder("other").limit(Limit.perSecond(3)).time(clock).build();
    server.filter(filter(other).build());
    start(filter(limiter(Limit.perSecond(2))));

    HttpResponse<String> first = server.get("/ok");
    server.get("/ok");
    HttpResponse<String> third = server.get("/ok");

    assertThat(header(first, "RateLimit")).isEqualTo("\"other\";r=2;t=1 | \"address\";r=1;t=1");
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(header(third, "RateLimit")).isEqualTo("\"other\";r=0;t=1 | \"address\";r=0;t=1");
  }

  @Test
  void whatIsOnlyLookedAtIsNotTold() throws Exception {
    RateLimiter<String> shadow =
        RateLimiter.<String>builder("p").limit(Limit.perSecond(1)).shadow().time(clock).build();
    ConcurrencyLimiter<String> places =
        ConcurrencyLimiter.<String>builder("places", 1).shadow().build();
    start(filter(shadow).concurrency(places));

    for (int i = 0; i < 3; i++) {
      HttpResponse<String> response = server.get("/ok");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().map().keySet())
          .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("ratelimit"));
    }
  }

  @Test
  void whatIsNeverPossibleIsNotToComeBack() throws Exception {
    start(
        filter(limiter(Limit.perSecond(10)))
            .cost(request -> Long.parseLong(request.getParameter("items"))));

    HttpResponse<String> never = server.get("/ok?items=11");
    HttpResponse<String> all = server.get("/ok?items=10");

    assertThat(never.statusCode()).isEqualTo(429);
    assertThat(header(never, "Retry-After")).isEmpty();
    assertThat(header(never, "RateLimit")).isEqualTo("\"address\";r=10;t=0");
    assertThat(never.body()).contains("\"violated-policies\":[\"address\"]");
    assertThat(all.statusCode()).isEqualTo(200);
    assertThat(header(all, "RateLimit")).isEqualTo("\"address\";r=0;t=1");
  }

  @Test
  void aHiddenPolicyIsNotNamed() throws Exception {
    RateLimiter<String> door =
        RateLimiter.<String>builder("door")
            .policy("each", Limit.perSecond(5), address -> address)
            .policy("größe", Limit.of(1, Duration.ofSeconds(3)))
            .time(clock)
            .build();
    start(filter(door).hide("größe"));

    HttpResponse<String> first = server.get("/ok");
    HttpResponse<String> refused = server.get("/ok");

    assertThat(header(first, "RateLimit-Policy")).isEqualTo("\"each\";q=5;w=1");
    assertThat(header(first, "RateLimit")).isEmpty();
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(header(refused, "RateLimit-Policy")).isEqualTo("\"each\";q=5;w=1");
    assertThat(header(refused, "RateLimit")).isEmpty();
    assertThat(header(refused, "Retry-After")).isEqualTo("3");
    assertThat(refused.body()).contains("\"violated-policies\":[]");
  }

  @Test
  void onlyRefusalsTell() throws Exception {
    start(filter(limiter(Limit.perSecond(1))).onlyRefusals());

    HttpResponse<String> first = server.get("/ok");
    HttpResponse<String> refused = server.get("/ok");

    assertThat(header(first, "RateLimit")).isEmpty();
    assertThat(header(first, "RateLimit-Policy")).isEmpty();
    assertThat(header(refused, "RateLimit")).isEqualTo("\"address\";r=0;t=1");
  }

  @Test
  void aRequestOfNobodyPasses() throws Exception {
    RateLimiter<String> limiter = limiter(Limit.perSecond(1));
    server
        .filter(
            RateLimitFilter.<String>builder(request -> request.getHeader("User"))
                .limiter(limiter)
                .build())
        .start();

    assertThat(server.get("/forward").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok", "User", "ann").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok", "User", "ann").statusCode()).isEqualTo(429);
  }

  @Test
  void aChangedLimitIsTold() throws Exception {
    RateLimiter<String> limiter = limiter(Limit.perSecond(10));
    start(filter(limiter));
    server.get("/ok");
    limiter.changeLimit("address", Limit.perSecond(20).burst(5));

    assertThat(header(server.get("/ok"), "RateLimit-Policy")).isEqualTo("\"address\";q=5;w=1");
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> RateLimitFilter.builder(ADDRESS).build())
        .withMessage("filter: there is nothing to ask; call limiter or concurrency");
    RateLimiter<String> limiter = limiter(Limit.perSecond(1));
    assertThatIllegalStateException()
        .isThrownBy(() -> filter(limiter).limiter(limiter))
        .withMessage("filter: limiter is set twice: set it once");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                filter(limiter)
                    .concurrency(ConcurrencyLimiter.<String>builder("address", 1).build())
                    .build())
        .withMessageContaining("two policies are called 'address'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> filter(limiter).hide("adress").build())
        .withMessageContaining("was 'adress'; there are [address]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RateLimitFilter.builder(ADDRESS)
                    .limiter(RateLimiter.<String>builder("größe").limit(Limit.perSecond(1)).build())
                    .build())
        .withMessageContaining("was 'größe'");
    assertThat(filter(limiter).build().toString()).contains("address");
  }
}
