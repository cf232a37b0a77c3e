package io.headroom.guard.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RetryLater;
import io.headroom.guard.GuardUnderLoad;
import io.headroom.guard.OverloadedException;
import io.headroom.guard.PoolRefusedException;
import io.headroom.ratelimit.http.RateLimitHeaders;
import io.headroom.ratelimit.http.WebServer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who was let in at the door, and is refused at a pool within: over real HTTP. */
class RefusedInTheChainTest {

  @TempDir private Path folder;
  private final GuardUnderLoad load = new GuardUnderLoad();
  private final GuardUnderLoad within = new GuardUnderLoad();
  private final BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
  private WebServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        new WebServer(folder)
            .filter(
                (request, response, chain) -> {
                  ((HttpServletResponse) response).addHeader("Before", "one");
                  ((HttpServletResponse) response).addHeader("Before", "two");
                  try {
                    chain.doFilter(request, response);
                  } catch (Exception e) {
                    if (!isNested(request.getDispatcherType())) {
                      thrown.add(e);
                    }
                    throw e;
                  }
                })
            .filter(
                AdmissionFilter.builder(load.guard())
                    .headers(RateLimitHeaders.withJitter(Duration.ZERO, () -> 0))
                    .build())
            .on("/pool", (request, response) -> usePool())
            .on(
                "/wrapped",
                (request, response) ->
                    usePool(e -> new IllegalStateException(new ServletException("failed", e))))
            .on(
                "/as-sql",
                (request, response) -> usePool(e -> new IllegalStateException(new SQLException(e))))
            .on(
                "/as-io",
                (request, response) -> usePool(e -> new UncheckedIOException(new IOException(e))))
            .on("/itself", (request, response) -> throwAnything(refusal()))
            .on("/later", (request, response) -> throwAnything(new NoPrimary()))
            .on(
                "/later-wrapped",
                (request, response) ->
                    throwAnything(wrapped(new SQLException(new NoPrimary()), 30)))
            .on(
                "/later-too-deep",
                (request, response) ->
                    throwAnything(wrapped(new SQLException(new NoPrimary()), 31)))
            .on("/door", (request, response) -> within.guard().admitOrThrow().close())
            .on(
                "/door-wrapped",
                (request, response) -> {
                  try {
                    within.guard().admitOrThrow().close();
                  } catch (OverloadedException e) {
                    throw new IllegalStateException(e);
                  }
                })
            .on("/deep", (request, response) -> usePool(e -> wrapped(e, 31)))
            .on("/too-deep", (request, response) -> usePool(e -> wrapped(e, 32)))
            .on(
                "/circle",
                (request, response) -> {
                  IllegalStateException one = new IllegalStateException("one");
                  one.initCause(new IllegalStateException("another", one));
                  throw one;
                })
            .on("/else", (request, response) -> throwAnything(new SQLException("else", "53000")))
            .on(
                "/half-written",
                (request, response) -> {
                  response.setStatus(201);
                  response.setContentType("text/csv;charset=UTF-16");
                  response.setHeader("Cache-Control", "public, max-age=3600");
                  response.setHeader("Content-Encoding", "gzip");
                  response.setHeader("Before", "another");
                  response.getWriter().print("half");
                  usePool();
                })
            .on(
                "/on-its-way",
                (request, response) -> {
                  response.getWriter().print("half");
                  response.flushBuffer();
                  usePool();
                })
            .on(
                "/forward",
                (request, response) ->
                    request.getRequestDispatcher("/pool").forward(request, response))
            .on(
                "/include",
                (request, response) -> {
                  response.getWriter().print("half");
                  request.getRequestDispatcher("/pool").include(request, response);
                })
            .on(
                "/dispatch",
                (request, response) -> {
                  response.setHeader("Cache-Control", "public, max-age=3600");
                  request.startAsync().dispatch("/pool");
                })
            .on("/missing", (request, response) -> response.sendError(404))
            .on(
                "/async",
                (request, response) -> {
                  request.startAsync();
                  usePool();
                })
            .errorPage("/pool", 404)
            .start();
  }

  @AfterEach
  void stop() throws Exception {
    load.close();
    within.close();
    server.close();
  }

  private static boolean isNested(DispatcherType type) {
    return type == DispatcherType.FORWARD || type == DispatcherType.INCLUDE;
  }

  /** As another library throws it that knows nothing of guards. */
  private static final class NoPrimary extends SQLTransientConnectionException
      implements RetryLater {

    private static final long serialVersionUID = 1L;

    NoPrimary() {
      super("cluster 'orders' has no primary", "08001");
    }

    @Override
    public Duration retryAfter() {
      return Duration.ofMillis(2_001);
    }
  }

  private interface Wrapping {
    RuntimeException wrap(SQLException refused);
  }

  private void usePool() {
    usePool(IllegalStateException::new);
  }

  private void usePool(Wrapping wrapping) {
    try {
      load.use();
    } catch (SQLException e) {
      throw wrapping.wrap(e);
    }
  }

  /** With so many exceptions around it. */
  private static RuntimeException wrapped(Exception refused, int times) {
    RuntimeException all = new IllegalStateException(refused);
    for (int i = 1; i < times; i++) {
      all = new IllegalStateException(all);
    }
    return all;
  }

  private SQLException refusal() throws Exception {
    try {
      load.use();
    } catch (PoolRefusedException e) {
      return e;
    }
    throw new AssertionError("the pool was to be full");
  }

  /** As languages do that check no exceptions. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> void throwAnything(Exception any) throws E {
    throw (E) any;
  }

  private static String header(HttpResponse<?> response, String name) {
    return String.join(" | ", response.headers().allValues(name));
  }

  private static void assertRefused(HttpResponse<String> response, String seconds) {
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(header(response, "Retry-After")).isEqualTo(seconds);
    assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(header(response, "Content-Length")).isEqualTo("" + response.body().length());
    assertThat(header(response, "Before")).isEqualTo("one | two");
    assertThat(response.body()).isEqualTo(CapacityProblem.json());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/pool",
        "/wrapped",
        "/as-sql",
        "/as-io",
        "/itself",
        "/deep",
        "/forward",
        "/include",
        "/missing"
      })
  void aRefusalByAPoolHasTheSameAnswer(String path) throws Exception {
    if (!path.equals("/itself")) {
      assertThat(server.get(path).statusCode()).isIn(200, 404);
    }
    load.fill();

    assertRefused(server.get(path), "1");

    assertThat(thrown).isEmpty();
    load.awaitInFlight(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/door", "/door-wrapped"})
  void aRefusalByAGuardWithinHasTheSameAnswer(String path) throws Exception {
    assertThat(server.get(path).statusCode()).isEqualTo(200);
    within.becomeCritical();

    assertRefused(server.get(path), "2");

    assertThat(thrown).isEmpty();
    load.awaitInFlight(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/later", "/later-wrapped"})
  void whateverMayBeHadLaterHasTheSameAnswer(String path) throws Exception {
    assertRefused(server.get(path), "3");

    assertThat(thrown).isEmpty();
    load.awaitInFlight(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/too-deep", "/later-too-deep", "/circle", "/else"})
  void whatIsNoRefusalIsLetThrough(String path) throws Exception {
    load.fill();

    HttpResponse<String> response = server.get(path);

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(header(response, "Retry-After")).isEmpty();
    assertThat(thrown).hasSize(1);
    load.awaitInFlight(0);
  }

  @Test
  void whatWasWrittenByThenIsTakenBack() throws Exception {
    load.fill();

    HttpResponse<String> response = server.get("/half-written");

    assertRefused(response, "1");
    assertThat(header(response, "Cache-Control")).isEmpty();
    assertThat(header(response, "Content-Encoding")).isEmpty();
  }

  @Test
  void anAnswerThatIsOnItsWayIsNotChanged() throws Exception {
    load.fill();

    assertThat(server.status("/on-its-way")).isEqualTo(200);

    assertThat(thrown.poll(30, TimeUnit.SECONDS))
        .rootCause()
        .isInstanceOf(PoolRefusedException.class);
    load.awaitInFlight(0);
  }

  @Test
  void anAsynchronousDispatchHasTheSameAnswer() throws Exception {
    load.fill();

    HttpResponse<String> response = server.get("/dispatch");

    assertRefused(response, "1");
    assertThat(header(response, "Cache-Control")).isEmpty();
    assertThat(thrown).isEmpty();
  }

  /** Somebody may be writing its answer. (Tomcat 10.1 sends none then.) */
  @Test
  void aRequestThatHasGoneAsynchronousIsNotAnswered() throws Exception {
    load.fill();

    assertThat(server.status("/async")).isIn(0, 500);

    assertThat(thrown.poll(30, TimeUnit.SECONDS))
        .rootCause()
        .isInstanceOf(PoolRefusedException.class);
    load.awaitInFlight(0);
  }
}
