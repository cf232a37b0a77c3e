package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Entries;
import io.headroom.examples.quickstart.service.Figures;
import io.headroom.examples.quickstart.service.News;
import io.headroom.examples.quickstart.service.ServiceMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A service as the load balancer has it: a JVM, and connections to it that are kept. The service
 * ends when its standard input does, and so with this JVM, however that ends. Thread-safe.
 */
final class ServiceProcess implements AutoCloseable {

  private static final long LIMIT_SECONDS = 60;

  /** Hears what a service tells. */
  interface Listener {

    void onEvent(String service, String what);

    void onLevel(String service, String pool, String from, String to);
  }

  private final String name;
  private final Process process;
  private final Listener listener;
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final Deque<HttpLine> idle = new ConcurrentLinkedDeque<>();
  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /** Listens to a service that was started. */
  ServiceProcess(String name, Process process, Listener listener) {
    this.name = name;
    this.process = process;
    this.listener = listener;
    Thread reader = new Thread(this::read, name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts it, which goes on in the background. */
  static ServiceProcess start(String name, Fleet fleet, String key, Listener listener)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
    command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
    command.add(ServiceMain.class.getName());
    command.add(fleet.redis().uri());
    fleet.nodes().forEach(node -> command.add(node.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put(ServiceMain.KEY, key);
    return new ServiceProcess(name, builder.start(), listener);
  }

  private void read() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        hear(line);
      }
      trouble("it has ended");
    } catch (IOException failure) {
      trouble("it is not heard any more: " + failure);
    }
  }

  /** One line that is not understood must not leave all others unread, and the service stuck. */
  private void hear(String line) {
    try {
      String[] words = line.split(" ", 2);
      switch (words[0]) {
        case News.LISTENING -> port.complete(Integer.valueOf(words[1]));
        case News.EVENT -> listener.onEvent(name, words[1]);
        case News.LEVEL -> {
          String[] level = words[1].split(" ", 3);
          listener.onLevel(name, level[0], level[1], level[2]);
        }
        default -> listener.onEvent(name, line);
      }
    } catch (RuntimeException failure) {
      trouble("it said what nobody understands: " + line + " (" + failure + ")");
    }
  }

  private void trouble(String what) {
    if (!closed) {
      troubles.add(name + ": " + what);
      port.completeExceptionally(new IllegalStateException(name + ": " + what));
      listener.onEvent(name, what);
    }
  }

  /** What should not have happened to it, such as its end. */
  List<String> troubles() {
    return List.copyOf(troubles);
  }

  String name() {
    return name;
  }

  /** Waits until it listens. */
  int port() throws Exception {
    return port.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  Answer exchange(Ask ask) throws IOException {
    HttpLine kept = idle.pollFirst();
    HttpLine line = kept == null ? new HttpLine(port.join()) : kept;
    try {
      Answer answer = line.exchange(ask);
      if (answer.endsTheLine()) {
        line.close();
      } else {
        idle.addFirst(line);
      }
      return answer;
    } catch (IOException | RuntimeException failure) {
      line.close();
      throw failure;
    }
  }

  Figures figures() throws IOException {
    return exchange(Ask.get(Figures.PATH, "127.0.0.1", null)).as(Figures.class);
  }

  /** What came of an address at its limits. */
  Entries entriesOf(String address) throws IOException {
    return exchange(Ask.get(Figures.ENTRIES_OF + address, "127.0.0.1", null)).as(Entries.class);
  }

  /** Its standard input ends, and so does it. */
  @Override
  public void close() {
    closed = true;
    idle.forEach(HttpLine::close);
    try {
      process.getOutputStream().close();
    } catch (IOException gone) {
      // then it has ended already
    }
    process.destroy();
  }
}
