package com.example.market;

import com.example.market.Request.Kind;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a stage behind the JDK's own HTTP server. All stages have the same: {@code GET /stalls/7},
 * {@code POST /stalls/7/orders}, {@code GET /stalls/7/orders}, {@code GET /orders}; who asks is in
 * the header {@code User}, and what he has seen in the cookie {@code seen}.
 */
public final class HttpFront implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);

  private static final int THREADS = 200;
  private static final Pattern STALL = Pattern.compile("/stalls/(\\d{1,18})(/orders)?");

  private final Market market;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  /**
   * Listens on this machine, on a port that is free.
   *
   * @param market what it serves, which stays its owner's to close
   */
  public HttpFront(Market market) {
    this.market = market;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      send(exchange, answer(exchange));
    }
  }

  private Answer answer(HttpExchange exchange) {
    try {
      Optional<Request> request = request(exchange);
      return request.isEmpty() ? Answer.of(null) : market.answer(request.get());
    } catch (SQLException | RuntimeException failure) {
      LOG.warn("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), failure);
      return Answer.failed();
    }
  }

  private static Optional<Request> request(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    boolean post = exchange.getRequestMethod().equals("POST");
    Matcher stall = STALL.matcher(path);
    if (stall.matches()) {
      boolean orders = stall.group(2) != null;
      Kind kind = !orders ? Kind.PAGE : post ? Kind.ORDER : Kind.ORDERS;
      return Optional.of(request(exchange, kind, Long.parseLong(stall.group(1))));
    }
    return path.equals("/orders")
        ? Optional.of(request(exchange, Kind.NEWEST, 0))
        : Optional.empty();
  }

  private static Request request(HttpExchange exchange, Kind kind, long stall) {
    String address = exchange.getRemoteAddress().getAddress().getHostAddress();
    String user = exchange.getRequestHeaders().getFirst("User");
    return new Request(kind, stall, user == null ? address : user, address, seen(exchange));
  }

  private static String seen(HttpExchange exchange) {
    String cookies = exchange.getRequestHeaders().getFirst("Cookie");
    if (cookies != null) {
      for (String cookie : cookies.split(";", -1)) {
        if (cookie.strip().startsWith("seen=")) {
          return cookie.strip().substring("seen=".length());
        }
      }
    }
    return "";
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    answer
        .retryAfter()
        .map(wait -> Long.toString(wait.toSeconds() + 1))
        .ifPresent(seconds -> exchange.getResponseHeaders().set("Retry-After", seconds));
    answer
        .seen()
        .ifPresent(
            seen ->
                exchange
                    .getResponseHeaders()
                    .set("Set-Cookie", "seen=" + seen + "; Path=/; HttpOnly; SameSite=Lax"));
    byte[] body = answer.body().map(Object::toString).orElse("").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
