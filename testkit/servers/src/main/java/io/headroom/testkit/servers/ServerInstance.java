package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's folder, its port, and the process that runs on it: what is started, signalled and
 * deleted.
 *
 * <p>Thread-safe: the methods that start, end or signal the server wait for each other.
 */
final class ServerInstance {

  private static final Logger logger = LoggerFactory.getLogger(ServerInstance.class);
  private static final int PORT_ATTEMPTS = 5;

  /** What servers log when another listens on their port, as the C library puts it. */
  private static final Pattern PORT_TAKEN = Pattern.compile("Address (already )?in use");

  private final String name;
  private final Path folder;
  private final ServerProgram program;
  private final Watchdog watchdog;
  private final Object lock = new Object();
  private volatile int port;
  private @Nullable PortClaim claim;
  private volatile @Nullable ServerProcess process;
  private volatile boolean closed;

  /**
   * Makes an instance that does not run yet.
   *
   * @param folder where its log is, and all that shall go with it
   */
  ServerInstance(String name, Path folder, ServerProgram program, Watchdog watchdog) {
    this.name = name;
    this.folder = folder;
    this.program = program;
    this.watchdog = watchdog;
  }

  int port() {
    return port;
  }

  boolean isRunning() {
    ServerProcess current = process;
    return current != null && current.isAlive();
  }

  /** Whether it runs and has not been stopped: whether it can answer. */
  boolean answers() {
    ServerProcess current = process;
    return current != null && current.isAlive() && !current.isFrozen();
  }

  String log() {
    try {
      return Files.readString(logFile(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new ServerException("Cannot read the log of " + name, failure);
    }
  }

  /** Starts for the first time, on the first port that nobody else takes meanwhile. */
  void startOnOneOf(IntSupplier ports) {
    synchronized (lock) {
      for (int attempt = 1; process == null; attempt++) {
        port = ports.getAsInt();
        try {
          claim = PortClaim.of(port);
          process = run();
        } catch (IOException taken) {
          if (attempt == PORT_ATTEMPTS) {
            throw new ServerException(name + " finds no port, nor is " + port + " free", taken);
          }
        } catch (ServerException failure) {
          giveBackPort();
          boolean portTaken = PORT_TAKEN.matcher(String.valueOf(failure.getMessage())).find();
          if (!portTaken || attempt == PORT_ATTEMPTS) {
            throw failure;
          }
          forgetLog();
        }
      }
      logger.debug("Started {}", this);
    }
  }

  void kill() {
    synchronized (lock) {
      requireOpen();
      ServerProcess current = process;
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
      ServerProcess current = process;
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
      ServerProcess current = requireOpen();
      if (current == null || !current.isAlive()) {
        restart();
      } else if (current.isFrozen()) {
        resume();
      }
    }
  }

  /** Kills the server, and starts it on other data. */
  void restartOn(Runnable newData) {
    synchronized (lock) {
      kill();
      newData.run();
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
      ServerProcess current = process;
      try {
        if (current != null) {
          current.quit();
        }
      } finally {
        giveBackPort();
      }
      try {
        Folders.delete(folder);
      } catch (IOException failure) {
        throw new ServerException("Cannot delete " + folder + " of " + name, failure);
      }
      logger.debug("Closed {}", this);
    }
  }

  void requireAnswering() {
    ServerProcess current = requireRunning();
    if (current.isFrozen()) {
      throw new IllegalStateException(name + " is stopped: call resume() first");
    }
  }

  private ServerProcess requireRunning() {
    ServerProcess current = requireOpen();
    if (current == null || !current.isAlive()) {
      throw new IllegalStateException(name + " does not run: call restart() first");
    }
    return current;
  }

  private @Nullable ServerProcess requireOpen() {
    if (closed) {
      throw new IllegalStateException(name + " is closed");
    }
    return process;
  }

  private ServerProcess run() {
    return ServerProcess.start(program, port, logFile(), watchdog);
  }

  private void giveBackPort() {
    PortClaim held = claim;
    if (held != null) {
      held.close();
    }
  }

  private Path logFile() {
    return folder.resolve("log");
  }

  private void forgetLog() {
    try {
      Files.writeString(logFile(), "");
    } catch (IOException failure) {
      throw new ServerException("Cannot write " + logFile(), failure);
    }
  }

  @Override
  public String toString() {
    return name + ", 127.0.0.1:" + port + ", " + (closed ? "closed" : String.valueOf(process));
  }
}
