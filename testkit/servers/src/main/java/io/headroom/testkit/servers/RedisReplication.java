package io.headroom.testkit.servers;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** What makes one server a replica of another. */
final class RedisReplication {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final RedisServer server;

  RedisReplication(RedisServer server) {
    this.server = server;
  }

  boolean isReplica() {
    if (server.mode() == RedisProgram.Mode.SENTINEL) {
      return false;
    }
    return server.answers()
        ? role().get(0).text().equals("slave")
        : server.program().isConfiguredAsReplica();
  }

  /** Whether it is a replica of this one, and has its data. */
  boolean streamsFrom(RedisServer primary) {
    List<RedisReply> role = role();
    return role.get(0).text().equals("slave")
        && role.get(2).integer() == primary.port()
        && role.get(3).text().equals("connected");
  }

  void promote() {
    requireStandalone("be promoted");
    if (!isReplica()) {
      throw new IllegalStateException(
          server.name() + " is a primary and cannot be promoted: it takes writes already");
    }
    server.command("REPLICAOF", "NO", "ONE");
    server.command("CONFIG", "REWRITE");
  }

  void follow(RedisServer primary) {
    requireStandalone("follow another server");
    if (primary.equals(server)) {
      throw new IllegalArgumentException(server.name() + " cannot follow itself");
    }
    primary.replication().requireStandalone("be followed");
    requirePrimary(primary);
    server.command("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
    server.command("CONFIG", "REWRITE");
    awaitStreamingFrom(primary);
  }

  void awaitStreamingFrom(RedisServer primary) {
    if (!Await.within(LIMIT, () -> streamsFrom(primary))) {
      throw new ServerException(
          server + " has not got the data of " + primary + "\n" + Command.tail(server.log()));
    }
  }

  void awaitReplayOf(RedisServer primary) {
    long target = offset(primary, "master_repl_offset");
    if (!isReplica()) {
      throw new IllegalStateException(
          server.name() + " is a primary and replays nothing: ask one of its replicas");
    }
    if (!Await.within(
        LIMIT, () -> streamsFrom(primary) && offset(server, "slave_repl_offset") >= target)) {
      throw new ServerException(server + " does not show what " + primary + " has");
    }
  }

  static void requirePrimary(RedisServer primary) {
    if (primary.isReplica()) {
      throw new IllegalStateException(primary.name() + " is a replica itself: give its primary");
    }
  }

  void requireStandalone(String what) {
    if (server.mode() != RedisProgram.Mode.STANDALONE) {
      throw new IllegalStateException(
          server.name()
              + " cannot "
              + what
              + ": it is "
              + (server.mode() == RedisProgram.Mode.CLUSTER
                  ? "part of a cluster, which has switchOver and failOver"
                  : "a sentinel"));
    }
  }

  static long offset(RedisServer server, String name) {
    String replication = server.command("INFO", "replication").text();
    return Long.parseLong(Objects.requireNonNull(RedisSession.field(replication, name), name));
  }

  private List<RedisReply> role() {
    return server.command("ROLE").elements();
  }

  @Override
  public String toString() {
    return "RedisReplication[" + server.name() + "]";
  }
}
