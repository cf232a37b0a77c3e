package io.headroom.testkit.servers;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * One run of a server: the postmaster with its children, from start to end.
 *
 * <p>Not thread-safe: {@link PostgresServer} guards it.
 */
final class PostgresProcess {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(20);
  private static final Duration DEATH_LIMIT = Duration.ofSeconds(5);
  private static final int PID_LINE = 0;
  private static final int SHARED_MEMORY_LINE = 6;
  private static final int STATUS_LINE = 7;

  private final List<String> command;
  private final Path data;
  private final Path log;
  private final Watchdog watchdog;
  private final Process postmaster;
  private boolean ready;
  private boolean frozen;

  private PostgresProcess(List<String> command, Path data, Path log, Watchdog watchdog)
      throws IOException {
    this.command = command;
    this.data = data;
    this.log = log;
    this.watchdog = watchdog;
    this.postmaster =
        Command.builder(command)
            .directory(data.toFile())
            .redirectOutput(Redirect.appendTo(log.toFile()))
            .start();
    watchdog.watch(postmaster.pid());
  }

  /** Starts a server and waits until it accepts connections. */
  static PostgresProcess start(List<String> command, Path data, Path log, Watchdog watchdog) {
    try {
      PostgresProcess process = new PostgresProcess(command, data, log, watchdog);
      try {
        process.awaitReady();
        return process;
      } finally {
        process.endUnlessReady();
      }
    } catch (IOException failure) {
      throw new PostgresServerException("Cannot run: " + Command.quoted(command), failure);
    }
  }

  boolean isAlive() {
    return postmaster.isAlive();
  }

  boolean isFrozen() {
    return frozen && isAlive();
  }

  long pid() {
    return postmaster.pid();
  }

  /** Stops the postmaster first, so that it makes no more children, then those that it has. */
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
        Stream.concat(postmaster.descendants(), Stream.of(postmaster.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    // The next run of this server fails while a child of this one still holds its shared memory.
    long start = System.nanoTime();
    while (all.stream().anyMatch(PostgresProcess::runs)
        && System.nanoTime() - start < DEATH_LIMIT.toNanos()) {
      LockSupport.parkNanos(1_000_000);
    }
    removeSharedMemory();
    watchdog.forget(pid());
  }

  /** Disconnects the clients and shuts down in order, unless it has ended by itself. */
  void shutDown() {
    end("INT");
  }

  /** Ends without a checkpoint, but gives back the shared memory, which a SIGKILL does not. */
  void quit() {
    end("QUIT");
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
      if (isReady()) {
        ready = true;
        return;
      }
      if (System.nanoTime() - start > START_LIMIT.toNanos()) {
        throw failedStart("was not ready after " + START_LIMIT.toSeconds() + " s");
      }
    }
    throw failedStart("ended with status " + postmaster.exitValue());
  }

  /** An interrupted or failed start leaves nothing behind; children follow their postmaster. */
  private void endUnlessReady() {
    if (!ready) {
      postmaster.destroyForcibly();
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

  /** Reads what pg_ctl reads: the postmaster writes its state into its lock file. */
  private boolean isReady() throws IOException {
    List<String> lines = lockFile();
    return lines.size() > STATUS_LINE
        // A killed server has left its own file behind.
        && lines.get(PID_LINE).equals(Long.toString(pid()))
        && lines.get(STATUS_LINE).strip().equals("ready");
  }

  private List<String> lockFile() throws IOException {
    try {
      return Files.readAllLines(data.resolve("postmaster.pid"), StandardCharsets.US_ASCII);
    } catch (NoSuchFileException notYet) {
      return List.of();
    }
  }

  /**
   * Removes the small System V segment by which PostgreSQL knows whether a data folder is in use:
   * the system keeps it when its owner is killed, and has room for some thousands only.
   */
  private void removeSharedMemory() {
    try {
      List<String> lines = lockFile();
      if (lines.size() > SHARED_MEMORY_LINE) {
        String[] keyAndId = lines.get(SHARED_MEMORY_LINE).strip().split(" +", 2);
        Command.succeeds("ipcrm", "-m", keyAndId[keyAndId.length - 1]);
      }
    } catch (IOException unreadable) {
      // Then it stays: a leak of 56 bytes is no reason to fail a test.
    }
  }

  private PostgresServerException failedStart(String what) throws IOException {
    return new PostgresServerException(
        "PostgreSQL "
            + what
            + ": "
            + Command.quoted(command)
            + "\n"
            + Command.tail(Files.readString(log, StandardCharsets.UTF_8)));
  }

  private boolean endsWithin(Duration limit) {
    try {
      return postmaster.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new PostgresServerException(
          "Interrupted while waiting for the server with pid " + pid());
    }
  }

  private Set<Long> descendants() {
    Set<Long> pids = new LinkedHashSet<>();
    postmaster.descendants().map(ProcessHandle::pid).forEach(pids::add);
    return pids;
  }

  @Override
  public String toString() {
    return "pid " + pid() + (!isAlive() ? ", ended" : frozen ? ", stopped" : "");
  }
}
