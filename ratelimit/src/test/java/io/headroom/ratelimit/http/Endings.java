package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Paths of a {@link WebServer} whose requests end in all the ways in which requests do. */
public final class Endings {

  /** Asynchronous ones that nothing has ended yet. */
  private final BlockingQueue<AsyncContext> hanging = new LinkedBlockingQueue<>();

  /** Adds the paths. */
  public WebServer on(WebServer server) {
    return server
        .on("/ok", (request, response) -> response.getWriter().print("served"))
        .on("/throws", Endings::fail)
        .on("/async", (request, response) -> hanging.add(forever(request)))
        .on("/async-again", this::hangSecondTime)
        .on("/async-done", (request, response) -> request.startAsync().complete())
        .on("/async-to-ok", (request, response) -> request.startAsync().dispatch("/ok"))
        .on("/async-to-throws", (request, response) -> request.startAsync().dispatch("/throws"))
        .on(
            "/async-throws",
            (request, response) -> {
              request.startAsync();
              fail(request, response);
            })
        .on("/async-times-out", (request, response) -> request.startAsync().setTimeout(1))
        .on(
            "/async-times-out-and-answers",
            (request, response) ->
                onTimeout(
                    request,
                    late -> {
                      response.getWriter().print("late");
                      late.complete();
                    }))
        .on(
            "/async-times-out-and-goes-on",
            (request, response) -> onTimeout(request, late -> late.dispatch("/ok")));
  }

  /** The next that hangs, once it does. */
  public AsyncContext nextHanging() throws InterruptedException {
    AsyncContext next = hanging.poll(30, TimeUnit.SECONDS);
    assertThat(next).as("a request that hangs").isNotNull();
    return next;
  }

  private static void fail(HttpServletRequest request, HttpServletResponse response) {
    throw new IllegalArgumentException("on purpose: " + request.getRequestURI() + response);
  }

  private static AsyncContext forever(HttpServletRequest request) {
    AsyncContext context = request.startAsync();
    context.setTimeout(0);
    return context;
  }

  private void hangSecondTime(HttpServletRequest request, HttpServletResponse response) {
    if (request.getDispatcherType() == DispatcherType.ASYNC) {
      hanging.add(forever(request));
    } else {
      request.startAsync().dispatch();
    }
  }

  private interface Late {
    void go(AsyncContext context) throws IOException;
  }

  private static void onTimeout(HttpServletRequest request, Late late) {
    AsyncContext context = request.startAsync();
    context.setTimeout(1);
    context.addListener(
        new AsyncListener() {
          @Override
          public void onComplete(AsyncEvent event) {}

          @Override
          public void onTimeout(AsyncEvent event) throws IOException {
            late.go(event.getAsyncContext());
          }

          @Override
          public void onError(AsyncEvent event) {}

          @Override
          public void onStartAsync(AsyncEvent event) {}
        });
  }
}
