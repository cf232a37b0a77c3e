package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The postmaster of a data folder: its command, its configuration file, and its lock file, in which
 * it writes its state.
 */
final class PostgresProgram implements ServerProgram {

  private static final int PID_LINE = 0;
  private static final int SHARED_MEMORY_LINE = 6;
  private static final int STATUS_LINE = 7;

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

  private final PostgresHome home;
  private final Path data;

  PostgresProgram(PostgresHome home, Path data) {
    this.home = home;
    this.data = data;
  }

  @Override
  public String product() {
    return "PostgreSQL";
  }

  @Override
  public Path folder() {
    return data;
  }

  @Override
  public List<String> command(int port) {
    return home.serverCommand(data, port);
  }

  /** Appends to the configuration file, in which the last of several values holds. */
  static void configure(Path data, Map<String, String> settings) {
    StringBuilder lines = new StringBuilder("\n");
    new TreeMap<>(settings)
        .forEach(
            (setting, value) ->
                lines.append(setting).append(" = ").append(Session.quotedText(value)).append("\n"));
    Path file = data.resolve("postgresql.conf");
    try {
      Files.writeString(file, lines.toString(), StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new ServerException("Cannot write " + file, failure);
    }
  }

  /** Reads what pg_ctl reads: the postmaster writes its state into its lock file. */
  @Override
  public boolean isReady(int port, long pid) throws IOException {
    List<String> lines = lockFile();
    return lines.size() > STATUS_LINE
        // A killed server has left its own file behind.
        && lines.get(PID_LINE).equals(Long.toString(pid))
        && lines.get(STATUS_LINE).strip().equals("ready");
  }

  /** Ends without a checkpoint, but gives back the shared memory, which a SIGKILL does not. */
  @Override
  public String quitSignal() {
    return "QUIT";
  }

  /**
   * Removes the small System V segment by which PostgreSQL knows whether a data folder is in use:
   * the system keeps it when its owner is killed, and has room for some thousands only.
   */
  @Override
  public void afterKill() {
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

  private List<String> lockFile() throws IOException {
    try {
      return Files.readAllLines(data.resolve("postmaster.pid"), StandardCharsets.US_ASCII);
    } catch (NoSuchFileException notYet) {
      return List.of();
    }
  }

  @Override
  public String toString() {
    return "PostgresProgram[" + data + "]";
  }
}
