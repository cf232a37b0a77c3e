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
import java.util.function.BooleanSupplier;
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

  private static final int PAUSED = 1;
  private static final int KILLED = 3;
  private static final Duration GREED = Duration.ofSeconds(2); // at least
  private static final Duration AFTERWARDS = Duration.ofMillis(500);
  private static final Duration REDIS_AWAY = Duration.ofSeconds(1); // at least
  private static final Duration REDIS_BACK = Duration.ofSeconds(10); // at most

  private final Fleet fleet;
  private final Events events;
  private final Duration length;
  private final Greed greed;
  private final BooleanSupplier haveRedis;
  private long startNanos;
  private volatile @Nullable Failover failover;
  private volatile @Nullable Outage outage;
  private volatile @Nullable Outage replicaOutage;
  private volatile Greed.@Nullable Found greedFound;

  /**
   * Nothing happens before {@link #run}.
   *
   * @param length how long all of it is to take; it takes longer where the servers do
   * @param greed the greedy address
   * @param haveRedis whether all caches and limits have Redis behind them
   */
  Faults(Fleet fleet, Events events, Duration length, Greed greed, BooleanSupplier haveRedis) {
    this.fleet = fleet;
    this.events = events;
    this.length = length;
    this.greed = greed;
    this.haveRedis = haveRedis;
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

    PostgresServer killed = fleet.replicasOf(fleet.server(KILLED)).get(0);
    await(0.35);
    events.mark("killed replica %s".formatted(killed.name()));
    long killedNanos = System.nanoTime();
    killed.kill();
    await(0.47);
    killed.restart();
    replicaOutage = new Outage(killedNanos, System.nanoTime());
    events.mark("restarted replica %s".formatted(killed.name()));

    await(0.55);
    loseRedis();

    await(0.80);
    failOver(fleet.server(Fleet.FAILING));
    await(1);
    Thread.sleep(AFTERWARDS.toMillis());
  }

  /** While Redis is there still: what it has admitted can be judged to the last permit. */
  private void beGreedy() throws Exception {
    long began = System.nanoTime();
    greed.begin();
    events.mark(
        String.format(
            Locale.ROOT,
            "a greedy address asks both services, for up to %d times its limit",
            GreedyAddress.TIMES));
    await(0.12);
    long due = GREED.toNanos() - (System.nanoTime() - began);
    if (due > 0) {
      Thread.sleep(Duration.ofNanos(due).toMillis());
    }
    Greed.Found found = greed.end();
    greedFound = found;
    events.mark(
        String.format(
            Locale.ROOT,
            "the greedy address ends: %s of %s requests were admitted in %.2f s",
            Screen.count(found.allAdmitted()),
            Screen.count(found.allAsked()),
            found.micros() / 1e6));
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
    boolean back = haveRedis.getAsBoolean();
    while (!back && System.nanoTime() - over.restartedNanos() < REDIS_BACK.toNanos()) {
      Thread.sleep(20);
      back = haveRedis.getAsBoolean();
    }
    if (back) {
      events.tell("   both services have Redis again, for the cache and the limits");
    }
  }

  /** Empty before it, and if it failed. */
  Optional<Greed.Found> greed() {
    return Optional.ofNullable(greedFound);
  }

  /** When the replica was away; empty before it, and if it failed. */
  Optional<Outage> replicaOutage() {
    return Optional.ofNullable(replicaOutage);
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
