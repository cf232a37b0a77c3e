package io.headroom.testkit.servers;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntSupplier;

/**
 * A server and those that were added as its replicas: they end together.
 *
 * <p>Thread-safe.
 */
final class RedisGroup {

  private final RedisHome home;
  private final RedisServer first;
  private final List<RedisServer> members = new CopyOnWriteArrayList<>();
  private volatile List<RedisServer> membersAtStart;

  private RedisGroup(String name, RedisHome home, RedisProgram.Mode mode) {
    this.home = home;
    this.first = new RedisServer(name, home, mode, this);
    this.members.add(first);
    this.membersAtStart = List.of(first);
  }

  /**
   * Starts a server that stands alone.
   *
   * @param ports finds a port that is free now, and is asked again when another takes it first
   */
  static RedisGroup start(String name, RedisHome home, IntSupplier ports) {
    return start(name, home, RedisProgram.Mode.STANDALONE, ports, List.of());
  }

  /** Starts a server of any kind, with further lines in its configuration file. */
  static RedisGroup start(
      String name,
      RedisHome home,
      RedisProgram.Mode mode,
      IntSupplier ports,
      List<String> configuration) {
    RedisGroup group = new RedisGroup(name, home, mode);
    try {
      group.first.startNew(ports, configuration);
      return group;
    } catch (RuntimeException | Error failure) {
      group.close();
      throw failure;
    }
  }

  RedisServer first() {
    return first;
  }

  List<RedisServer> members() {
    return List.copyOf(members);
  }

  /** Tells that what there is now is what {@link #heal} shall bring back. */
  void complete() {
    membersAtStart = members();
  }

  RedisServer addReplica(RedisServer primary) {
    primary.replication().requireStandalone("have a replica added");
    RedisReplication.requirePrimary(primary);
    RedisServer replica;
    synchronized (members) {
      int number = 1;
      while (isTaken(primary.name() + "-replica-" + number)) {
        number++;
      }
      replica =
          new RedisServer(
              primary.name() + "-replica-" + number, home, RedisProgram.Mode.STANDALONE, this);
      members.add(replica);
    }
    try {
      replica.startNew(FreePort::find, List.of("replicaof 127.0.0.1 " + primary.port()));
      replica.replication().awaitStreamingFrom(primary);
      return replica;
    } catch (RuntimeException | Error failure) {
      close(replica);
      throw failure;
    }
  }

  /** Makes all run that were there at the start, in the roles of then, and ends the others. */
  void heal() {
    members.stream().filter(member -> !membersAtStart.contains(member)).forEach(this::close);
    first.revive();
    if (first.mode() != RedisProgram.Mode.STANDALONE) {
      return;
    }
    if (first.isReplica()) {
      first.promote();
    }
    InParallel.run(
        membersAtStart.subList(1, membersAtStart.size()),
        replica -> {
          replica.revive();
          if (!replica.replication().streamsFrom(first)) {
            replica.follow(first);
          }
          // Messages are replicated, too: what sentinels now gone have said ends here.
          replica.awaitReplayOf(first);
        });
  }

  /** Ends one member; the first takes all with it. */
  void close(RedisServer member) {
    if (member.equals(first)) {
      close();
    } else {
      member.end();
      members.remove(member);
    }
  }

  void close() {
    members.forEach(RedisServer::end);
  }

  private boolean isTaken(String name) {
    return members.stream().anyMatch(member -> member.name().equals(name));
  }

  @Override
  public String toString() {
    return "RedisGroup" + members;
  }
}
