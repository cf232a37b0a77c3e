package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The server of a folder: its command, and the configuration file, into which it writes what is
 * changed in it later ({@code CONFIG REWRITE}).
 */
final class RedisProgram implements ServerProgram {

  private static final Duration PING_LIMIT = Duration.ofSeconds(1);

  /** Small and quick: nothing on disk, no waiting for lagging replicas, and all faults allowed. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "bind", "127.0.0.1",
          "save", "\"\"",
          "appendonly", "no",
          "enable-debug-command", "yes",
          "shutdown-timeout", "0",
          "repl-diskless-sync-delay", "0");

  /** A server that takes part in a cluster, which notices after a second that one has gone. */
  private static final Map<String, String> CLUSTER_SETTINGS =
      Map.of(
          "cluster-enabled", "yes",
          "cluster-config-file", "nodes.conf",
          "cluster-node-timeout", "1000",
          "cluster-replica-validity-factor", "0",
          "cluster-allow-replica-migration", "no");

  /**
   * Sentinels that look at their servers more often than otherwise; one that was stopped acts again
   * after a second, not thirty. They ping well within the time after which a server counts as down:
   * the first ping to one comes after a period. They elect a replica only if its INFO is not older
   * than five of them, and ask for it once a second. After four publish periods, they turn a
   * replica back that another of them has promoted without having said so yet.
   */
  private static final String[] QUICK_SENTINEL = {
    "SENTINEL", "DEBUG",
    "PING-PERIOD", "400",
    "INFO-PERIOD", "1000",
    "PUBLISH-PERIOD", "1000",
    "ASK-PERIOD", "100",
    "TILT-PERIOD", "1000"
  };

  /** What a server can be. */
  enum Mode {
    /** Stands alone, or in a group of primary and replicas. */
    STANDALONE,
    /** Holds slots of a cluster. */
    CLUSTER,
    /** Watches other servers. */
    SENTINEL
  }

  private final RedisHome home;
  private final Path folder;
  private final Mode mode;

  RedisProgram(RedisHome home, Path folder, Mode mode) {
    this.home = home;
    this.folder = folder;
    this.mode = mode;
  }

  @Override
  public String product() {
    return "Redis";
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public List<String> command(int port) {
    List<String> command =
        new ArrayList<>(
            List.of(home.binary(), configuration().toString(), "--port", Integer.toString(port)));
    if (mode == Mode.SENTINEL) {
      command.add("--sentinel");
    }
    return command;
  }

  /** Writes the configuration file anew. */
  void configure(List<String> furtherLines) {
    List<String> lines = new ArrayList<>(List.of("dir " + quoted(folder.toString())));
    if (mode == Mode.SENTINEL) {
      lines.add("bind 127.0.0.1");
    } else {
      SETTINGS.forEach((name, value) -> lines.add(name + " " + value));
    }
    if (mode == Mode.CLUSTER) {
      CLUSTER_SETTINGS.forEach((name, value) -> lines.add(name + " " + value));
    }
    lines.addAll(furtherLines);
    write(lines);
  }

  /** Whether it will start as a replica, by what it has written itself. */
  boolean isConfiguredAsReplica() {
    return mode == Mode.CLUSTER
        ? lines("nodes.conf").stream().anyMatch(line -> line.contains("myself,slave"))
        : lines("redis.conf").stream().anyMatch(line -> line.startsWith("replicaof "));
  }

  /** Removes the data that a start would load. */
  void forgetData() {
    delete("dump.rdb");
  }

  /** Removes what the server knows of its cluster. */
  void forgetCluster() {
    delete("nodes.conf");
  }

  @Override
  public boolean isReady(int port, long pid) throws IOException {
    try (RedisSession session = new RedisSession(port, PING_LIMIT)) {
      String info = session.command("INFO").text();
      boolean ready =
          // Another server may have been quicker to take the port.
          Objects.equals(RedisSession.field(info, "process_id"), Long.toString(pid))
              && !Objects.equals(RedisSession.field(info, "loading"), "1");
      if (ready && mode == Mode.SENTINEL) {
        session.command(QUICK_SENTINEL);
      }
      return ready;
    } catch (RedisSession.Refusal refusal) {
      if (String.valueOf(refusal.getMessage()).startsWith("LOADING")) {
        return false;
      }
      throw refusal;
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public String quitSignal() {
    return "KILL";
  }

  @Override
  public void afterKill() {
    // Nothing is left in the system.
  }

  private Path configuration() {
    return folder.resolve("redis.conf");
  }

  private void write(List<String> lines) {
    try {
      Files.write(configuration(), lines);
    } catch (IOException failure) {
      throw new ServerException("Cannot write " + configuration(), failure);
    }
  }

  private List<String> lines(String file) {
    try {
      return Files.readAllLines(folder.resolve(file));
    } catch (IOException failure) {
      throw new ServerException("Cannot read " + folder.resolve(file), failure);
    }
  }

  private void delete(String file) {
    try {
      Files.deleteIfExists(folder.resolve(file));
    } catch (IOException failure) {
      throw new ServerException("Cannot delete " + folder.resolve(file), failure);
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  @Override
  public String toString() {
    return "RedisProgram[" + mode + ", " + folder + "]";
  }
}
