package io.headroom.testkit.servers;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of a {@link PostgresCluster}, with a data folder and a port of its own on
 * 127.0.0.1, both kept when it is killed and restarted.
 *
 * <pre>{@code
 * DataSource orders = server.createDatabase("orders");
 * server.kill(); // as if the machine had lost its power
 * server.restart(); // recovers from its write-ahead log
 * server.stop(); // hangs: connections stay open, nothing answers
 * server.resume();
 * }</pre>
 *
 * <p>The superuser is {@code postgres}, without a password. Thread-safe; the methods that start,
 * end or signal the server wait for each other.
 */
public final class PostgresServer {

  private static final Logger logger = LoggerFactory.getLogger(PostgresServer.class);
  private static final String USER = "postgres";
  private static final int PORT_ATTEMPTS = 5;

  /** Small, quick, and ready for streaming and logical replication. */
  private static final Map<String, String> DEFAULT_SETTINGS =
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

  private PostgresServer(String name, PostgresHome home, Path folder) {
    this.name = name;
    this.home = home;
    this.folder = folder;
  }

  /**
   * Makes a data folder and starts a server on it.
   *
   * @param ports finds a port that is free now, and is asked again when another takes it first
   */
  static PostgresServer start(
      String name, PostgresHome home, Map<String, String> settings, IntSupplier ports) {
    PostgresServer server = new PostgresServer(name, home, home.newServerFolder(name));
    try {
      server.configure(settings);
      server.startOnOneOf(ports);
      return server;
    } catch (RuntimeException | Error failure) {
      server.close();
      throw failure;
    }
  }

  /**
   * Returns the server's name, unique in its cluster.
   *
   * @return the name, such as {@code postgres-0}
   */
  public String name() {
    return name;
  }

  /**
   * Returns the TCP port on 127.0.0.1, which stays the same for the server's life.
   *
   * @return the port
   */
  public int port() {
    return port;
  }

  /**
   * Returns the data folder, for instance to look at its files after a {@link #kill}.
   *
   * @return the folder that PostgreSQL calls {@code PGDATA}; it is deleted when the cluster is
   *     closed
   */
  public Path dataFolder() {
    return folder.resolve("data");
  }

  /**
   * Returns the JDBC URL of the database {@code postgres}, user included.
   *
   * @return a URL that needs nothing else to connect
   */
  public String jdbcUrl() {
    return jdbcUrl(USER);
  }

  /**
   * Returns the JDBC URL of a database, user included.
   *
   * @param database the name of the database, which need not exist yet
   * @return a URL that needs nothing else to connect
   */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:"
        + port
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8)
        + "?user="
        + USER;
  }

  /**
   * Returns a data source for the database {@code postgres}.
   *
   * @return a new data source without a pool: each connection is a new one
   */
  public DataSource dataSource() {
    return dataSource(USER);
  }

  /**
   * Returns a data source for a database.
   *
   * @param database the name of the database
   * @return a new data source without a pool: each connection is a new one
   */
  public DataSource dataSource(String database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(jdbcUrl(database));
    return source;
  }

  /**
   * Creates a database.
   *
   * @param database its name; quoted, so any characters do
   * @return a data source for it, as from {@link #dataSource(String)}
   * @throws PostgresServerException if the server refuses, for instance because it exists already
   */
  public DataSource createDatabase(String database) {
    execute("CREATE DATABASE " + quotedIdentifier(database));
    return dataSource(database);
  }

  /**
   * Drops a database, if it exists, with the connections that are still open to it.
   *
   * @param database its name
   * @throws PostgresServerException if the server refuses or does not answer
   */
  public void dropDatabase(String database) {
    execute("DROP DATABASE IF EXISTS " + quotedIdentifier(database) + " WITH (FORCE)");
  }

  /**
   * Changes a setting of this server alone ({@code ALTER SYSTEM}) and has it read its configuration
   * again. Some settings ({@code max_connections}) take effect at the next {@link #restart} only.
   *
   * @param setting the setting's name
   * @param value the new value
   * @throws PostgresServerException if the server refuses the setting or the value
   */
  public void set(String setting, String value) {
    execute(
        "ALTER SYSTEM SET " + quotedIdentifier(setting) + " = '" + value.replace("'", "''") + "'");
    execute("SELECT pg_reload_conf()");
  }

  /**
   * Tells whether the server runs, be it stopped by {@link #stop}.
   *
   * @return false after {@link #kill}, a crash, or the end of the cluster
   */
  public boolean isRunning() {
    PostgresProcess current = process;
    return current != null && current.isAlive();
  }

  /**
   * Kills the server and every process of it (SIGKILL), as if its machine had lost its power, and
   * waits until they are gone. Connections break. Does nothing if it does not run.
   *
   * @throws IllegalStateException if the cluster is closed
   */
  public void kill() {
    synchronized (lock) {
      requireOpen();
      PostgresProcess current = process;
      if (current != null && current.isAlive()) {
        current.kill();
        logger.debug("Killed {}", this);
      }
    }
  }

  /**
   * Stops every process of the server (SIGSTOP): it hangs, as a machine that swaps or a network
   * that swallows packets. Connections stay open, new ones are accepted by the kernel, nothing
   * answers.
   *
   * @throws IllegalStateException if the server does not run, or the cluster is closed
   */
  public void stop() {
    synchronized (lock) {
      requireRunning().freeze();
      logger.debug("Stopped {}", this);
    }
  }

  /**
   * Lets a stopped server go on (SIGCONT).
   *
   * @throws IllegalStateException if the server does not run, or the cluster is closed
   */
  public void resume() {
    synchronized (lock) {
      requireRunning().thaw();
      logger.debug("Resumed {}", this);
    }
  }

  /**
   * Starts the server again on its data folder and port, after shutting it down in order if it runs
   * (a stopped one is resumed first), and waits until it accepts connections.
   *
   * @throws PostgresServerException if it does not start; the message ends in its log's last lines
   * @throws IllegalStateException if the cluster is closed
   */
  public void restart() {
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

  /**
   * Returns what the server has logged since it was made.
   *
   * @return the whole log, lines separated by line feeds
   * @throws PostgresServerException if the cluster is closed, and the log gone with it
   */
  public String log() {
    try {
      return Files.readString(logFile(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new PostgresServerException("Cannot read the log of " + name, failure);
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

  /** Makes the server ready for the next user, whatever the last one did to it. */
  void heal() {
    synchronized (lock) {
      PostgresProcess current = requireOpen();
      if (current == null || !current.isAlive()) {
        restart();
      } else if (current.isFrozen()) {
        resume();
      }
    }
  }

  private void startOnOneOf(IntSupplier ports) {
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

  private PostgresProcess run() {
    return PostgresProcess.start(
        home.serverCommand(dataFolder()), dataFolder(), logFile(), home.watchdog());
  }

  /** Appends to the configuration file, in which the last of several values holds. */
  private void configure(Map<String, String> settings) {
    Map<String, String> all = new TreeMap<>(port == 0 ? DEFAULT_SETTINGS : Map.of());
    all.putAll(settings);
    StringBuilder lines = new StringBuilder("\n");
    all.forEach(
        (setting, value) ->
            lines.append(setting).append(" = '").append(value.replace("'", "''")).append("'\n"));
    write(dataFolder().resolve("postgresql.conf"), lines.toString(), StandardOpenOption.APPEND);
  }

  private static void write(Path file, String text, OpenOption... options) {
    try {
      Files.writeString(file, text, options);
    } catch (IOException failure) {
      throw new PostgresServerException("Cannot write " + file, failure);
    }
  }

  private Path logFile() {
    return folder.resolve("log");
  }

  private void execute(String sql) {
    try (Connection connection = dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new PostgresServerException(
          this + " refused " + sql + ": " + failure.getMessage(), failure);
    }
  }

  private static String quotedIdentifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private @Nullable PostgresProcess requireOpen() {
    if (closed) {
      throw new IllegalStateException(name + " is closed with its cluster");
    }
    return process;
  }

  private PostgresProcess requireRunning() {
    PostgresProcess current = requireOpen();
    if (current == null || !current.isAlive()) {
      throw new IllegalStateException(name + " does not run: call restart() first");
    }
    return current;
  }

  @Override
  public String toString() {
    String state = closed ? "closed" : String.valueOf(process);
    return "PostgresServer[" + name + ", 127.0.0.1:" + port + ", " + state + "]";
  }
}
