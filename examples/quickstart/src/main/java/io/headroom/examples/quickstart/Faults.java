package io.headroom.examples.quickstart;

import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the servers during the load: one replica is paused, another is killed, and a
 * primary is killed and its replica promoted. For one thread; what came of it may be read by
 * others.
 */
final class Faults {

  /**
   * What came of the failover.
   *
   * @param promoted the server that is the primary since
   * @param killedNanos when the old one was killed
   * @param askedNanos when PostgreSQL was asked to promote the new one
   * @param promotedNanos when it had done so
   */
  record Failover(String promoted, long killedNanos, long askedNanos, long promotedNanos) {

    Duration promotion() {
      return Duration.ofNanos(promotedNanos - askedNanos);
    }
  }

  private static final int PAUSED = 1;
  private static final int KILLED = 3;
  private static final Duration AFTERWARDS = Duration.ofSeconds(1);

  private final Fleet fleet;
  private final Events events;
  private final Duration load;
  private final long startNanos = System.nanoTime();
  private volatile @Nullable Failover failover;

  Faults(Fleet fleet, Events events, Duration load) {
    this.fleet = fleet;
    this.events = events;
    this.load = load;
  }

  /** Takes about three quarters of the load's time, and longer where the servers do. */
  void run() throws InterruptedException, SQLException {
    PostgresServer paused = fleet.replicasOf(fleet.server(PAUSED)).get(0);
    await(0.10);
    events.tell("paused replica %s: it answers, and shows nothing new".formatted(paused.name()));
    paused.pauseReplay();
    await(0.30);
    events.tell("resumed replica %s".formatted(paused.name()));
    paused.resumeReplay();

    PostgresServer killed = fleet.replicasOf(fleet.server(KILLED)).get(0);
    await(0.38);
    events.tell("killed replica %s".formatted(killed.name()));
    killed.kill();
    await(0.55);
    killed.restart();
    events.tell("restarted replica %s".formatted(killed.name()));

    await(0.66);
    failOver(fleet.server(Fleet.FAILING));
    Thread.sleep(AFTERWARDS.toMillis());
  }

  /** Empty before it, and if it failed. */
  Optional<Failover> failover() {
    return Optional.ofNullable(failover);
  }

  /** As Patroni, a cloud or a person does it: Headroom promotes nothing, it finds out. */
  private void failOver(PostgresServer primary) throws SQLException {
    List<PostgresServer> replicas = fleet.replicasOf(primary);
    events.tell("killed primary %s".formatted(primary.name()));
    long killed = System.nanoTime();
    primary.kill();
    PostgresServer candidate = mostReceived(replicas);
    long asked = System.nanoTime();
    candidate.promote();
    Failover done = new Failover(candidate.name(), killed, asked, System.nanoTime());
    failover = done;
    events.tell(
        String.format(
            Locale.ROOT,
            "promoted replica %s, which took PostgreSQL %d ms",
            candidate.name(),
            done.promotion().toMillis()));
    for (PostgresServer other : replicas) {
      if (!other.equals(candidate)) {
        other.follow(candidate);
        candidate.synchronousReplicas(1, other);
        events.tell("%s follows it, and commits wait for that again".formatted(other.name()));
      }
    }
  }

  /** Each commit waited for one of them: the one that has more has every acknowledged write. */
  private static PostgresServer mostReceived(List<PostgresServer> replicas) throws SQLException {
    PostgresServer most = null;
    long mostReceived = -1;
    for (PostgresServer replica : replicas) {
      try (Connection connection = replica.dataSource().getConnection();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT pg_last_wal_receive_lsn() - '0/0'")) {
        row.next();
        if (row.getLong(1) > mostReceived) {
          most = replica;
          mostReceived = row.getLong(1);
        }
      }
    }
    return Objects.requireNonNull(most, "the shard that fails over has replicas");
  }

  private void await(double shareOfTheLoad) throws InterruptedException {
    long due = (long) (shareOfTheLoad * load.toNanos()) - (System.nanoTime() - startNanos);
    if (due > 0) {
      Thread.sleep(Duration.ofNanos(due).toMillis());
    }
  }
}
