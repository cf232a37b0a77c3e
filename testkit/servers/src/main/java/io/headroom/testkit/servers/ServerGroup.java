package io.headroom.testkit.servers;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server and those that became its replicas: they are copies of one database cluster and stay
 * together, whichever of them leads.
 *
 * <p>Thread-safe.
 */
final class ServerGroup {

  private static final Logger logger = LoggerFactory.getLogger(PostgresServer.class);

  private final PostgresHome home;
  private final PostgresServer first;
  private final List<PostgresServer> members = new CopyOnWriteArrayList<>();
  private volatile int membersAtStart = 1;

  private ServerGroup(PostgresHome home, String name) {
    this.home = home;
    this.first = new PostgresServer(name, home, this);
    this.members.add(first);
  }

  /**
   * Starts a primary.
   *
   * @param ports finds a port that is free now, and is asked again when another takes it first
   */
  static ServerGroup start(
      String name, PostgresHome home, Map<String, String> settings, IntSupplier ports) {
    ServerGroup group = new ServerGroup(home, name);
    try {
      group.first.startNew(settings, ports);
      return group;
    } catch (RuntimeException | Error failure) {
      group.close();
      throw failure;
    }
  }

  PostgresServer first() {
    return first;
  }

  List<PostgresServer> members() {
    return List.copyOf(members);
  }

  List<String> names() {
    return members.stream().map(PostgresServer::name).toList();
  }

  List<PostgresServer> replicasOf(PostgresServer primary) {
    return members.stream().filter(member -> member.replication().follows(primary)).toList();
  }

  /** Tells that what there is now is what {@link #heal} shall bring back. */
  void complete() {
    membersAtStart = members.size();
  }

  PostgresServer addReplica(PostgresServer primary) {
    PostgresServer replica;
    synchronized (members) {
      int number = 1;
      while (isTaken(primary.name() + "-replica-" + number)) {
        number++;
      }
      replica = newMember(primary.name() + "-replica-" + number);
    }
    return started(replica, primary);
  }

  PostgresServer addReplica(PostgresServer primary, String name) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,49}")) {
      throw new IllegalArgumentException(
          "'" + name + "' cannot name a replica: give up to 50 letters, digits, '-' and '_'");
    }
    PostgresServer replica;
    synchronized (members) {
      if (isTaken(name)) {
        throw new IllegalArgumentException(
            "'" + name + "' is a name in use, or differs from one in case or '_' only");
      }
      replica = newMember(name);
    }
    return started(replica, primary);
  }

  PostgresServer failOver(PostgresServer primary) {
    if (primary.isReplica()) {
      throw new IllegalStateException(primary.name() + " is a replica: fail over from its primary");
    }
    List<PostgresServer> replicas =
        replicasOf(primary).stream().filter(replica -> replica.replication().replays()).toList();
    if (replicas.isEmpty()) {
      throw new IllegalStateException(
          primary.name() + " has no replica that runs: call addReplica() first");
    }
    primary.kill();
    PostgresServer promoted =
        Collections.max(
            replicas, Comparator.comparing(replica -> replica.replication().received()));
    promoted.promote();
    replicas.stream()
        .filter(replica -> !replica.equals(promoted))
        .forEach(other -> other.follow(promoted));
    return promoted;
  }

  /** Makes all run that were there at the start, in the roles of then, and ends the others. */
  void heal() {
    List<PostgresServer> added = members().subList(membersAtStart, members.size());
    added.forEach(PostgresServer::close);
    members.removeAll(added);
    first.revive();
    List<PostgresServer> replicas = members().subList(1, members.size());
    if (replicas.isEmpty() && added.isEmpty()) {
      return;
    }
    if (first.isReplica()) {
      first.promote();
    }
    added.forEach(replica -> replica.replication().dropSlotOn(first));
    if (!Session.ask(first, "SHOW synchronous_standby_names").isEmpty()) {
      first.synchronousReplicas(0);
    }
    InParallel.run(replicas, this::heal);
  }

  private void heal(PostgresServer replica) {
    if (replica.replication().follows(first)) {
      try {
        replica.revive();
        replica.replication().recover(first);
        return;
      } catch (ServerException | IllegalStateException beyondRepair) { // as where it has ended
        logger.debug("{} is cloned again", replica, beyondRepair);
      }
    }
    replica.recloneFrom(first);
  }

  void close() {
    members.forEach(PostgresServer::close);
  }

  private PostgresServer newMember(String name) {
    PostgresServer member = new PostgresServer(name, home, this);
    members.add(member);
    return member;
  }

  private PostgresServer started(PostgresServer replica, PostgresServer primary) {
    try {
      replica.startAsReplicaOf(primary);
      return replica;
    } catch (RuntimeException | Error failure) {
      members.remove(replica);
      replica.close();
      throw failure;
    }
  }

  private boolean isTaken(String name) {
    return members.stream()
        .anyMatch(member -> Replication.slot(member.name()).equals(Replication.slot(name)));
  }

  @Override
  public String toString() {
    return "ServerGroup" + members;
  }
}
