package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A data folder, its port, and the process that runs on it: what is started, signalled and deleted.
 *
 * <p>Thread-safe: the methods that start, end or signal the server wait for each other.
 */
final class PostgresInstance {

  private static final Logger logger = LoggerFactory.getLogger(PostgresServer.class);
  private static final int PORT_ATTEMPTS = 5;

  /** Small, quick, and ready for streaming and logical replication. */
  static final Map<String, String> DEFAULT_SETTINGS =
      Map.ofEntries(
          Map.entry("listen_addresses", "127.0.0.1"),
          Map.entry("unix_socket_directories", ""),
          Map.entry("wal_level", "logical"),
          Map.entry("max_wal_senders", "10"),
          Map.entry("max_replication_slots", "10"),
          Map.entry("wal_keep_size", "256MB"),
          Map.entry("wal_retrieve_retry_interval", "100ms"),
          Map.entry("fsync", "off"),
          Map.entry("full_page_writes", "off"),
          Map.entry("shared_buffers", "16MB"),
          // In the data folder, where a killed server's segments are removed with it.
          Map.entry("dynamic_shared_memory_type", "mmap"));

  private final String name;
  private final PostgresHome home;
  private final Path folder;
  private final Object lock = new Object();
  private volatile int port;
  private volatile @Nullable PostgresProcess process;
  private volatile boolean closed;

  /** Makes a folder in which there are no data yet. */
  PostgresInstance(String name, PostgresHome home) {
    this.name = name;
    this.home = home;
    this.folder = home.newServerFolder(name);
  }

  int port() {
    return port;
  }

  Path dataFolder() {
    return folder.resolve("data");
  }

  boolean isRunning() {
    PostgresProcess current = process;
    return current != null && current.isAlive();
  }

  /** Whether it runs and has not been stopped: whether it can answer. */
  boolean answers() {
    PostgresProcess current = process;
    return current != null && current.isAlive() && !current.isFrozen();
  }

  String log() {
    try {
      return Files.readString(logFile(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new PostgresServerException("Cannot read the log of " + name, failure);
    }
  }

  /** Starts for the first time, on the first port that nobody else takes meanwhile. */
  void startOnOneOf(IntSupplier ports) {
    synchronized (lock) {
      for (int attempt = 1; process == null; attempt++) {
        port = ports.getAsInt();
        configure(Map.of("port", Integer.toString(port)));
        try {
          process = run();
        } catch (PostgresServerException failure) {
          boolean portTaken = String.valueOf(failure.getMessage()).contains("could not bind");
          if (!portTaken || attempt == PORT_ATTEMPTS) {
            throw failure;
          }
          write(logFile(), "");
        }
      }
      logger.debug("Started {}", this);
    }
  }

  void kill() {
    synchronized (lock) {
      requireOpen();
      PostgresProcess current = process;
      if (current != null && current.isAlive()) {
        current.kill();
        logger.debug("Killed {}", this);
      }
    }
  }

  void stop() {
    synchronized (lock) {
      requireRunning().freeze();
      logger.debug("Stopped {}", this);
    }
  }

  void resume() {
    synchronized (lock) {
      requireRunning().thaw();
      logger.debug("Resumed {}", this);
    }
  }

  void restart() {
    synchronized (lock) {
      requireOpen();
      PostgresProcess current = process;
      if (current != null) {
        current.shutDown();
      }
      process = run();
      logger.debug("Restarted {}", this);
    }
  }

  /** Makes it run and answer, whatever has been done to it. */
  void revive() {
    synchronized (lock) {
      PostgresProcess current = requireOpen();
      if (current == null || !current.isAlive()) {
        restart();
      } else if (current.isFrozen()) {
        resume();
      }
    }
  }

  /** Kills the server, and starts it on other data. */
  void restartOn(Consumer<Path> newData) {
    synchronized (lock) {
      kill();
      try {
        Folders.delete(dataFolder());
      } catch (IOException failure) {
        throw new PostgresServerException("Cannot delete " + dataFolder(), failure);
      }
      newData.accept(dataFolder());
      configure(Map.of("port", Integer.toString(port)));
      process = run();
      logger.debug("Restarted {} on new data", this);
    }
  }

  /** Ends the server and deletes its folder. */
  void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      PostgresProcess current = process;
      if (current != null) {
        current.quit();
      }
      try {
        Folders.delete(folder);
      } catch (IOException failure) {
        throw new PostgresServerException("Cannot delete " + folder + " of " + name, failure);
      }
      logger.debug("Closed {}", this);
    }
  }

  /** Appends to the configuration file, in which the last of several values holds. */
  void configure(Map<String, String> settings) {
    configure(dataFolder(), settings);
  }

  static void configure(Path data, Map<String, String> settings) {
    StringBuilder lines = new StringBuilder("\n");
    new TreeMap<>(settings)
        .forEach(
            (setting, value) ->
                lines.append(setting).append(" = ").append(Session.quotedText(value)).append("\n"));
    write(data.resolve("postgresql.conf"), lines.toString(), StandardOpenOption.APPEND);
  }

  void requireAnswering() {
    PostgresProcess current = requireRunning();
    if (current.isFrozen()) {
      throw new IllegalStateException(name + " is stopped: call resume() first");
    }
  }

  private PostgresProcess requireRunning() {
    PostgresProcess current = requireOpen();
    if (current == null || !current.isAlive()) {
      throw new IllegalStateException(name + " does not run: call restart() first");
    }
    return current;
  }

  private @Nullable PostgresProcess requireOpen() {
    if (closed) {
      throw new IllegalStateException(name + " is closed with its cluster");
    }
    return process;
  }

  private PostgresProcess run() {
    return PostgresProcess.start(
        home.serverCommand(dataFolder()), dataFolder(), logFile(), home.watchdog());
  }

  private Path logFile() {
    return folder.resolve("log");
  }

  private static void write(Path file, String text, StandardOpenOption... options) {
    try {
      Files.writeString(file, text, options);
    } catch (IOException failure) {
      throw new PostgresServerException("Cannot write " + file, failure);
    }
  }

  @Override
  public String toString() {
    return name + ", 127.0.0.1:" + port + ", " + (closed ? "closed" : String.valueOf(process));
  }
}
