package io.headroom.examples.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headroom.ConsistencyToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The second application process as the first has it: a JVM that is told by lines on its standard
 * input and tells by lines on its standard output. Thread-safe.
 *
 * <table>
 *   <caption>The lines</caption>
 *   <tr><td>{@code ready}</td><td>from it: its connections are made</td></tr>
 *   <tr><td>{@code begin <token>}</td><td>to it: what was loaded, and that it is to begin</td></tr>
 *   <tr><td>{@code changed <change>}</td><td>both ways: a profile was changed</td></tr>
 *   <tr><td>{@code greed}</td><td>to it: its part of the greedy user is to begin</td></tr>
 *   <tr><td>{@code enough}</td><td>to it: it is to end that</td></tr>
 *   <tr><td>{@code greedy <json>}</td><td>from it: what came of that</td></tr>
 *   <tr><td>{@code end}</td><td>to it: no more changes come, it is to report</td></tr>
 *   <tr><td>{@code report <json>}</td><td>from it: what has come out, its last line</td></tr>
 * </table>
 */
final class SecondProcess implements Greed.Remote, AutoCloseable {

  static final String READY = "ready";
  static final String BEGIN = "begin";
  static final String CHANGED = "changed";
  static final String GREED = "greed";
  static final String ENOUGH = "enough";
  static final String GREEDY = "greedy";
  static final String END = "end";
  static final String REPORT = "report";

  private static final long LIMIT_SECONDS = 60;

  private final Process process;
  private final PrintStream in;
  private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
  private final CompletableFuture<Entries> greedy = new CompletableFuture<>();
  private final CompletableFuture<Report> report = new CompletableFuture<>();
  private final CompletableFuture<ChangeWatch> watch = new CompletableFuture<>();

  /**
   * What it says in the end.
   *
   * @param profiles of its cache
   * @param entries of its clients, at the limits
   */
  record Report(ProfileReport profiles, Entries entries) {}

  private SecondProcess(Process process) {
    this.process = process;
    this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "second-process");
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts it, which goes on in the background. */
  static SecondProcess start(Fleet fleet, int users) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
    command.add(SecondMain.class.getName());
    command.add(fleet.redis().uri());
    command.add(Integer.toString(users));
    fleet.nodes().forEach(node -> command.add(node.toString()));
    return new SecondProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /**
   * Has it begin.
   *
   * @param loaded what every request has seen
   * @param watch is told of its changes
   */
  void begin(ConsistencyToken loaded, ChangeWatch watch) throws Exception {
    ready.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    this.watch.complete(watch);
    say(BEGIN, loaded);
  }

  /** Tells it of a change of this process. */
  void tell(Change change) {
    say(CHANGED, change);
  }

  @Override
  public void beginGreed() {
    say(GREED, "");
  }

  @Override
  public Entries endGreed() throws Exception {
    say(ENOUGH, "");
    return greedy.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Has it end; all of its changes have been heard of by then. */
  Report end() throws Exception {
    say(END, "");
    return report.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private void say(String what, Object about) {
    in.println((what + " " + about).strip());
  }

  private void read() {
    ObjectMapper json = new ObjectMapper();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(CHANGED)) {
          watch.join().heard(Change.parse(after(line)));
        } else if (line.startsWith(REPORT)) {
          report.complete(json.readValue(after(line), Report.class));
        } else if (line.startsWith(GREEDY)) {
          greedy.complete(json.readValue(after(line), Entries.class));
        } else if (line.startsWith(READY)) {
          ready.complete(true);
        }
      }
      failed(new IllegalStateException("the second process has ended early"));
    } catch (IOException | RuntimeException failure) {
      failed(failure);
    }
  }

  private void failed(Exception failure) {
    ready.completeExceptionally(failure);
    greedy.completeExceptionally(failure);
    report.completeExceptionally(failure);
  }

  /** What a line says, after the word that it begins with. */
  static String after(String line) {
    return line.substring(line.indexOf(' ') + 1).strip();
  }

  /** Its standard input ends, and so does it. */
  @Override
  public void close() {
    in.close();
    process.destroy();
  }
}
