package io.headroom.examples.quickstart.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headroom.RequestContext;
import io.headroom.guard.http.CapacityProblem;
import io.headroom.ratelimit.http.RateLimitHeaders;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the service answers, as JSON.
 *
 * <table>
 *   <caption>Requests</caption>
 *   <tr><td>GET /profiles?ids=1,2,3</td><td>a page of profiles, from the cache</td></tr>
 *   <tr><td>GET, PUT /users/1/profile</td><td>shows and changes one</td></tr>
 *   <tr><td>GET /users/1</td><td>a user, from the database</td></tr>
 *   <tr><td>GET /users/1/orders</td><td>its newest orders</td></tr>
 *   <tr><td>POST /users/1/orders?key=7</td><td>places one, once for each key</td></tr>
 *   <tr><td>GET /orders/newest</td><td>the newest of all users</td></tr>
 * </table>
 */
final class Api extends HttpServlet {

  private static final long serialVersionUID = 1;

  static final String NEWEST = "/orders/newest";

  /** When a change's commit began, by {@code System.nanoTime()}, for who measures invalidations. */
  static final String COMMIT = "Commit-Nanos";

  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final transient Profiles profiles;
  private final transient OrderBook orders;
  private final transient ObjectMapper json = new ObjectMapper();
  private final transient RateLimitHeaders headers = RateLimitHeaders.standard();

  Api(Profiles profiles, OrderBook orders) {
    this.profiles = profiles;
    this.orders = orders;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    try {
      Object answer = answer(request, response);
      if (answer == null) {
        response.setStatus(HttpServletResponse.SC_NOT_FOUND);
      } else {
        write(response, json.writeValueAsBytes(answer), "application/json");
      }
    } catch (NumberFormatException wrong) {
      response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
    } catch (SQLException | RuntimeException failure) {
      fail(failure, response);
    }
  }

  private @Nullable Object answer(HttpServletRequest request, HttpServletResponse response)
      throws SQLException {
    String path = request.getRequestURI();
    if (path.equals("/profiles")) {
      return profiles.findAll(ids(request)).values();
    }
    if (path.equals(NEWEST)) {
      return orders.newest();
    }
    Optional<Long> user = userIn(path);
    return user.isEmpty() ? null : answer(user.get(), path, request, response);
  }

  private @Nullable Object answer(
      long user, String path, HttpServletRequest request, HttpServletResponse response)
      throws SQLException {
    int end = path.indexOf('/', USERS.length());
    String what = request.getMethod() + (end < 0 ? "" : path.substring(end));
    return switch (what) {
      case "GET" -> orders.user(user).orElse(null);
      case "GET/profile" -> profiles.find(user);
      case "PUT/profile" -> changed(user, response);
      case "GET/orders" -> orders.ordersOf(user);
      case "POST/orders" -> orders.place(user, Long.parseLong(request.getParameter("key")));
      default -> null;
    };
  }

  private Profile changed(long user, HttpServletResponse response) throws SQLException {
    Profiles.Changed changed = profiles.change(user);
    response.setHeader(COMMIT, Long.toString(changed.commitNanos()));
    return changed.profile();
  }

  private static final String USERS = "/users/";

  /** The user whom a path is about. */
  static Optional<Long> userIn(String path) {
    if (!path.startsWith(USERS)) {
      return Optional.empty();
    }
    int end = path.indexOf('/', USERS.length());
    return Optional.of(Long.valueOf(path.substring(USERS.length(), end < 0 ? path.length() : end)));
  }

  private static List<Long> ids(HttpServletRequest request) {
    return Arrays.stream(request.getParameter("ids").split(",")).map(Long::valueOf).toList();
  }

  /** What may pass, as a failover does, is told so; the guard's refusals are its filter's. */
  private void fail(Exception failure, HttpServletResponse response)
      throws ServletException, IOException {
    if (!mayPass(failure)) {
      throw new ServletException(failure);
    }
    response.setStatus(CapacityProblem.STATUS);
    response.setHeader(RateLimitHeaders.RETRY_AFTER, Long.toString(headers.retryAfter(COME_BACK)));
    write(
        response,
        CapacityProblem.json().getBytes(StandardCharsets.UTF_8),
        CapacityProblem.MEDIA_TYPE);
  }

  /** Whether the database is away, or the request's time is up. */
  private static boolean mayPass(Exception failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof SQLException sql && Attempts.pauseAfter(sql).isPresent()) {
        return true;
      }
    }
    return RequestContext.current().remaining().map(Duration::isZero).orElse(false);
  }

  static void write(HttpServletResponse response, byte[] body, String type) throws IOException {
    response.setContentType(type);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
