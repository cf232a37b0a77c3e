package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Somebody who comes to the market, over HTTP, and keeps cookies. */
final class Visitor {

  private final HttpClient client =
      HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
  private final String home;
  private final String name;

  Visitor(HttpFront front, String name) {
    this.home = "http://127.0.0.1:" + front.port();
    this.name = name;
  }

  HttpResponse<String> get(String path) {
    return send("GET", path);
  }

  HttpResponse<String> post(String path) {
    return send("POST", path);
  }

  /** Reads what must be there. */
  String read(String path) {
    return body(get(path));
  }

  /** Orders at a stall, which must succeed. */
  String order(long stall) {
    return body(post("/stalls/" + stall + "/orders"));
  }

  private static String body(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  CompletableFuture<HttpResponse<String>> getLater(String path) {
    return client.sendAsync(
        request("GET", path), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private HttpResponse<String> send(String method, String path) {
    try {
      return client.send(
          request(method, path), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest request(String method, String path) {
    return HttpRequest.newBuilder(URI.create(home + path))
        .header("User", name)
        .method(method, HttpRequest.BodyPublishers.noBody())
        .build();
  }
}
