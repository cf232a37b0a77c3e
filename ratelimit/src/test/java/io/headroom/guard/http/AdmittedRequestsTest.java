package io.headroom.guard.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.guard.GuardUnderLoad;
import io.headroom.ratelimit.http.Endings;
import io.headroom.ratelimit.http.WebServer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Admissions begin once and end once, however requests go and end, over real HTTP. */
class AdmittedRequestsTest {

  @TempDir private Path folder;
  private final GuardUnderLoad load = new GuardUnderLoad();
  private final Endings endings = new Endings();
  private WebServer server;

  @BeforeEach
  void make() {
    server =
        endings
            .on(new WebServer(folder))
            .on("/missing", (request, response) -> response.sendError(404))
            .on(
                "/forward",
                (request, response) ->
                    request.getRequestDispatcher("/ok").forward(request, response))
            .on(
                "/include",
                (request, response) ->
                    request.getRequestDispatcher("/ok").include(request, response))
            .on("/error-page", (request, response) -> response.getWriter().print("sorry"))
            .errorPage("/error-page", 404)
            .errorPage("/error-page", 500);
  }

  private void start() throws Exception {
    server.filter(AdmissionFilter.builder(load.guard()).build()).start();
  }

  @AfterEach
  void stop() throws Exception {
    load.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/async", "/async-again"})
  void anAsynchronousRequestIsAdmittedUntilItIsComplete(String path) throws Exception {
    start();
    CompletableFuture<HttpResponse<String>> one = server.send(path);
    AsyncContext first = endings.nextHanging();
    CompletableFuture<HttpResponse<String>> two = server.send(path);
    AsyncContext second = endings.nextHanging();
    load.awaitInFlight(2);

    first.getResponse().getWriter().print("at last");
    first.complete();
    load.awaitInFlight(1);
    second.complete();
    load.awaitInFlight(0);

    assertThat(one.get(30, TimeUnit.SECONDS).body()).isEqualTo("at last");
    assertThat(two.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  /** Another is in flight all the time, so that one that ends twice would show. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ok, 200",
        "/throws, 500",
        "/missing, 404",
        "/forward, 200",
        "/include, 200",
        "/async-done, 200",
        "/async-to-ok, 200",
        "/async-to-throws, 500",
        "/async-throws, 0 or 500",
        "/async-times-out, 500",
        "/async-times-out-and-goes-on, 200"
      })
  void anAdmissionBeginsOnceAndEndsOnceHoweverTheRequestGoes(String pathAndStatus)
      throws Exception {
    start();
    String[] parts = pathAndStatus.split(", ", 2);
    CompletableFuture<HttpResponse<String>> other = server.send("/async");
    AsyncContext held = endings.nextHanging();
    load.awaitInFlight(1);

    for (int i = 0; i < 3; i++) {
      long before = load.asked();
      assertThat(parts[1].split(" or ", -1)).contains("" + server.status(parts[0]));
      load.awaitInFlight(1);
      assertThat(load.asked()).isEqualTo(before + 1);
    }

    held.complete();
    assertThat(other.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    load.awaitInFlight(0);
  }

  /** What was let in is not refused halfway. */
  @ParameterizedTest
  @ValueSource(strings = {"forward", "error", "async"})
  void whatWasLetInGoesOnWhenOthersAreRefused(String dispatch) throws Exception {
    server.on(
        "/begin",
        (request, response) -> {
          load.becomeCritical();
          switch (dispatch) {
            case "forward" -> request.getRequestDispatcher("/ok").forward(request, response);
            case "async" -> request.startAsync().dispatch("/ok");
            default -> response.sendError(404);
          }
        });
    start();

    HttpResponse<String> response = server.get("/begin");

    assertThat(response.body()).isEqualTo(dispatch.equals("error") ? "sorry" : "served");
    assertThat(server.get("/ok").statusCode()).isEqualTo(503);
  }

  /** A filter before this one has said no: its error page is not ours to refuse. */
  @Test
  void anErrorPageOfARequestThatWasNotDecidedOnPasses() throws Exception {
    server.filter(
        (request, response, chain) -> {
          if (request.getDispatcherType() == DispatcherType.REQUEST) {
            ((HttpServletResponse) response).sendError(404);
          } else {
            chain.doFilter(request, response);
          }
        });
    start();
    load.becomeCritical();

    HttpResponse<String> response = server.get("/ok");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).isEqualTo("sorry");
    assertThat(load.asked()).isZero();
  }

  @Test
  void anIncludeByARequestThatWasNotDecidedOnPasses() throws Exception {
    server.filter(
        (request, response, chain) -> {
          if (request.getDispatcherType() == DispatcherType.REQUEST) {
            request.getRequestDispatcher("/ok").include(request, response);
          } else {
            chain.doFilter(request, response);
          }
        });
    start();
    load.becomeCritical();

    assertThat(server.get("/missing").body()).isEqualTo("served");
    assertThat(load.asked()).isZero();
  }

  @Test
  void twoFiltersBothAsk() throws Exception {
    try (GuardUnderLoad another = new GuardUnderLoad()) {
      server.filter(AdmissionFilter.builder(another.guard()).build());
      start();
      assertThat(server.get("/ok").statusCode()).isEqualTo(200);
      assertThat(another.asked()).isEqualTo(1);
      assertThat(load.asked()).isEqualTo(1);

      load.becomeCritical();
      assertThat(server.get("/ok").statusCode()).isEqualTo(503);
      assertThat(another.asked()).isEqualTo(2);
      another.awaitInFlight(0);
    }
  }

  @Test
  void aFunctionThatThrowsLetsTheRequestFailAndKeepsNoAdmission() throws Exception {
    server
        .filter(
            AdmissionFilter.builder(load.guard())
                .user(
                    request -> {
                      throw new IllegalArgumentException("on purpose");
                    })
                .build())
        .start();
    for (int i = 0; i < 3; i++) {
      assertThat(server.get("/ok").statusCode()).isEqualTo(500);
    }
    load.awaitInFlight(0);
  }

  @Test
  void aClientThatHangsUpEndsItsAdmission() throws Exception {
    start();
    Socket client = server.call("/async");
    AsyncContext context = endings.nextHanging();
    load.awaitInFlight(1);
    client.setSoLinger(true, 0);
    client.close();

    await().atMost(30, TimeUnit.SECONDS).until(() -> isGone(context));

    load.awaitInFlight(0);
  }

  /** Writes to a client, and ends the request once that fails. */
  private static boolean isGone(AsyncContext context) {
    try {
      HttpServletResponse response = (HttpServletResponse) context.getResponse();
      response.getOutputStream().write(new byte[64 * 1024]);
      response.flushBuffer();
      return false;
    } catch (IOException gone) {
      try {
        context.complete();
      } catch (IllegalStateException ended) {
        assertThat(ended).isNotNull(); // the server has ended it
      }
      return true;
    } catch (RuntimeException ended) {
      return true; // the server was faster
    }
  }
}
