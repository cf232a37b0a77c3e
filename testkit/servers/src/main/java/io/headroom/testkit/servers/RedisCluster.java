package io.headroom.testkit.servers;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis Cluster for tests: three primaries with a replica each, in processes of their own, gone
 * at {@link #close}.
 *
 * <pre>{@code
 * try (RedisCluster cluster = RedisCluster.start()) {
 *   RedisServer primary = cluster.primaryOf("order:7");
 *   cluster.replicaOf(primary).stop();
 *   cluster.heal();
 *   RedisServer promoted = cluster.failOver(primary); // killed
 * }
 * }</pre>
 *
 * <p>It starts in about two seconds, as long as Redis waits before it declares a cluster to be
 * whole. A node that hangs or is gone is missed after a second, and replaced after two more.
 * Thread-safe.
 */
public final class RedisCluster implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(RedisCluster.class);
  private static final int NODES = 6;
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration SWITCH_LIMIT = Duration.ofMillis(2_500);
  private static final int SWITCH_ATTEMPTS = 8;

  private final List<RedisServer> nodes;
  private final ClusterFormation formation;

  private RedisCluster(List<RedisServer> nodes) {
    this.nodes = nodes;
    this.formation = new ClusterFormation(nodes);
  }

  /**
   * Starts a cluster, and waits until every node has seen that all slots are served and replicas
   * have their primaries' data.
   *
   * @return the running cluster
   * @throws ServerException if a node does not start or join; the others are ended then
   */
  public static RedisCluster start() {
    RedisHome home = RedisHome.shared();
    RedisCluster cluster =
        new RedisCluster(
            InParallel.map(
                IntStream.range(0, NODES).boxed().toList(),
                number ->
                    RedisGroup.start(
                            "redis-" + number,
                            home,
                            RedisProgram.Mode.CLUSTER,
                            FreePort::findWithBus,
                            List.of())
                        .first(),
                RedisServer::close));
    try {
      cluster.formation.join();
      return cluster;
    } catch (RuntimeException | Error failure) {
      cluster.close();
      throw failure;
    }
  }

  /**
   * Returns all nodes, running or not: those that were primaries at the start, then their replicas
   * in the same order.
   *
   * @return an immutable list
   */
  public List<RedisServer> nodes() {
    return nodes;
  }

  /**
   * Returns the addresses for clients.
   *
   * @return the nodes' URIs, {@code redis://127.0.0.1:<port>}
   */
  public List<String> uris() {
    return nodes.stream().map(RedisServer::uri).toList();
  }

  /**
   * Returns the slot of a key.
   *
   * @param key the key, which may have a hash tag
   * @return the slot, from 0 to 16,383
   * @throws IllegalStateException if no node answers
   */
  public int slotOf(String key) {
    return (int) anyAnswering().command("CLUSTER", "KEYSLOT", key).integer();
  }

  /**
   * Returns the node that serves a key, as the cluster sees it now: a primary that was killed is it
   * until a replica has taken over.
   *
   * @param key the key, which may have a hash tag
   * @return the primary of the key's slot
   * @throws IllegalStateException if no node answers
   */
  public RedisServer primaryOf(String key) {
    return primaryOf(slotOf(key));
  }

  /**
   * Returns the node that serves a slot, as the cluster sees it now.
   *
   * @param slot the slot, from 0 to 16,383
   * @return its primary
   * @throws IllegalArgumentException if there is no such slot
   * @throws IllegalStateException if no node answers, or none has the slot
   */
  public RedisServer primaryOf(int slot) {
    if (slot < 0 || slot >= ClusterView.SLOTS) {
      throw new IllegalArgumentException("slot must be 0 to 16383, was " + slot);
    }
    return onPort(
        view()
            .ownerOf(slot)
            .orElseThrow(() -> new IllegalStateException("No node has the slot " + slot))
            .port());
  }

  /**
   * Returns the replica of a primary.
   *
   * @param primary the primary, running or not
   * @return the replica that runs, or else one that does not
   * @throws IllegalArgumentException if it is no node of this cluster
   * @throws IllegalStateException if it is no primary now, or has no replica
   */
  public RedisServer replicaOf(RedisServer primary) {
    ClusterView view = view();
    List<RedisServer> replicas =
        view.replicasOf(requirePrimary(primary, view)).stream().map(this::onPort).toList();
    return replicas.stream()
        .filter(RedisServer::isRunning)
        .findFirst()
        .or(() -> replicas.stream().findFirst())
        .orElseThrow(() -> new IllegalStateException(primary.name() + " has no replica"));
  }

  /**
   * Has a primary and its replica change places, in order: nothing is lost ({@code CLUSTER
   * FAILOVER}). Waits until every node that answers has seen it.
   *
   * @param primary the primary, which runs
   * @return the new primary, which was the replica
   * @throws IllegalArgumentException if it is no node of this cluster
   * @throws IllegalStateException if it is no primary now, or it or its replica does not run
   * @throws ServerException if it takes longer than 20 s
   */
  public RedisServer switchOver(RedisServer primary) {
    int slot = aSlotOf(primary);
    RedisServer replica = replicaOf(primary);
    // A request that comes too soon after another failover is not heeded, and given up.
    boolean done = false;
    for (int attempt = 0; attempt < SWITCH_ATTEMPTS && !done; attempt++) {
      replica.command("CLUSTER", "FAILOVER");
      done = Await.within(SWITCH_LIMIT, () -> isSettled(replica, primary, slot));
    }
    if (!done) {
      throw notTakenOver(primary);
    }
    return replica;
  }

  private boolean isSettled(RedisServer promoted, RedisServer demoted, int slot) {
    return isServedByOther(demoted, slot)
        && demoted.replication().streamsFrom(promoted)
        && nodes.stream()
            .filter(RedisServer::answers)
            .allMatch(node -> ClusterView.of(node).has(demoted, promoted));
  }

  /**
   * Kills a primary if it runs, and waits until its replica has taken over and every node that
   * answers has seen it: some three seconds. What had not reached the replica is lost.
   *
   * @param primary the primary, running or not
   * @return the new primary
   * @throws IllegalArgumentException if it is no node of this cluster
   * @throws IllegalStateException if it is no primary now, or its replica does not answer
   * @throws ServerException if it takes longer than 20 s, since most of the primaries are gone
   */
  public RedisServer failOver(RedisServer primary) {
    int slot = aSlotOf(primary);
    RedisServer replica = replicaOf(primary);
    if (!replica.answers()) {
      throw new IllegalStateException(
          replica.name() + " cannot take over from " + primary.name() + ": it does not answer");
    }
    primary.kill();
    return awaitOther(primary, slot);
  }

  /**
   * Removes all data of all nodes.
   *
   * @throws IllegalStateException if a node does not run, or is stopped
   */
  public void flush() {
    nodes.stream().filter(node -> !node.isReplica()).forEach(RedisServer::flush);
  }

  /**
   * Makes every node run, answer, and be what it was at the start, with the settings of then. Data
   * stay, where they have not been lost; if the cluster cannot be brought back otherwise, it is
   * formed anew, and empty.
   *
   * @throws ServerException if a node does not start or join
   * @throws IllegalStateException if the cluster is closed
   */
  public void heal() {
    InParallel.run(nodes, RedisServer::revive);
    try {
      if (!formation.hasShape()) {
        formation.restore();
      }
    } catch (ServerException beyondRepair) {
      logger.debug("{} is formed anew", this, beyondRepair);
      InParallel.run(nodes, RedisServer::kill);
      InParallel.run(nodes, node -> node.startOver(List.of()));
      formation.join();
    }
  }

  /**
   * Ends the nodes and deletes their files. Does nothing if that has been done.
   *
   * @throws ServerException if a node's files cannot be deleted
   */
  @Override
  public void close() {
    InParallel.run(nodes, RedisServer::close);
  }

  /** What the nodes that answer say, put together. */
  private ClusterView view() {
    anyAnswering();
    return nodes.stream()
        .filter(RedisServer::answers)
        .map(ClusterView::of)
        .reduce(new ClusterView(List.of()), ClusterView::and);
  }

  private RedisServer awaitOther(RedisServer old, int slot) {
    if (!Await.within(LIMIT, () -> isServedByOther(old, slot))) {
      throw notTakenOver(old);
    }
    return primaryOf(slot);
  }

  /** Whether all that answer say that another node has the slot, and that all slots are served. */
  private boolean isServedByOther(RedisServer old, int slot) {
    return nodes.stream()
        .filter(RedisServer::answers)
        .allMatch(
            node ->
                ClusterFormation.isOk(node)
                    && ClusterView.of(node)
                        .ownerOf(slot)
                        .filter(owner -> owner.port() != old.port())
                        .isPresent());
  }

  private ServerException notTakenOver(RedisServer old) {
    return new ServerException("Nobody has taken over from " + old + " in " + this);
  }

  private int aSlotOf(RedisServer primary) {
    return requirePrimary(primary, view()).slots().get(0).first();
  }

  private ClusterView.Node requirePrimary(RedisServer primary, ClusterView view) {
    if (!nodes.contains(primary)) {
      throw new IllegalArgumentException(primary + " is no node of " + this);
    }
    return view.onPort(primary.port())
        .filter(node -> node.isPrimary() && !node.slots().isEmpty())
        .orElseThrow(
            () ->
                new IllegalStateException(
                    primary.name() + " is no primary now: ask primaryOf(key)"));
  }

  private RedisServer onPort(int port) {
    return nodes.stream()
        .filter(node -> node.port() == port)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("No node of " + this + " has port " + port));
  }

  private RedisServer anyAnswering() {
    return nodes.stream()
        .filter(RedisServer::answers)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("No node of " + this + " answers"));
  }

  @Override
  public String toString() {
    return "RedisCluster" + nodes;
  }
}
