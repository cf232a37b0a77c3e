package io.headroom.ratelimit.http;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;

/** A Tomcat on a port of this machine, with a filter before everything, and a client for it. */
public final class WebServer implements AutoCloseable {

  /** Held, since a logger that nobody holds forgets its level. */
  private static final Logger NOISE = Logger.getLogger("org.apache");

  /** What a path does. */
  public interface Work {
    void serve(HttpServletRequest request, HttpServletResponse response) throws Exception;
  }

  private final Tomcat tomcat = new Tomcat();
  private final Context context;
  private int filters;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  public WebServer(Path folder) {
    NOISE.setLevel(Level.OFF);
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    context = tomcat.addContext("", folder.toString());
  }

  /** Puts a filter before everything, dispatches of all kinds too. */
  public WebServer filter(Filter filter) {
    String name = "filter" + ++filters;
    return set(
        application -> {
          FilterRegistration.Dynamic registration = application.addFilter(name, filter);
          registration.setAsyncSupported(true);
          registration.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), true, "/*");
        });
  }

  public WebServer on(String path, Work work) {
    return set(
        application -> {
          ServletRegistration.Dynamic registration = application.addServlet(path, servlet(work));
          registration.setAsyncSupported(true);
          registration.addMapping(path);
        });
  }

  private WebServer set(Consumer<ServletContext> up) {
    context.addServletContainerInitializer((types, application) -> up.accept(application), null);
    return this;
  }

  private static HttpServlet servlet(Work work) {
    return new HttpServlet() {
      private static final long serialVersionUID = 1;

      @Override
      protected void service(HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        try {
          work.serve(request, response);
        } catch (RuntimeException | IOException e) {
          throw e;
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }

  public WebServer errorPage(String path, int status) {
    ErrorPage page = new ErrorPage();
    page.setErrorCode(status);
    page.setLocation(path);
    context.addErrorPage(page);
    return this;
  }

  public WebServer start() throws LifecycleException {
    tomcat.start();
    return this;
  }

  int port() {
    return tomcat.getConnector().getLocalPort();
  }

  public HttpResponse<String> get(String path, String... headers) throws Exception {
    return client.send(request(path, headers).build(), HttpResponse.BodyHandlers.ofString());
  }

  public HttpResponse<String> head(String path) throws Exception {
    HttpRequest request = request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  public CompletableFuture<HttpResponse<String>> send(String path, String... headers) {
    return client.sendAsync(request(path, headers).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Asks on a connection of its own; 0 if the server closes it without a word. */
  public int status(String path) throws IOException {
    try (Socket socket = call(path)) {
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.isEmpty() ? 0 : Integer.parseInt(answer.split(" ", 3)[1]);
    }
  }

  /** Asks, and leaves it to the caller to hang up. */
  public Socket call(String path) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  private HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofSeconds(60));
    return headers.length == 0 ? request : request.headers(headers);
  }

  @Override
  public void close() throws LifecycleException {
    tomcat.stop();
    tomcat.destroy();
  }
}
