package io.headroom.testkit.servers;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * One run of a server: its first process with that one's children, from start to end.
 *
 * <p>Not thread-safe: {@link ServerInstance} guards it.
 */
final class ServerProcess {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(20);
  private static final Duration DEATH_LIMIT = Duration.ofSeconds(5);

  private final ServerProgram program;
  private final int port;
  private final List<String> command;
  private final Path log;
  private final Watchdog watchdog;
  private final Process first;
  private boolean ready;
  private boolean frozen;

  private ServerProcess(
      ServerProgram program, int port, List<String> command, Path log, Watchdog watchdog)
      throws IOException {
    this.program = program;
    this.port = port;
    this.command = command;
    this.log = log;
    this.watchdog = watchdog;
    this.first =
        Command.builder(command)
            .directory(program.folder().toFile())
            .redirectOutput(Redirect.appendTo(log.toFile()))
            .start();
    watchdog.watch(first.pid());
  }

  /** Starts a server and waits until it accepts connections. */
  static ServerProcess start(ServerProgram program, int port, Path log, Watchdog watchdog) {
    List<String> command = program.command(port);
    try {
      ServerProcess process = new ServerProcess(program, port, command, log, watchdog);
      try {
        process.awaitReady();
        return process;
      } finally {
        process.endUnlessReady();
      }
    } catch (IOException failure) {
      throw new ServerException("Cannot run: " + Command.quoted(command), failure);
    }
  }

  boolean isAlive() {
    return first.isAlive();
  }

  boolean isFrozen() {
    return frozen && isAlive();
  }

  long pid() {
    return first.pid();
  }

  /** Stops the first process first, so that it makes no more children, then those that it has. */
  void freeze() {
    Set<Long> stopped = new LinkedHashSet<>(List.of(pid()));
    Set<Long> running = stopped;
    while (!running.isEmpty()) {
      Command.signal("STOP", running);
      running = descendants();
      running.removeAll(stopped);
      stopped.addAll(running);
    }
    frozen = true;
  }

  void thaw() {
    Set<Long> all = descendants();
    all.add(pid());
    Command.signal("CONT", all);
    frozen = false;
  }

  /** Kills all processes at once, as if the machine had lost its power. */
  void kill() {
    freeze();
    List<ProcessHandle> all =
        Stream.concat(first.descendants(), Stream.of(first.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    // The next run of this server fails while a child of this one still holds its shared memory.
    long start = System.nanoTime();
    while ((first.isAlive() || all.stream().anyMatch(ServerProcess::runs))
        && System.nanoTime() - start < DEATH_LIMIT.toNanos()) {
      LockSupport.parkNanos(1_000_000);
    }
    program.afterKill();
    watchdog.forget(pid());
  }

  /** Disconnects the clients and shuts down in order, unless it has ended by itself. */
  void shutDown() {
    end("INT");
  }

  /** Ends at once, leaving nothing behind but the folder. */
  void quit() {
    end(program.quitSignal());
  }

  private void end(String signal) {
    if (!isAlive()) {
      watchdog.forget(pid()); // a crash: its number may soon be another's
      return;
    }
    if (isFrozen()) {
      thaw();
    }
    Command.signal(signal, List.of(pid()));
    if (endsWithin(SHUTDOWN_LIMIT)) {
      watchdog.forget(pid());
    } else {
      kill();
    }
  }

  private void awaitReady() throws IOException {
    long start = System.nanoTime();
    while (!endsWithin(Duration.ofMillis(5))) {
      if (program.isReady(port, pid())) {
        ready = true;
        return;
      }
      if (System.nanoTime() - start > START_LIMIT.toNanos()) {
        throw failedStart("was not ready after " + START_LIMIT.toSeconds() + " s");
      }
    }
    throw failedStart("ended with status " + first.exitValue());
  }

  /** An interrupted or failed start leaves nothing behind; children follow their first. */
  private void endUnlessReady() {
    if (!ready) {
      first.destroyForcibly();
      watchdog.forget(pid());
    }
  }

  /**
   * Whether a process runs and is no zombie: orphans wait for process 1 to collect them, which
   * takes some of its kind a second or two, and others for ever.
   */
  static boolean runs(ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException goneOrNotLinux) {
      return process.isAlive();
    }
  }

  private ServerException failedStart(String what) throws IOException {
    return new ServerException(
        program.product()
            + " "
            + what
            + ": "
            + Command.quoted(command)
            + "\n"
            + Command.tail(Files.readString(log, StandardCharsets.UTF_8)));
  }

  private boolean endsWithin(Duration limit) {
    try {
      return first.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new ServerException("Interrupted while waiting for the server with pid " + pid());
    }
  }

  private Set<Long> descendants() {
    Set<Long> pids = new LinkedHashSet<>();
    first.descendants().map(ProcessHandle::pid).forEach(pids::add);
    return pids;
  }

  @Override
  public String toString() {
    return "pid " + pid() + (!isAlive() ? ", ended" : frozen ? ", stopped" : "");
  }
}
