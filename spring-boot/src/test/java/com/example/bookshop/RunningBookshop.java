package com.example.bookshop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The application, started as its {@code main} would, behind a real port. */
public final class RunningBookshop implements AutoCloseable {

  private final ConfigurableApplicationContext context;

  /**
   * Starts it with the file of the README.
   *
   * @param overrides what is other than in the file
   */
  public RunningBookshop(Map<String, String> overrides) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.flyway.enabled=false", // the test makes the tables
                "--spring.config.location=classpath:/bookshop/"));
    overrides.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    context = new SpringApplicationBuilder(Bookshop.class).run(arguments.toArray(String[]::new));
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** Somebody with cookies of his own. */
  public Browser browser() {
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

  /**
   * Somebody who uses the application.
   *
   * @param home where it is
   * @param client keeps cookies
   */
  public record Browser(URI home, HttpClient client) {

    public HttpResponse<String> get(String path) {
      return send(HttpRequest.newBuilder(home.resolve(path)).GET().build());
    }

    public HttpResponse<String> post(String path) {
      return send(
          HttpRequest.newBuilder(home.resolve(path))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build());
    }

    /** Without cookies, as programs are. */
    public HttpResponse<String> send(String method, String path, String header, String value) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(home.resolve(path))
              .method(method, HttpRequest.BodyPublishers.noBody());
      return new Browser(home, HttpClient.newHttpClient())
          .send((value.isEmpty() ? request : request.header(header, value)).build());
    }

    private HttpResponse<String> send(HttpRequest request) {
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
