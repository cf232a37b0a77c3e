package com.example.bookshop;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisServer;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The application, started as its {@code main} does, behind a real port. */
final class RunningBookshop implements AutoCloseable {

  private final ConfigurableApplicationContext context;

  /**
   * Starts it.
   *
   * @param configuration the folder of its file, on the class path
   * @param overrides what is other than in the file
   */
  private RunningBookshop(String configuration, Map<String, String> overrides) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.config.location=classpath:" + configuration));
    overrides.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    context = new SpringApplicationBuilder(Bookshop.class).run(arguments.toArray(String[]::new));
  }

  /** On one server, as it was. */
  static RunningBookshop before(PostgresServer only, String database) {
    return new RunningBookshop(
        "/before/",
        Map.of(
            "spring.datasource.url", only.jdbcUrl(database),
            "spring.datasource.username", "postgres",
            "BOOKSHOP_DB_PASSWORD", "none"));
  }

  /** On a primary and two replicas, with all that its file turns on. */
  static RunningBookshop after(
      PostgresExtension postgres, RedisServer redis, Map<String, String> more) {
    Map<String, String> overrides = new HashMap<>(more);
    overrides.put("headroom.database.username", "postgres");
    overrides.put("headroom.database.primary.url", url(postgres, postgres.server(0)));
    overrides.put("headroom.database.replicas.b.url", url(postgres, postgres.replicasOf(0).get(0)));
    overrides.put("headroom.database.replicas.c.url", url(postgres, postgres.replicasOf(0).get(1)));
    overrides.put("headroom.redis.uri", redis.uri());
    overrides.put("BOOKSHOP_DB_PASSWORD", "none");
    overrides.put("BOOKSHOP_TOKEN_KEY", "no more than an example");
    return new RunningBookshop("/", overrides);
  }

  /** On two shards, each with a primary and a replica; without web or a session for the view. */
  static RunningBookshop sharded(PostgresExtension postgres) {
    Map<String, String> overrides = new HashMap<>();
    for (int shard = 0; shard < 2; shard++) {
      String at = "headroom.database.shards.s" + shard;
      overrides.put(at + ".primary.url", url(postgres, postgres.server(shard)));
      overrides.put(at + ".replicas.b.url", url(postgres, postgres.replicasOf(shard).get(0)));
    }
    overrides.put("headroom.database.username", "postgres");
    overrides.put("BOOKSHOP_DB_PASSWORD", "none");
    overrides.put("spring.main.web-application-type", "none");
    return new RunningBookshop("/shards/", overrides);
  }

  private static String url(PostgresExtension postgres, PostgresServer server) {
    return server.jdbcUrl(postgres.database()) + "&socketTimeout=5&connectTimeout=1";
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
      HttpResponse<String> answer = answer(request);
      if (answer.statusCode() != 200) {
        throw new AssertionError(
            request + " was answered with " + answer.statusCode() + ": " + answer.body());
      }
      return answer.body();
    }

    /** Whatever it says. */
    HttpResponse<String> ask(String path) {
      return answer(HttpRequest.newBuilder(home.resolve(path)).GET().build());
    }

    /** Makes an author, whatever the answer says. */
    HttpResponse<String> tryAuthor(String name) {
      return answer(form("/authors", "name", name).build());
    }

    private HttpResponse<String> answer(HttpRequest request) {
      try {
        return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
