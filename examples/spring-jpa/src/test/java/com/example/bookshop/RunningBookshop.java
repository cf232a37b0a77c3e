package com.example.bookshop;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The application, started as its {@code main} does, behind a real port. */
final class RunningBookshop implements AutoCloseable {

  private final ConfigurableApplicationContext context;

  private RunningBookshop(String profile, Map<String, String> properties) {
    List<String> arguments =
        new ArrayList<>(List.of("--server.port=0", "--spring.main.banner-mode=off"));
    properties.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    context =
        new SpringApplicationBuilder(Bookshop.class)
            .profiles(profile)
            .run(arguments.toArray(String[]::new));
  }

  /** On one server, as it was. */
  static RunningBookshop before(PostgresServer only, String database) {
    return new RunningBookshop("default", Map.of("spring.datasource.url", only.jdbcUrl(database)));
  }

  /** On a primary and two replicas. */
  static RunningBookshop after(PostgresServer a, List<PostgresServer> replicas, String database) {
    return new RunningBookshop(
        "replicas",
        Map.of(
            "bookshop.nodes.a", url(a, database),
            "bookshop.nodes.b", url(replicas.get(0), database),
            "bookshop.nodes.c", url(replicas.get(1), database),
            "bookshop.cookie-key", "no more than an example"));
  }

  /** On two shards, each with a primary and a replica; without web or a session for the view. */
  static RunningBookshop sharded(
      List<PostgresServer> shard0, List<PostgresServer> shard1, String database) {
    return new RunningBookshop(
        "shards",
        Map.of(
            "shards.s0.primary", url(shard0.get(0), database),
            "shards.s0.replica", url(shard0.get(1), database),
            "shards.s1.primary", url(shard1.get(0), database),
            "shards.s1.replica", url(shard1.get(1), database),
            "spring.main.web-application-type", "none",
            "spring.sql.init.mode", "never"));
  }

  private static String url(PostgresServer server, String database) {
    return server.jdbcUrl(database) + "&socketTimeout=5&connectTimeout=1";
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  <T> Collection<T> beans(Class<T> type) {
    return context.getBeansOfType(type).values();
  }

  boolean has(Class<?> type) {
    return !beans(type).isEmpty();
  }

  /** Connections that are out of their pools. */
  int borrowed() {
    return beans(HikariDataSource.class).stream()
        .mapToInt(pool -> pool.getHikariPoolMXBean().getActiveConnections())
        .sum();
  }

  /** A browser of its own, with its own cookies. */
  Browser browser() {
    return new Browser(
        URI.create("http://localhost:" + context.getEnvironment().getProperty("local.server.port")),
        HttpClient.newBuilder()
            .cookieHandler(new CookieManager())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build());
  }

  @Override
  public void close() {
    context.close();
  }

  /** Somebody who uses the application. */
  record Browser(URI home, HttpClient client) {

    String get(String path) {
      return send(HttpRequest.newBuilder(home.resolve(path)).GET().build());
    }

    String post(String path, String name, String value) {
      return send(form(path, name, value).build());
    }

    String put(String path) {
      HttpRequest.Builder request = HttpRequest.newBuilder(home.resolve(path));
      return send(request.PUT(HttpRequest.BodyPublishers.noBody()).build());
    }

    /** Makes an author, is sent on to it, and returns its number. */
    long author(String name) {
      String json = post("/authors", "name", name);
      return Long.parseLong(json.replaceAll("\\D*(\\d+).*", "$1"));
    }

    private HttpRequest.Builder form(String path, String name, String value) {
      String form = name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
      return HttpRequest.newBuilder(home.resolve(path))
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(HttpRequest.BodyPublishers.ofString(form));
    }

    private String send(HttpRequest request) {
      try {
        HttpResponse<String> answer =
            client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        if (answer.statusCode() != 200) {
          throw new AssertionError(
              request + " was answered with " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
