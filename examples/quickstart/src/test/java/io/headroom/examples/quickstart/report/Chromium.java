package io.headroom.examples.quickstart.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A headless Chromium, driven by its DevTools protocol: no driver, no library. */
final class Chromium implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** An event of the page, such as {@code Network.requestWillBeSent}. */
  record Event(String method, JsonNode params) {}

  private final Process process;
  private final Path profile;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private String session = "";

  private Chromium(Process process, Path profile, URI address) {
    this.process = process;
    this.profile = profile;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(address, new Answers())
            .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .join();
  }

  /** Where it is installed, if it is. */
  static Optional<Path> installed() {
    return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Chromium start(Path program, Path profile) throws IOException {
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolveSibling(profile.getFileName() + ".log").toFile())
            .start();
    try {
      Path port = profile.resolve("DevToolsActivePort");
      Awaitility.await("Chromium's port")
          .atMost(PATIENCE)
          .until(() -> Files.exists(port) && Files.readAllLines(port).size() == 2);
      List<String> lines = Files.readAllLines(port);
      Chromium chromium =
          new Chromium(
              process, profile, URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)));
      chromium.openTab();
      return chromium;
    } catch (IOException | RuntimeException | Error e) {
      end(process);
      throw e;
    }
  }

  private void openTab() {
    JsonNode target = call("Target.createTarget", Map.of("url", "about:blank"));
    JsonNode attached =
        call(
            "Target.attachToTarget",
            Map.of("targetId", target.get("targetId").asText(), "flatten", true));
    session = attached.get("sessionId").asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** Opens a file at a width, in CSS pixels, and waits until it is there. */
  void open(Path page, int width, boolean dark) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    events.clear();
    call("Page.navigate", Map.of("url", page.toUri().toString()));
    Awaitility.await("the page has loaded")
        .atMost(PATIENCE)
        .until(() -> !events("Page.loadEventFired").isEmpty());
  }

  void scripts(boolean allowed) {
    call("Emulation.setScriptExecutionDisabled", Map.of("value", !allowed));
  }

  /** What an expression of JavaScript is, as JSON. */
  JsonNode evaluate(String expression) {
    JsonNode answer =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
    }
    return answer.get("result").path("value");
  }

  void movePointer(double x, double y) {
    call("Input.dispatchMouseEvent", Map.of("type", "mouseMoved", "x", x, "y", y));
  }

  List<JsonNode> events(String method) {
    return events.stream().filter(it -> it.method().equals(method)).map(Event::params).toList();
  }

  private JsonNode call(String method, Map<String, ?> params) {
    JsonNode found = send(method, params).orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    if (found.has("error")) {
      throw new IllegalStateException(method + ": " + found.get("error"));
    }
    return found.get("result");
  }

  private CompletableFuture<JsonNode> send(String method, Map<String, ?> params) {
    int id = ids.incrementAndGet();
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(params));
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket.sendText(message.toString(), true).join();
    return answer;
  }

  /** Asks it to end, since one that is killed leaves a folder behind. */
  @Override
  public void close() {
    session = "";
    var unused = send("Browser.close", Map.of());
    try {
      process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    } catch (CompletionException stays) {
      System.out.println(this + " has to be killed: " + stays.getMessage());
    }
    socket.abort();
    end(process);
  }

  /** Its helpers too: they are children of children. */
  private static void end(Process process) {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(it -> it.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join());
  }

  @Override
  public String toString() {
    return "Chromium " + process.pid() + " in " + profile;
  }

  private final class Answers implements WebSocket.Listener {

    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        take(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }

    private void take(String message) {
      try {
        JsonNode json = JSON.readTree(message);
        if (json.has("id")) {
          answers.remove(json.get("id").asInt()).complete(json);
        } else {
          events.add(new Event(json.get("method").asText(), json.get("params")));
        }
      } catch (IOException e) {
        throw new IllegalStateException("not JSON: " + message, e);
      }
    }
  }
}
