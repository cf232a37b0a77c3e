package io.headroom.guard.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.guard.GuardUnderLoad;
import io.headroom.ratelimit.http.WebServer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the rest of the chain knows of a request, over real HTTP. */
class AttachedContextTest {

  private static final RequestContext.Key<String> TENANT = RequestContext.Key.named("tenant");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir private Path folder;
  private final GuardUnderLoad load = new GuardUnderLoad();
  private final BlockingQueue<RequestContext> seen = new LinkedBlockingQueue<>();
  private final BlockingQueue<Optional<RequestContext>> left = new LinkedBlockingQueue<>();
  private WebServer server;

  @BeforeEach
  void make() {
    server =
        new WebServer(folder)
            .filter(
                (request, response, chain) -> {
                  try {
                    chain.doFilter(request, response);
                  } finally {
                    left.add(RequestContext.attached());
                  }
                })
            .on("/ok", (request, response) -> seen.add(RequestContext.current()))
            .on("/error-page", (request, response) -> seen.add(RequestContext.current()))
            .on("/forward", (request, response) -> forwardFrom(request, response))
            .on("/missing", (request, response) -> sendNotFound(response))
            .on(
                "/dispatch",
                (request, response) -> {
                  seen.add(RequestContext.current());
                  request.startAsync().dispatch("/ok");
                })
            .on(
                "/throws",
                (request, response) -> {
                  throw new IllegalArgumentException("on purpose");
                })
            .errorPage("/error-page", 404);
  }

  private void forwardFrom(HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    seen.add(RequestContext.current());
    request.getRequestDispatcher("/ok").forward(request, response);
  }

  private void sendNotFound(HttpServletResponse response) throws Exception {
    seen.add(RequestContext.current());
    response.sendError(404);
  }

  @AfterEach
  void stop() throws Exception {
    load.close();
    server.close();
  }

  private AdmissionFilterBuilder filter() {
    return AdmissionFilter.builder(load.guard())
        .criticality(
            request -> {
              String header = request.getHeader("Criticality");
              return header == null ? null : Criticality.valueOf(header);
            })
        .user(request -> request.getHeader("User"))
        .resource(request -> request.getHeader("Pool"));
  }

  private static Filter attaching(RequestContext context) {
    return (request, response, chain) -> {
      if (request.getDispatcherType() != DispatcherType.REQUEST) {
        chain.doFilter(request, response);
        return;
      }
      try (RequestContext.Scope scope = context.attach()) {
        assertThat(scope).isNotNull();
        chain.doFilter(request, response);
        assertThat(RequestContext.current()).isSameAs(context);
      }
    };
  }

  private RequestContext next() throws InterruptedException {
    RequestContext context = seen.poll(30, TimeUnit.SECONDS);
    assertThat(context).isNotNull();
    return context;
  }

  @Test
  void hasWhatTheFunctionsSay() throws Exception {
    server.filter(filter().timeout(MINUTE).build()).start();

    server.get("/ok", "Criticality", "SHEDDABLE", "User", "ann", "Pool", "orders");

    RequestContext context = next();
    assertThat(context.criticality()).isEqualTo(Criticality.SHEDDABLE);
    assertThat(context.cohort())
        .isEqualTo(RequestContext.builder().cohortOf("ann").build().cohort());
    assertThat(context.resource()).contains("orders");
    assertThat(context.remaining().orElseThrow()).isBetween(Duration.ofNanos(1), MINUTE);
  }

  @Test
  void hasTheDefaultsOfWhatIsNotKnown() throws Exception {
    server.filter(filter().build()).start();

    server.get("/ok");

    RequestContext context = next();
    assertThat(context).hasToString("RequestContext[STANDARD]");
    assertThat(context.remaining()).isEmpty();
  }

  @Test
  void eachRequestHasItsOwnAndNothingOfItsThread() throws Exception {
    Filter inATransaction =
        (request, response, chain) -> {
          RequestContext ofThread = RequestContext.current();
          ofThread.writeTransactionOpened();
          try {
            chain.doFilter(request, response);
          } finally {
            ofThread.writeTransactionClosed();
          }
        };
    ConsistencyToken token = ConsistencyToken.of("orders", 1, 7);
    server
        .filter(inATransaction)
        .filter(AdmissionFilter.builder(load.guard()).build())
        .on(
            "/observe",
            (request, response) -> {
              response.getWriter().print(RequestContext.current().inWriteTransaction());
              RequestContext.current().observe(token);
              seen.add(RequestContext.current());
            })
        .start();

    HttpResponse<String> response = server.get("/observe");
    server.get("/ok");

    assertThat(response.body()).isEqualTo("false");
    assertThat(next().token()).isEqualTo(token);
    assertThat(next().token()).isEqualTo(ConsistencyToken.NONE);
  }

  @Test
  void oneThatIsAttachedIsDerivedFrom() throws Exception {
    RequestContext outer =
        RequestContext.builder()
            .criticality(Criticality.SHEDDABLE)
            .cohort(0.75)
            .resource("orders")
            .timeout(MINUTE)
            .with(TENANT, "acme")
            .build();
    server.filter(attaching(outer)).filter(filter().timeout(Duration.ofHours(2)).build()).start();

    server.get("/ok");
    server.get("/ok", "Criticality", "CRITICAL", "User", "ann", "Pool", "search");

    RequestContext asItWas = next();
    assertThat(asItWas.get(TENANT)).isEqualTo("acme");
    assertThat(asItWas.criticality()).isEqualTo(Criticality.SHEDDABLE);
    assertThat(asItWas.cohort()).hasValue(0.75);
    assertThat(asItWas.resource()).contains("orders");
    assertThat(asItWas.remaining().orElseThrow()).isLessThanOrEqualTo(MINUTE);
    RequestContext changed = next();
    assertThat(changed.get(TENANT)).isEqualTo("acme");
    assertThat(changed.criticality()).isEqualTo(Criticality.CRITICAL);
    assertThat(changed.cohort().orElseThrow()).isNotEqualTo(0.75);
    assertThat(changed.resource()).contains("search");
    ConsistencyToken token = ConsistencyToken.of("orders", 1, 7);
    changed.observe(token);
    assertThat(outer.token()).isEqualTo(token);
  }

  @Test
  void goesAlongWhereverTheRequestIsDispatched() throws Exception {
    server.filter(filter().build()).start();
    for (String path : List.of("/forward", "/dispatch", "/missing")) {
      server.get(path, "User", "ann");
      RequestContext first = next();
      assertThat(first.cohort()).as(path).isPresent();
      assertThat(next()).as(path).isSameAs(first);
    }
  }

  @Test
  void nothingIsLeftOnTheThread() throws Exception {
    server.filter(filter().build()).start();
    assertThat(server.get("/ok").statusCode()).isEqualTo(200);
    assertThat(server.get("/throws").statusCode()).isEqualTo(500);
    assertThat(server.get("/dispatch").statusCode()).isEqualTo(200);
    assertThat(server.get("/ok", "Criticality", "nonsense").statusCode()).isEqualTo(500);
    load.becomeCritical();
    assertThat(server.get("/ok").statusCode()).isEqualTo(503);
    for (int i = 0; i < 6; i++) {
      assertThat(left.poll(30, TimeUnit.SECONDS)).isEmpty();
    }
  }
}
