package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Figures;
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
 * What happens during the load: an address is greedy; one replica is paused, another is killed,
 * Redis is killed, and a primary is killed and its replica promoted. For one thread; what came of
 * it may be read by others.
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

  /**
   * When a server was away: a replica, or Redis, which came back empty.
   *
   * @param killedNanos when it was killed
   * @param restartedNanos when it was there again
   */
  record Outage(long killedNanos, long restartedNanos) {

    Duration length() {
      return Duration.ofNanos(restartedNanos - killedNanos);
    }
  }

  /**
   * What came of a replica's death.
   *
   * @param outage when it was away
   * @param primary who takes its reads over
   * @param takenOver how many that were
   */
  record ReplicaLoss(Outage outage, String primary, long takenOver) {}

  private static final int PAUSED = 1;
  private static final int KILLED = 3;
  private static final double GREEDY_UNTIL = 0.12; // of all of it
  private static final Duration GREED = Duration.ofSeconds(4); // at least
  private static final Duration REPLICA_AWAY = Duration.ofSeconds(1); // at least
  private static final Duration AFTERWARDS = Duration.ofSeconds(1);
  private static final Duration REDIS_AWAY = Duration.ofSeconds(1); // at least
  private static final Duration REDIS_BACK = Duration.ofSeconds(10); // at most

  private final Fleet fleet;
  private final Events events;
  private final Duration length;
  private final Greed greed;
  private final Services services;
  private long startNanos;
  private volatile @Nullable Failover failover;
  private volatile @Nullable Outage outage;
  private volatile @Nullable ReplicaLoss replicaLoss;
  private volatile Greed.@Nullable Found greedFound;

  /**
   * Nothing happens before {@link #run}.
   *
   * @param length how long all of it is to take; it takes longer where the servers do
   * @param greed the greedy address
   * @param services tell what they make of it
   */
  Faults(Fleet fleet, Events events, Duration length, Greed greed, Services services) {
    this.fleet = fleet;
    this.events = events;
    this.length = length;
    this.greed = greed;
    this.services = services;
  }

  /** Lets it happen. */
  void run() throws Exception {
    startNanos = System.nanoTime();
    beGreedy();

    PostgresServer paused = fleet.replicasOf(fleet.server(PAUSED)).get(0);
    await(0.17);
    events.mark("paused replica %s: it answers, and shows nothing new".formatted(paused.name()));
    paused.pauseReplay();
    await(0.30);
    events.mark("resumed replica %s".formatted(paused.name()));
    paused.resumeReplay();

    await(0.35);
    loseReplicaOf(fleet.server(KILLED));

    await(0.55);
    loseRedis();

    await(0.80);
    failOver(fleet.server(Fleet.FAILING));
    await(1);
    Thread.sleep(AFTERWARDS.toMillis());
  }

  /**
   * While Redis is there still: what it has admitted can be judged to the last permit. What comes
   * then has the time that it is to have, though this takes longer.
   */
  private void beGreedy() throws Exception {
    greed.begin();
    events.mark(
        String.format(
            Locale.ROOT,
            "a greedy address asks both services, for up to %d times its limit",
            GreedyAddress.TIMES));
    long part = (long) (GREEDY_UNTIL * length.toNanos());
    long late = Math.max(0, GREED.toNanos() - part);
    startNanos += late;
    await(GREEDY_UNTIL);
    Greed.Found found = greed.end();
    greedFound = found;
    events.mark(
        String.format(
            Locale.ROOT,
            "the greedy address ends: %s of %s requests were admitted in %.2f s",
            Screen.count(found.all().admitted()),
            Screen.count(found.all().asked()),
            found.micros() / 1e6));
  }

  /** Its only one: the primary takes its reads over. */
  private void loseReplicaOf(PostgresServer primary) throws Exception {
    PostgresServer replica = fleet.replicasOf(primary).get(0);
    List<Figures> before = services.figures();
    events.mark("killed replica %s".formatted(replica.name()));
    long killed = System.nanoTime();
    replica.kill();
    Thread.sleep(REPLICA_AWAY.toMillis());
    await(0.47);
    replica.restart();
    Outage over = new Outage(killed, System.nanoTime());
    long takenOver = new Routes(before, services.figures()).takenOverBy(primary.name());
    replicaLoss = new ReplicaLoss(over, primary.name(), takenOver);
    events.mark("restarted replica %s".formatted(replica.name()));
  }

  /** With all that it had; caches do without it, and fill it again, and so do limits. */
  private void loseRedis() throws InterruptedException {
    long killed = System.nanoTime();
    fleet.redis().kill();
    events.mark("killed %s".formatted(fleet.redis().name()));
    Thread.sleep(REDIS_AWAY.toMillis());
    await(0.70);
    fleet.redis().restart();
    Outage over = new Outage(killed, System.nanoTime());
    outage = over;
    events.mark("restarted %s, which is empty".formatted(fleet.redis().name()));
    boolean back = services.haveRedis();
    while (!back && System.nanoTime() - over.restartedNanos() < REDIS_BACK.toNanos()) {
      Thread.sleep(20);
      back = services.haveRedis();
    }
    if (back) {
      events.tell("   both services have Redis again, for the cache and the limits");
    }
  }

  /** Empty before it, and if it failed. */
  Optional<Greed.Found> greed() {
    return Optional.ofNullable(greedFound);
  }

  /** Empty before it, and if it failed. */
  Optional<ReplicaLoss> replicaLoss() {
    return Optional.ofNullable(replicaLoss);
  }

  /** When Redis was away; empty before it, and if it failed. */
  Optional<Outage> outage() {
    return Optional.ofNullable(outage);
  }

  /** Empty before it, and if it failed. */
  Optional<Failover> failover() {
    return Optional.ofNullable(failover);
  }

  /** As Patroni, a cloud or a person does it: Headroom promotes nothing, it finds out. */
  private void failOver(PostgresServer primary) throws SQLException {
    List<PostgresServer> replicas = fleet.replicasOf(primary);
    events.mark("killed primary %s".formatted(primary.name()));
    long killed = System.nanoTime();
    primary.kill();
    PostgresServer candidate = mostReceived(replicas);
    long asked = System.nanoTime();
    candidate.promote();
    Failover done = new Failover(candidate.name(), killed, asked, System.nanoTime());
    failover = done;
    events.mark(
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

  private void await(double shareOfTheLength) throws InterruptedException {
    long due = (long) (shareOfTheLength * length.toNanos()) - (System.nanoTime() - startNanos);
    if (due > 0) {
      Thread.sleep(Duration.ofNanos(due).toMillis());
    }
  }
}
