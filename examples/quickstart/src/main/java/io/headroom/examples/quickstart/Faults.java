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
 * What happens during the load: a user is greedy until Redis is killed; one replica is paused,
 * another is killed, Redis is killed, and a primary is killed and its replica promoted. For one
 * thread; what came of it may be read by others.
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
   * When Redis was away.
   *
   * @param killedNanos when it was killed
   * @param restartedNanos when it answered again, empty
   */
  record Outage(long killedNanos, long restartedNanos) {

    Duration length() {
      return Duration.ofNanos(restartedNanos - killedNanos);
    }
  }

  private static final int PAUSED = 1;
  private static final int KILLED = 3;
  private static final Duration GREED = Duration.ofSeconds(4); // at least
  private static final Duration AFTERWARDS = Duration.ofSeconds(1);
  private static final Duration REDIS_AWAY = Duration.ofSeconds(1); // at least
  private static final Duration REDIS_BACK = Duration.ofSeconds(10); // at most

  private final Fleet fleet;
  private final Events events;
  private final Duration load;
  private final Greed greed;
  private final BooleanSupplier hasRedis;
  private long startNanos;
  private volatile @Nullable Failover failover;
  private volatile @Nullable Outage outage;
  private volatile Greed.@Nullable Found greedFound;

  /**
   * Nothing happens before {@link #run}.
   *
   * @param greed the greedy user
   * @param hasRedis whether this process's cache and limits have Redis behind them
   */
  Faults(Fleet fleet, Events events, Duration load, Greed greed, BooleanSupplier hasRedis) {
    this.fleet = fleet;
    this.events = events;
    this.load = load;
    this.greed = greed;
    this.hasRedis = hasRedis;
  }

  /** Takes about three quarters of the load's time, and longer where the servers do. */
  void run() throws Exception {
    startNanos = System.nanoTime();
    await(0.05);
    long greedNanos = System.nanoTime();
    greed.begin();
    events.tell(
        String.format(
            Locale.ROOT,
            "a greedy user asks for %d times its limit, half of it in each process",
            GreedyUser.TIMES));
    PostgresServer paused = fleet.replicasOf(fleet.server(PAUSED)).get(0);
    await(0.10);
    events.tell("paused replica %s: it answers, and shows nothing new".formatted(paused.name()));
    paused.pauseReplay();
    await(0.26);
    events.tell("resumed replica %s".formatted(paused.name()));
    paused.resumeReplay();

    PostgresServer killed = fleet.replicasOf(fleet.server(KILLED)).get(0);
    await(0.32);
    events.tell("killed replica %s".formatted(killed.name()));
    killed.kill();
    await(0.44);
    killed.restart();
    events.tell("restarted replica %s".formatted(killed.name()));

    await(0.49);
    endGreed(greedNanos);
    await(0.50);
    loseRedis();

    await(0.74);
    failOver(fleet.server(Fleet.FAILING));
    Thread.sleep(AFTERWARDS.toMillis());
  }

  /** While Redis is there still: what it has admitted can be judged to the last permit. */
  private void endGreed(long beganNanos) throws Exception {
    long due = GREED.toNanos() - (System.nanoTime() - beganNanos);
    if (due > 0) {
      Thread.sleep(Duration.ofNanos(due).toMillis());
    }
    Greed.Found found = greed.end();
    greedFound = found;
    events.tell(
        String.format(
            Locale.ROOT,
            "the greedy user ends: %s of %s requests were admitted in %.2f s",
            Screen.count(found.both().admitted()),
            Screen.count(found.both().asked()),
            found.micros() / 1e6));
  }

  /** With all that it had; caches do without it, and fill it again, and so do limits. */
  private void loseRedis() throws InterruptedException {
    long killed = System.nanoTime();
    fleet.redis().kill();
    events.tell("killed %s".formatted(fleet.redis().name()));
    Thread.sleep(REDIS_AWAY.toMillis());
    await(0.66);
    fleet.redis().restart();
    Outage over = new Outage(killed, System.nanoTime());
    outage = over;
    events.tell("restarted %s, which is empty".formatted(fleet.redis().name()));
    while (!hasRedis.getAsBoolean()
        && System.nanoTime() - over.restartedNanos() < REDIS_BACK.toNanos()) {
      Thread.sleep(10);
    }
    if (hasRedis.getAsBoolean()) {
      events.tell("   the cache and the limits have Redis again");
    }
  }

  /** Empty before it, and if it failed. */
  Optional<Greed.Found> greed() {
    return Optional.ofNullable(greedFound);
  }

  /** Empty before it, and if it failed. */
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
