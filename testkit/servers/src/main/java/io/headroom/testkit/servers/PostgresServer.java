package io.headroom.testkit.servers;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

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
 * PostgresServer replica = server.addReplica();
 * replica.pauseReplay(); // lags
 * replica.promote(); // takes writes
 * }</pre>
 *
 * <p>The superuser is {@code postgres}, without a password. Thread-safe; the methods that start,
 * end or signal the server wait for each other.
 */
public final class PostgresServer {

  private static final String USER = "postgres";

  private final String name;
  private final PostgresHome home;
  private final ServerGroup group;
  private final Path data;
  private final ServerInstance instance;
  private final Replication replication;

  /** Makes a server that has neither data nor a process yet. */
  PostgresServer(String name, PostgresHome home, ServerGroup group) {
    this.name = name;
    this.home = home;
    this.group = group;
    Path folder = home.servers().newServerFolder(name);
    this.data = folder.resolve("data");
    this.instance =
        new ServerInstance(
            name, folder, new PostgresProgram(home, data), home.servers().watchdog());
    this.replication = new Replication(this, instance);
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
    return instance.port();
  }

  /**
   * Returns the data folder, for instance to look at its files after a {@link #kill}.
   *
   * @return the folder that PostgreSQL calls {@code PGDATA}; it is deleted when the cluster is
   *     closed
   */
  public Path dataFolder() {
    return data;
  }

  /**
   * Returns the JDBC URL of the database {@code postgres}.
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
        + port()
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8)
        + "?user="
        + USER;
  }

  /**
   * Returns a data source for the database {@code postgres}.
   *
   * @return a new data source without a pool
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
   * @throws ServerException if the server refuses, for instance because it exists already
   */
  public DataSource createDatabase(String database) {
    Session.run(this, "CREATE DATABASE " + Session.quotedIdentifier(database));
    return dataSource(database);
  }

  /**
   * Drops a database, if it exists, with the connections that are still open to it.
   *
   * @param database its name
   * @throws ServerException if the server refuses or does not answer
   */
  public void dropDatabase(String database) {
    Session.run(
        this, "DROP DATABASE IF EXISTS " + Session.quotedIdentifier(database) + " WITH (FORCE)");
  }

  /**
   * Changes a setting of this server alone ({@code ALTER SYSTEM}) and has it read its configuration
   * again. Some settings ({@code max_connections}) take effect at the next {@link #restart} only.
   *
   * @param setting the setting's name
   * @param value the new value
   * @throws ServerException if the server refuses the setting or the value
   */
  public void set(String setting, String value) {
    Session.set(this, setting, value);
  }

  /**
   * Tells whether the server runs, be it stopped by {@link #stop}.
   *
   * @return false after {@link #kill}, a crash, or the end of the cluster
   */
  public boolean isRunning() {
    return instance.isRunning();
  }

  /**
   * Kills the server and every process of it (SIGKILL), as if its machine had lost its power, and
   * waits until they are gone. Connections break. Does nothing if it does not run.
   *
   * @throws IllegalStateException if the cluster is closed
   */
  public void kill() {
    instance.kill();
  }

  /**
   * Stops every process of the server (SIGSTOP): it hangs, as a machine that swaps or a network
   * that swallows packets. Connections stay open, new ones are accepted by the kernel, nothing
   * answers.
   *
   * @throws IllegalStateException if the server does not run, or the cluster is closed
   */
  public void stop() {
    instance.stop();
  }

  /**
   * Lets a stopped server go on (SIGCONT).
   *
   * @throws IllegalStateException if the server does not run, or the cluster is closed
   */
  public void resume() {
    instance.resume();
  }

  /**
   * Starts the server again on its data folder and port, after shutting it down in order if it runs
   * (a stopped one is resumed first), and waits until it accepts connections.
   *
   * @throws ServerException if it does not start; the message ends in its log's last lines
   * @throws IllegalStateException if the cluster is closed
   */
  public void restart() {
    instance.restart();
  }

  /**
   * Returns what the server has logged since it was made.
   *
   * @return the whole log, lines separated by line feeds
   * @throws ServerException if the cluster is closed, and the log gone with it
   */
  public String log() {
    return instance.log();
  }

  /**
   * Tells whether the server is a replica, running or not.
   *
   * @return false from the moment it has been promoted
   */
  public boolean isReplica() {
    return replication.isReplica();
  }

  /**
   * Starts a replica of this primary, named {@code <this name>-replica-<number>}, and waits until
   * it streams.
   *
   * @return the new replica
   * @throws IllegalStateException if this server is a replica itself, or does not run
   * @throws ServerException if the replica does not start or stream
   */
  public PostgresServer addReplica() {
    return group.addReplica(this);
  }

  /**
   * Starts a replica of this primary under a name, and waits until it streams.
   *
   * @param replicaName letters, digits, {@code -} and {@code _}; the primary knows it by this name
   * @return the new replica
   * @throws IllegalArgumentException if the name is taken or has other characters
   * @throws IllegalStateException if this server is a replica itself, or does not run
   * @throws ServerException if the replica does not start or stream
   */
  public PostgresServer addReplica(String replicaName) {
    return group.addReplica(this, replicaName);
  }

  /**
   * Stops the replay on this replica until {@link #resumeReplay} or a restart: it goes on receiving
   * and shows no more than it does now.
   *
   * @throws IllegalStateException if this server is a primary, or does not run
   */
  public void pauseReplay() {
    replication.pause();
  }

  /**
   * Lets a paused replica replay again. Does nothing if it does.
   *
   * @throws IllegalStateException if this server is a primary, or does not run
   */
  public void resumeReplay() {
    replication.resume();
  }

  /**
   * Makes this replica show each commit only so long after it was made.
   *
   * @param delay the lag, to the millisecond; zero for none
   * @throws IllegalArgumentException if the delay is negative or longer than 24 days
   * @throws IllegalStateException if this server is a primary, or does not run
   */
  public void applyDelay(Duration delay) {
    replication.applyDelay(delay);
  }

  /**
   * Waits until this replica shows what its primary has flushed to its log by now: every commit but
   * those with {@code synchronous_commit = off}.
   *
   * @param primary the primary to compare with
   * @throws IllegalArgumentException if that has other data
   * @throws IllegalStateException if one is not of its role or does not run, or this is paused
   * @throws ServerException if it takes longer than 20 s, and the apply delay, if any
   */
  public void awaitReplayOf(PostgresServer primary) {
    replication.awaitReplayOf(primary);
  }

  /**
   * Makes this replica a primary ({@code pg_promote}) and waits until it takes writes. What follows
   * the old primary does so still: see {@link #follow}.
   *
   * @throws IllegalStateException if this server is a primary, or does not run
   * @throws ServerException if it takes longer than 20 s
   */
  public void promote() {
    replication.promote();
  }

  /**
   * Turns this replica to another primary and waits until it streams from it. If it cannot, since
   * it has received more than the other had when promoted, {@link #recloneFrom} makes it anew.
   *
   * @param primary the primary to follow
   * @throws IllegalArgumentException if that is this server, or has other data
   * @throws IllegalStateException if one is not of its role or does not run, or this is paused
   */
  public void follow(PostgresServer primary) {
    if (!replication.follow(primary)) {
      recloneFrom(primary);
    }
  }

  /**
   * Makes this server a replica of another, whatever it was: kills it, replaces its data by a copy,
   * starts it on its old port and waits until it streams. What {@link #set} has set on it is gone.
   *
   * @param primary the primary to copy
   * @throws IllegalArgumentException if that is this server, or belongs to other servers
   * @throws IllegalStateException if the other is a replica or does not run
   * @throws ServerException if it does not start or stream
   */
  public void recloneFrom(PostgresServer primary) {
    replication.recloneFrom(primary, home);
  }

  /**
   * Kills this primary if it runs, promotes the replica that has received most, and turns the
   * others to it. Replicas that do not run, are stopped or paused are left as they are.
   *
   * @return the promoted replica, which takes writes
   * @throws IllegalStateException if this server is a replica, or has none that can be promoted
   */
  public PostgresServer failOver() {
    return group.failOver(this);
  }

  /**
   * Makes commits on this primary wait until some of its replicas have flushed them ({@code
   * synchronous_standby_names = ANY n (...)}). A replica that hangs or is down then holds them up.
   *
   * @param count how many replicas each commit waits for; zero for none, which is the default
   * @param replicas from which of them; they need not be running
   * @throws IllegalArgumentException if there are fewer replicas than the count, or some for zero
   * @throws IllegalStateException if this server is a replica, or does not run
   */
  public void synchronousReplicas(int count, PostgresServer... replicas) {
    replication.synchronousReplicas(count, List.of(replicas));
  }

  /** Starts for the first time, on a new database cluster. */
  void startNew(Map<String, String> settings, IntSupplier ports) {
    home.makeDatabaseCluster(data);
    PostgresProgram.configure(data, PostgresProgram.DEFAULT_SETTINGS);
    PostgresProgram.configure(data, settings);
    instance.startOnOneOf(ports);
  }

  /** Starts for the first time, as a copy of another, and waits until it streams. */
  void startAsReplicaOf(PostgresServer primary) {
    replication.cloneInto(data, primary, home);
    instance.startOnOneOf(FreePort::find);
    replication.awaitStreamingFrom(primary);
  }

  void revive() {
    instance.revive();
  }

  void close() {
    instance.close();
  }

  ServerGroup group() {
    return group;
  }

  Replication replication() {
    return replication;
  }

  void requireAnsweringPrimary() {
    instance.requireAnswering();
    if (isReplica()) {
      throw new IllegalStateException(name + " is a replica itself: give its primary");
    }
  }

  @Override
  public String toString() {
    return "PostgresServer[" + instance + (isReplica() ? ", replica" : "") + "]";
  }
}
