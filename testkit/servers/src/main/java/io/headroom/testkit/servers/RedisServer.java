package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * A Redis 7 server from a jar, on a port of its own on 127.0.0.1 that is kept when it is killed and
 * restarted; alone, with replicas, or in a {@link RedisCluster} or {@link RedisSentinels}.
 *
 * <pre>{@code
 * try (RedisServer server = RedisServer.start()) {
 *   server.config("maxmemory", "10mb");
 *   server.kill(); // as if the machine had lost its power
 *   server.restart(); // empty
 *   server.stop(); // hangs: connections stay open, nothing answers
 *   server.resume();
 *   RedisServer replica = server.addReplica();
 *   replica.promote();
 * }
 * }</pre>
 *
 * <p>It writes nothing to disk by itself. Thread-safe; the methods that start, end or signal the
 * server wait for each other.
 */
public final class RedisServer implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final RedisProgram.Mode mode;
  private final RedisGroup group;
  private final RedisProgram program;
  private final ServerInstance instance;
  private final RedisSettings settings = new RedisSettings(this);
  private final RedisReplication replication = new RedisReplication(this);

  /** Makes a server that has no process yet. */
  RedisServer(String name, RedisHome home, RedisProgram.Mode mode, RedisGroup group) {
    this.name = name;
    this.mode = mode;
    this.group = group;
    Path folder = home.servers().newServerFolder(name);
    this.program = new RedisProgram(home, folder, mode);
    this.instance = new ServerInstance(name, folder, program, home.servers().watchdog());
  }

  /**
   * Starts a server, and waits until it answers: some hundredths of a second.
   *
   * @return the running server
   * @throws ServerException if it does not start; the message ends in its log's last lines
   */
  public static RedisServer start() {
    return RedisGroup.start("redis-0", RedisHome.shared(), FreePort::find).first();
  }

  /**
   * Returns the server's name, unique in its group, cluster or sentinels.
   *
   * @return the name, such as {@code redis-0}
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
   * Returns the address for clients.
   *
   * @return the URI, {@code redis://127.0.0.1:<port>}
   */
  public String uri() {
    return "redis://127.0.0.1:" + port();
  }

  /**
   * Sends a command on a connection of its own, and waits for the reply.
   *
   * @param words the command and its arguments, sent as UTF-8
   * @return the reply
   * @throws IllegalArgumentException if there is no word
   * @throws IllegalStateException if the server does not run, or is stopped
   * @throws ServerException if it refuses the command, or has not answered within 60 s
   */
  public RedisReply command(String... words) {
    if (words.length == 0) {
      throw new IllegalArgumentException("command has no words: give one, such as PING");
    }
    instance.requireAnswering();
    try {
      return RedisSession.ask(port(), LIMIT, words);
    } catch (RedisSession.Refusal refusal) {
      throw new ServerException(
          this + " refused " + String.join(" ", words) + ": " + refusal.getMessage(), refusal);
    } catch (IOException failure) {
      throw new ServerException(
          this + " did not answer " + String.join(" ", words) + ": " + failure.getMessage(),
          failure);
    }
  }

  /**
   * Changes a setting of this server ({@code CONFIG SET}), over restarts too; {@link #heal} brings
   * back what it was at the start.
   *
   * @param setting a name from {@code redis.conf}, such as {@code maxmemory-policy}
   * @param value the new value
   * @throws ServerException if the server refuses the setting or the value
   * @throws IllegalStateException if it does not run, or is stopped
   */
  public void config(String setting, String value) {
    settings.set(setting, value);
  }

  /**
   * Removes all data of all databases ({@code FLUSHALL}).
   *
   * @throws ServerException if the server refuses, since it is a replica
   * @throws IllegalStateException if it does not run, or is stopped
   */
  public void flush() {
    command("FLUSHALL", "SYNC");
  }

  /**
   * Makes the server forget its scripts: the next {@code EVALSHA} is answered by {@code NOSCRIPT}.
   *
   * @throws IllegalStateException if it does not run, or is stopped
   */
  public void flushScripts() {
    command("SCRIPT", "FLUSH", "SYNC");
  }

  /**
   * Has the server answer nobody for a time ({@code DEBUG SLEEP}), as a slow script would; returns
   * at once.
   *
   * @param time how long, to the millisecond
   * @throws IllegalArgumentException if the time is negative
   * @throws IllegalStateException if it does not run, or is stopped
   */
  public void sleep(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("sleep must be at least 0 ms, was " + time);
    }
    instance.requireAnswering();
    try (RedisSession session = new RedisSession(port(), LIMIT)) {
      // Once it has accepted this connection, what is sent now comes before all that is sent later.
      session.command("PING");
      session.send("DEBUG", "SLEEP", Double.toString(time.toMillis() / 1000.0));
    } catch (IOException failure) {
      throw new ServerException(this + " did not go to sleep: " + failure.getMessage(), failure);
    }
  }

  /**
   * Closes the connections of clients of a type, from the server's side ({@code CLIENT KILL TYPE}).
   *
   * @param type {@code normal}, {@code pubsub}, {@code replica} or {@code master}
   * @return how many there were
   * @throws ServerException if the server knows no such type
   * @throws IllegalStateException if it does not run, or is stopped
   */
  public int killClients(String type) {
    return Math.toIntExact(command("CLIENT", "KILL", "TYPE", type).integer());
  }

  /**
   * Counts the clients that are connected, subscribers too, but for replicas and who asks.
   *
   * @return how many there are
   * @throws IllegalStateException if it does not run, or is stopped
   */
  public int clients() {
    return lines("normal") + lines("pubsub") - 1;
  }

  private int lines(String type) {
    return Math.toIntExact(command("CLIENT", "LIST", "TYPE", type).text().lines().count());
  }

  /**
   * Tells whether the server runs, be it stopped by {@link #stop}.
   *
   * @return false after {@link #kill}, a crash, or {@link #close}
   */
  public boolean isRunning() {
    return instance.isRunning();
  }

  /**
   * Kills the server (SIGKILL), as if its machine had lost its power, and waits until it is gone.
   * Connections break, data are lost. Does nothing if it does not run.
   *
   * @throws IllegalStateException if the server is closed
   */
  public void kill() {
    instance.kill();
  }

  /**
   * Stops the server (SIGSTOP): it hangs, as a machine that swaps or a network that swallows
   * packets. Connections stay open, new ones are accepted by the kernel, nothing answers.
   *
   * @throws IllegalStateException if the server does not run, or is closed
   */
  public void stop() {
    instance.stop();
  }

  /**
   * Lets a stopped server go on (SIGCONT).
   *
   * @throws IllegalStateException if the server does not run, or is closed
   */
  public void resume() {
    instance.resume();
  }

  /**
   * Starts the server again on its port, after shutting it down in order if it runs (a stopped one
   * is resumed first), and waits until it answers. It has its settings and role, and no data.
   *
   * @throws ServerException if it does not start; the message ends in its log's last lines
   * @throws IllegalStateException if the server is closed
   */
  public void restart() {
    program.forgetData();
    instance.restart();
  }

  /**
   * Saves the data ({@code SAVE}) and starts the server again with them, on its port.
   *
   * @throws ServerException if it does not save or start
   * @throws IllegalStateException if it does not run, is stopped, or is closed
   */
  public void restartKeepingData() {
    command("SAVE");
    instance.restart();
    program.forgetData();
  }

  /**
   * Returns what the server has logged since it was made.
   *
   * @return the whole log, lines separated by line feeds
   * @throws ServerException if the server is closed, and the log gone with it
   */
  public String log() {
    return instance.log();
  }

  /**
   * Tells whether the server is a replica, running or not.
   *
   * @return what it says itself; if it cannot, what its files say
   */
  public boolean isReplica() {
    return replication.isReplica();
  }

  /**
   * Starts a replica of this primary, named {@code <this name>-replica-<number>}, and waits until
   * it has its data.
   *
   * @return the new replica, which ends with the server that was started first
   * @throws IllegalStateException if this server is a replica itself, is part of a cluster, or does
   *     not run
   * @throws ServerException if the replica does not start or connect
   */
  public RedisServer addReplica() {
    return group.addReplica(this);
  }

  /**
   * Makes this replica a primary ({@code REPLICAOF NO ONE}). What follows the old primary does so
   * still: see {@link #follow}.
   *
   * @throws IllegalStateException if this server is a primary, is part of a cluster, or does not
   *     run
   */
  public void promote() {
    replication.promote();
  }

  /**
   * Makes this server a replica of another, whatever it was, and waits until it has the other's
   * data.
   *
   * @param primary the primary to follow
   * @throws IllegalArgumentException if that is this server
   * @throws IllegalStateException if the other is a replica, one does not run, or one is part of a
   *     cluster
   * @throws ServerException if it has not connected within 20 s
   */
  public void follow(RedisServer primary) {
    replication.follow(primary);
  }

  /**
   * Waits until this replica shows what its primary has by now.
   *
   * @param primary the primary to compare with
   * @throws IllegalStateException if this is no replica of that, or one does not run
   * @throws ServerException if it takes longer than 20 s
   */
  public void awaitReplayOf(RedisServer primary) {
    replication.awaitReplayOf(primary);
  }

  /**
   * Makes the server run and answer, with the settings of its start and as the primary, if that is
   * what it was; so are its replicas, save those that were added, which are ended. Data stay, where
   * they have not been lost.
   *
   * @throws ServerException if a server does not start or connect
   * @throws IllegalStateException if the server is closed
   */
  public void heal() {
    group.heal();
  }

  /**
   * Ends the server and deletes its files; if it is the one that was started, its replicas with it.
   * Does nothing if that has been done.
   *
   * @throws ServerException if its files cannot be deleted
   */
  @Override
  public void close() {
    group.close(this);
  }

  /** Starts for the first time, with further lines in its configuration file. */
  void startNew(IntSupplier ports, List<String> configuration) {
    program.configure(configuration);
    instance.startOnOneOf(ports);
    settings.remember();
  }

  /** Makes it run, answer, and have the settings of its start, whatever its role. */
  void revive() {
    if (!isRunning()) {
      program.forgetData();
    }
    instance.revive();
    settings.restore();
  }

  /** Kills it and starts it as on its first day. */
  void startOver(List<String> configuration) {
    instance.restartOn(
        () -> {
          program.forgetData();
          program.forgetCluster();
          program.configure(configuration);
        });
  }

  /** Ends this server alone. */
  void end() {
    instance.close();
  }

  boolean answers() {
    return instance.answers();
  }

  RedisProgram.Mode mode() {
    return mode;
  }

  RedisProgram program() {
    return program;
  }

  RedisReplication replication() {
    return replication;
  }

  @Override
  public String toString() {
    return "RedisServer[" + instance + "]";
  }
}
