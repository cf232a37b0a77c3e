package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What makes one server a copy of another, and lets it lag, follow another or lead.
 *
 * <p>Whether it is a replica is read from its data folder, where PostgreSQL keeps it: that holds
 * for a server that is down, and for one that was promoted in SQL.
 */
final class Replication {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int TIMELINE_DIGITS = 8;
  private static final String RESUME = "SELECT pg_wal_replay_resume()";
  private static final String STREAMING_FROM =
      "SELECT status = 'streaming' AND sender_port = ? AND received_tli = ?"
          + " FROM pg_stat_wal_receiver";
  private static final String STREAMING_TO =
      "SELECT r.state = 'streaming' FROM pg_replication_slots s"
          + " JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = ?";

  /** Settings that must not be lower on a replica (check_standby in PostgreSQL's manual). */
  private static final String AT_LEAST_THE_PRIMARYS =
      "SELECT string_agg(name || '=' || setting, ',') FROM pg_settings WHERE name IN"
          + " ('max_connections', 'max_worker_processes', 'max_wal_senders',"
          + " 'max_prepared_transactions', 'max_locks_per_transaction')";

  private static final String REPLAYED_OR_PAUSED =
      "SELECT pg_last_wal_replay_lsn() >= CAST(? AS pg_lsn) OR pg_is_wal_replay_paused()";

  /** What a replica logs when the other's history is not the continuation of its own. */
  private static final Pattern CANNOT_FOLLOW =
      Pattern.compile(
          "forked off (from )?current database system timeline"
              + "|is not in this server's history"
              + "|is ahead of the WAL flush position"
              + "|is behind recovery timeline"
              + "|has already been removed");

  private final PostgresServer server;
  private final ServerInstance instance;
  private volatile @Nullable PostgresServer followed;

  Replication(PostgresServer server, ServerInstance instance) {
    this.server = server;
    this.instance = instance;
  }

  boolean isReplica() {
    return Files.exists(server.dataFolder().resolve("standby.signal"));
  }

  /** Whether it is a replica and was last told to follow this server. */
  boolean follows(PostgresServer primary) {
    return isReplica() && primary.equals(followed);
  }

  /** Fills a data folder with a copy of a primary's, which will stream from it when started. */
  void cloneInto(Path data, PostgresServer primary, PostgresHome home) {
    requirePrimary(primary, "clone");
    Map<String, String> settings = new LinkedHashMap<>();
    try (Session session = Session.open(primary)) {
      makeSlotOver(session);
      BaseBackup.take(session, data);
      for (String setting : session.value(AT_LEAST_THE_PRIMARYS).split(",", -1)) {
        String[] nameAndValue = setting.split("=", 2);
        settings.put(nameAndValue[0], nameAndValue[1]);
      }
    }
    settings.put("primary_conninfo", connectionTo(primary));
    settings.put("primary_slot_name", slot());
    settings.put("hot_standby_feedback", "on");
    PostgresProgram.configure(data, settings);
    try {
      Files.createFile(data.resolve("standby.signal"));
    } catch (IOException failure) {
      throw new ServerException("Cannot write into " + data, failure);
    }
    home.handOver(data);
    followed = primary;
  }

  void recloneFrom(PostgresServer primary, PostgresHome home) {
    requirePrimary(primary, "clone");
    instance.restartOn(
        () -> {
          try {
            Folders.delete(server.dataFolder());
          } catch (IOException failure) {
            throw new ServerException("Cannot delete " + server.dataFolder(), failure);
          }
          cloneInto(server.dataFolder(), primary, home);
        });
    awaitStreamingFrom(primary);
  }

  void awaitStreamingFrom(PostgresServer primary) {
    try (Stream stream = new Stream(primary)) {
      if (!Await.within(LIMIT, stream::flows)) {
        throw failed("did not stream from " + primary + " within " + seconds(LIMIT));
      }
    }
  }

  /** Turns to another primary; whether it could. */
  boolean follow(PostgresServer primary) {
    requireReplica("follow another server", "call recloneFrom(" + primary.name() + ")");
    requirePrimary(primary, "follow");
    try (Stream stream = new Stream(primary)) {
      if (stream.here.isTrue("SELECT pg_is_wal_replay_paused()")) {
        throw new IllegalStateException(
            server.name() + " is paused, and would not notice: call resumeReplay() first");
      }
      makeSlotOver(stream.there);
      int before = instance.log().length();
      server.set("primary_conninfo", connectionTo(primary));
      followed = primary;
      boolean[] flows = new boolean[1];
      Await.within(
          patience(stream.here),
          () -> {
            flows[0] = stream.flows();
            return flows[0] || CANNOT_FOLLOW.matcher(instance.log().substring(before)).find();
          });
      return flows[0];
    }
  }

  void pause() {
    requireReplica("pause its replay", "pause one of its replicas");
    try (Session session = Session.open(server)) {
      session.execute("SELECT pg_wal_replay_pause()");
      if (!Await.within(
          patience(session),
          () -> session.isTrue("SELECT pg_get_wal_replay_pause_state() = 'paused'"))) {
        throw failed("did not pause its replay");
      }
    }
  }

  void resume() {
    requireReplica("resume its replay", "it has nothing to replay");
    Session.run(server, RESUME);
  }

  void applyDelay(Duration delay) {
    if (delay.isNegative() || delay.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "applyDelay must be 0 to " + Integer.MAX_VALUE + " ms, was " + delay);
    }
    requireReplica("delay its replay", "delay one of its replicas");
    server.set("recovery_min_apply_delay", delay.toMillis() + "ms");
  }

  void promote() {
    requireReplica("be promoted", "it takes writes already");
    if (!Session.ask(server, "SELECT pg_promote(true, ?)", (int) LIMIT.toSeconds()).equals("t")) {
      throw failed("was not promoted within " + seconds(LIMIT));
    }
  }

  void awaitReplayOf(PostgresServer primary) {
    requireReplica("replay another server's log", "ask one of its replicas");
    requirePrimary(primary, "be compared with");
    String target = Session.ask(primary, "SELECT pg_current_wal_flush_lsn()");
    try (Session session = Session.open(server)) {
      if (session.isTrue("SELECT pg_is_wal_replay_paused()")) {
        throw new IllegalStateException(
            server.name() + " is paused, and would never arrive: call resumeReplay() first");
      }
      if (!Await.within(
          patience(session),
          () -> session.isTrue("SELECT pg_last_wal_replay_lsn() >= CAST(? AS pg_lsn)", target))) {
        throw failed(
            "has replayed "
                + session.value("SELECT pg_last_wal_replay_lsn()")
                + ", not "
                + target
                + " of "
                + primary);
      }
    }
  }

  /**
   * Ends the lag that was asked for, and sees that it streams from this primary again, and replays
   * that: it may still answer while it ends, or is about to pause by itself, where the primary's
   * settings have outgrown its own.
   *
   * @throws ServerException if it does not
   */
  void recover(PostgresServer primary) {
    boolean flows;
    try (Stream stream = new Stream(primary)) {
      if (!patience(stream.here).equals(LIMIT)) {
        applyDelay(Duration.ZERO);
      }
      stream.here.execute(RESUME);
      flows = stream.flows();
    }
    if (!flows) {
      server.follow(primary);
    }
    String target = Session.ask(primary, "SELECT pg_current_wal_flush_lsn()");
    try (Session session = Session.open(server)) {
      if (!Await.within(LIMIT, () -> session.isTrue(REPLAYED_OR_PAUSED, target))
          || session.isTrue("SELECT pg_is_wal_replay_paused()")) {
        throw failed("does not replay the log of " + primary);
      }
    }
  }

  void synchronousReplicas(int count, List<PostgresServer> replicas) {
    if (count < 0 || count > replicas.size() || (count == 0 && !replicas.isEmpty())) {
      throw new IllegalArgumentException(
          "synchronousReplicas cannot be " + count + " of " + replicas);
    }
    server.requireAnsweringPrimary();
    String names =
        replicas.stream()
            .map(replica -> Session.quotedIdentifier(replica.name()))
            .collect(Collectors.joining(", "));
    server.set("synchronous_standby_names", count == 0 ? "" : "ANY " + count + " (" + names + ")");
    // Commits wait once the checkpointer says so; it reads its configuration before a checkpoint.
    Session.run(server, "CHECKPOINT");
  }

  /** Whether it runs and shows more and more. */
  boolean replays() {
    return instance.answers()
        && Session.ask(server, "SELECT pg_is_wal_replay_paused()").equals("f");
  }

  /** The position up to which this server has the log, as a number that can be compared. */
  long received() {
    return Long.parseLong(
        Session.ask(
            server,
            "SELECT CAST(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'"
                + " AS bigint)"));
  }

  /** The log on its way from a primary to this replica, looked at from both ends. */
  private final class Stream implements AutoCloseable {

    private final Session here;
    private final Session there;
    private final int timeline;

    private Stream(PostgresServer primary) {
      this.there = Session.open(primary);
      try {
        // A replica that has left the primary's history for good streams the common part, over and
        // over.
        String segment = there.value("SELECT pg_walfile_name(pg_current_wal_lsn())");
        this.timeline = Integer.parseInt(segment.substring(0, TIMELINE_DIGITS), 16);
        this.here = Session.open(server);
      } catch (RuntimeException | Error failure) {
        there.close();
        throw failure;
      }
    }

    private boolean flows() {
      return here.isTrue(STREAMING_FROM, there.server().port(), timeline)
          && there.isTrue(STREAMING_TO, slot());
    }

    @Override
    public void close() {
      here.close();
      there.close();
    }
  }

  private void makeSlotOver(Session toPrimary) {
    toPrimary.row(
        "SELECT pg_create_physical_replication_slot(name, true) FROM CAST(? AS text) name"
            + " WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = name)",
        slot());
  }

  /** Ends what its primary keeps for it, once it has ended itself: else the log would grow. */
  void dropSlotOn(PostgresServer primary) {
    try (Session session = Session.open(primary)) {
      Await.within(
          LIMIT,
          () ->
              !session.isTrue(
                  "SELECT active FROM pg_replication_slots WHERE slot_name = ?", slot()));
      session.row(
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
              + " WHERE slot_name = ?",
          slot());
    }
  }

  private String slot() {
    return slot(server.name());
  }

  /** The name of a server's slot: those of slots may have no other characters. */
  static String slot(String serverName) {
    return serverName.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  private String connectionTo(PostgresServer primary) {
    return "host=127.0.0.1 port="
        + primary.port()
        + " user=postgres application_name="
        + server.name();
  }

  /** How long to wait for the process that replays: it looks up only between two delays. */
  private static Duration patience(Session toReplica) {
    String delay =
        toReplica.value("SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay'");
    return LIMIT.plusMillis(Long.parseLong(delay));
  }

  private void requireReplica(String what, String instead) {
    instance.requireAnswering();
    if (!isReplica()) {
      throw new IllegalStateException(
          server.name() + " is a primary and cannot " + what + ": " + instead);
    }
  }

  private void requirePrimary(PostgresServer primary, String what) {
    if (primary.equals(server)) {
      throw new IllegalArgumentException(server.name() + " cannot " + what + " itself");
    }
    if (!primary.group().equals(server.group())) {
      throw new IllegalArgumentException(
          server.name()
              + " cannot "
              + what
              + " "
              + primary.name()
              + ", which has other data: give one of "
              + server.group().names());
    }
    primary.requireAnsweringPrimary();
  }

  private ServerException failed(String what) {
    return new ServerException(server + " " + what + "\n" + Command.tail(instance.log()));
  }

  private static String seconds(Duration duration) {
    return duration.toSeconds() + " s";
  }
}
