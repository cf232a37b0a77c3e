package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be done to a replica, and that it shows. */
class ReplicationTest {

  private static final PostgresCluster cluster = PostgresCluster.builder().replicas(2).start();
  private static final PostgresServer primary = cluster.server(0);

  private PostgresServer first = primary;
  private PostgresServer second = primary;

  @AfterAll
  static void close() {
    cluster.close();
  }

  @BeforeEach
  void healAndEmpty() {
    cluster.heal();
    first = cluster.replicasOf(primary).get(0);
    second = cluster.replicasOf(primary).get(1);
    Session.run(primary, "DROP TABLE IF EXISTS item");
    Session.run(primary, "CREATE TABLE item (id int)");
    first.awaitReplayOf(primary);
    second.awaitReplayOf(primary);
  }

  @Test
  void replicasStreamAndRefuseWrites() {
    assertThat(cluster.servers()).containsExactly(primary, first, second);
    assertThat(cluster.primaries()).containsExactly(primary);
    assertThat(first.name()).isEqualTo("postgres-0-replica-1");
    assertThat(second.name()).isEqualTo("postgres-0-replica-2");
    assertThat(first.isReplica()).isTrue();
    assertThat(first.toString()).contains("replica-1, 127.0.0.1:").contains(", replica");
    insert(1);
    second.awaitReplayOf(primary);
    assertThat(items(second)).isEqualTo("1");
    assertThatThrownBy(() -> Session.run(second, "INSERT INTO item VALUES (2)"))
        .hasMessageContaining("read-only transaction");
  }

  @Test
  void aPausedReplicaShowsWhatItShowed() {
    first.pauseReplay();
    insert(1);
    second.awaitReplayOf(primary);
    assertThat(items(first)).isEmpty();
    assertThatThrownBy(() -> first.awaitReplayOf(primary))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("postgres-0-replica-1 is paused")
        .hasMessageContaining("resumeReplay()");
    assertThatThrownBy(() -> first.follow(primary)).hasMessageContaining("resumeReplay()");
    first.resumeReplay();
    first.resumeReplay();
    first.awaitReplayOf(primary);
    assertThat(items(first)).isEqualTo("1");
  }

  @Test
  void aDelayedReplicaHasACommitButDoesNotShowIt() {
    first.applyDelay(Duration.ofHours(1));
    insert(1);
    second.awaitReplayOf(primary);
    String flushed = Session.ask(primary, "SELECT pg_current_wal_flush_lsn()");
    await()
        .until(
            () ->
                Session.ask(first, "SELECT pg_last_wal_receive_lsn() >= CAST(? AS pg_lsn)", flushed)
                    .equals("t"));
    assertThat(items(first)).isEmpty();
    first.applyDelay(Duration.ZERO);
    first.awaitReplayOf(primary);
    assertThat(items(first)).isEqualTo("1");
    assertThatThrownBy(() -> first.applyDelay(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT-1S");
  }

  @Test
  void aPromotedReplicaTakesWritesAndTheOthersFollowIt() {
    insert(1);
    second.awaitReplayOf(primary);
    PostgresServer promoted = primary.failOver();
    assertThat(primary.isRunning()).isFalse();
    assertThat(promoted).isIn(first, second);
    assertThat(cluster.primaries()).containsExactly(primary, promoted);
    Session.run(promoted, "INSERT INTO item VALUES (2)");
    PostgresServer other = promoted.equals(first) ? second : first;
    assertThat(cluster.replicasOf(promoted)).containsExactly(other);
    other.awaitReplayOf(promoted);
    assertThat(items(other)).isEqualTo("1,2");

    int port = primary.port();
    primary.recloneFrom(promoted);
    assertThat(primary.port()).isEqualTo(port);
    assertThat(primary.isReplica()).isTrue();
    assertThat(items(primary)).isEqualTo("1,2");
    assertThat(cluster.primaries()).containsExactly(promoted);
    assertThat(cluster.replicasOf(promoted)).contains(primary, other);
  }

  @Test
  void aPausedReplicaIsPromotedWithAllItHasReceived() {
    first.pauseReplay();
    primary.synchronousReplicas(1, first);
    insert(1);
    primary.kill();
    first.promote();
    assertThat(items(first)).isEqualTo("1");
  }

  @Test
  void aReplicaThatIsAheadOfItsNewPrimaryIsClonedAgain() {
    first.kill();
    insert(1);
    second.awaitReplayOf(primary);
    primary.kill();
    first.restart();
    first.promote();
    Session.run(first, "INSERT INTO item VALUES (2)");
    second.follow(first);
    second.awaitReplayOf(first);
    assertThat(items(second)).isEqualTo("2");
  }

  @Test
  void aReplicaIsKilledStoppedAndRestartedAsAPrimaryIs() {
    first.kill();
    assertThat(first.isReplica()).isTrue();
    insert(1);
    assertThatThrownBy(first::pauseReplay).hasMessageContaining("call restart() first");
    first.restart();
    first.awaitReplayOf(primary);
    first.stop();
    assertThatThrownBy(first::promote).hasMessageContaining("call resume() first");
    insert(2);
    first.resume();
    first.awaitReplayOf(primary);
    assertThat(items(first)).isEqualTo("1,2");
  }

  @Test
  void commitsWaitForSynchronousReplicasUntilThereAreNone() throws Exception {
    primary.synchronousReplicas(1, first, second);
    first.stop();
    insert(1);
    primary.synchronousReplicas(2, first, second);
    CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> insert(2));
    await()
        .until(
            () ->
                Session.ask(
                        primary,
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                    .equals("1"));
    assertThat(commit).isNotDone();
    primary.synchronousReplicas(0);
    commit.get(30, TimeUnit.SECONDS);
    insert(3);
    assertThatThrownBy(() -> primary.synchronousReplicas(3, first, second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 of [");
    assertThatThrownBy(() -> second.synchronousReplicas(0)).hasMessageContaining("is a replica");
  }

  @Test
  void anAddedReplicaGoesAtHeal() {
    PostgresServer added = primary.addReplica("Reader_1");
    insert(1);
    added.awaitReplayOf(primary);
    assertThat(items(added)).isEqualTo("1");
    assertThat(cluster.replicasOf(primary)).containsExactly(first, second, added);
    assertThatThrownBy(() -> primary.addReplica("reader-1")).hasMessageContaining("in use");
    assertThatThrownBy(() -> primary.addReplica("a b")).hasMessageContaining("'a b'");
    assertThatThrownBy(first::addReplica).hasMessageContaining("is a replica itself");
    cluster.heal();
    assertThat(added.isRunning()).isFalse();
    assertThat(added.dataFolder()).doesNotExist();
    assertThat(Session.ask(primary, "SELECT count(*) FROM pg_replication_slots")).isEqualTo("2");
    assertThat(cluster.servers()).containsExactly(primary, first, second);
  }

  @Test
  void healBringsBackTheRolesOfTheStart() {
    PostgresServer promoted = primary.failOver();
    promoted.synchronousReplicas(1, primary);
    primary.recloneFrom(promoted);
    second.applyDelay(Duration.ofHours(1));
    first.stop();
    cluster.heal();
    assertThat(cluster.primaries()).containsExactly(primary);
    assertThat(cluster.replicasOf(primary)).containsExactly(first, second);
    assertThat(cluster.replicasOf(0)).isEqualTo(cluster.replicasOf(primary));
    insert(1);
    first.awaitReplayOf(primary);
    second.awaitReplayOf(primary);
  }

  @Test
  void whatDoesNotFitTheRoleIsRefusedWithWhatDoes() {
    assertThatThrownBy(primary::promote)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("postgres-0 is a primary and cannot be promoted: it takes writes already");
    assertThatThrownBy(() -> primary.follow(first))
        .hasMessageContaining("postgres-0 is a primary and cannot follow another server")
        .hasMessageContaining("call recloneFrom(postgres-0-replica-1)");
    assertThatThrownBy(primary::pauseReplay).hasMessageContaining("pause one of its replicas");
    assertThatThrownBy(primary::resumeReplay).hasMessageContaining("is a primary");
    assertThatThrownBy(() -> primary.applyDelay(Duration.ZERO)).hasMessageContaining("delay one");
    assertThatThrownBy(() -> primary.awaitReplayOf(primary)).hasMessageContaining("is a primary");
    assertThatThrownBy(() -> first.follow(second)).hasMessageContaining("give its primary");
    assertThatThrownBy(() -> first.follow(first)).hasMessageContaining("cannot follow itself");
    assertThatThrownBy(() -> first.recloneFrom(first)).hasMessageContaining("cannot clone itself");
    assertThatThrownBy(first::failOver).hasMessageContaining("fail over from its primary");
    first.kill();
    second.stop();
    assertThatThrownBy(primary::failOver).hasMessageContaining("no replica that runs");
    assertThat(primary.isRunning()).isTrue();
  }

  private static void insert(int id) {
    Session.run(primary, "INSERT INTO item VALUES (" + id + ")");
  }

  private static String items(PostgresServer server) {
    return Session.ask(server, "SELECT string_agg(id::text, ',' ORDER BY id) FROM item");
  }
}
