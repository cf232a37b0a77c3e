package io.headroom.testkit.servers;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A Redis primary with replicas, watched by three sentinels, two of which agree on a failover; all
 * in processes of their own, gone at {@link #close}.
 *
 * <pre>{@code
 * try (RedisSentinels redis = RedisSentinels.start(2)) {
 *   RedisClient client = RedisClient.create(redis.uri());
 *   redis.failOver(); // the primary is killed, a replica promoted by the sentinels
 *   redis.sentinels().get(0).stop();
 * }
 * }</pre>
 *
 * <p>The sentinels miss a server after a second; a failover takes about three. A primary that is
 * restarted sooner, empty, is not missed, and its replicas become empty as well. Thread-safe.
 */
public final class RedisSentinels implements AutoCloseable {

  private static final String PRIMARY_NAME = "headroom";
  private static final int SENTINELS = 3;
  private static final int QUORUM = 2;
  private static final String OFTEN = "100";
  private static final String SELDOM = "1000";
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofSeconds(6);
  private static final Duration SWITCH_LIMIT = Duration.ofSeconds(7);
  private static final int SWITCH_ATTEMPTS = 3;

  private final RedisGroup group;
  private final List<RedisServer> sentinels;

  private RedisSentinels(RedisGroup group, List<RedisServer> sentinels) {
    this.group = group;
    this.sentinels = sentinels;
  }

  /**
   * Starts a primary, replicas and sentinels, and waits until the sentinels know all of them and
   * each other.
   *
   * @param replicas how many replicas, at least 1
   * @return the running servers
   * @throws IllegalArgumentException if there are no replicas
   * @throws ServerException if a server does not start or connect; the others are ended then
   */
  public static RedisSentinels start(int replicas) {
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas must be at least 1, was " + replicas);
    }
    RedisHome home = RedisHome.shared();
    RedisGroup group = RedisGroup.start("redis-0", home, FreePort::find);
    try {
      InParallel.run(
          IntStream.range(0, replicas).boxed().toList(), number -> group.first().addReplica());
      group.complete();
      RedisSentinels all =
          new RedisSentinels(
              group,
              InParallel.map(
                  IntStream.range(0, SENTINELS).boxed().toList(),
                  number ->
                      RedisGroup.start(
                              "sentinel-" + number,
                              home,
                              RedisProgram.Mode.SENTINEL,
                              FreePort::find,
                              watching(group.first()))
                          .first(),
                  RedisServer::close));
      try {
        all.awaitWatched();
        return all;
      } catch (RuntimeException | Error failure) {
        all.close();
        throw failure;
      }
    } catch (RuntimeException | Error failure) {
      group.close();
      throw failure;
    }
  }

  /**
   * Returns the name under which the sentinels know the primary.
   *
   * @return what Redis calls the master's name
   */
  public String masterName() {
    return PRIMARY_NAME;
  }

  /**
   * Returns the sentinels, running or not; they can be killed, stopped and restarted as servers.
   *
   * @return an immutable list of three
   */
  public List<RedisServer> sentinels() {
    return sentinels;
  }

  /**
   * Returns an address for clients that ask the sentinels, as Lettuce reads it.
   *
   * @return the URI, {@code redis-sentinel://<address>,<address>,<address>?sentinelMasterId=<name>}
   */
  public String uri() {
    return sentinels.stream()
        .map(sentinel -> "127.0.0.1:" + sentinel.port())
        .collect(Collectors.joining(",", "redis-sentinel://", "?sentinelMasterId=" + PRIMARY_NAME));
  }

  /**
   * Returns the primary and the replicas, whichever is which now, running or not.
   *
   * @return an immutable list; at its head the primary of the start
   */
  public List<RedisServer> servers() {
    return group.members();
  }

  /**
   * Returns the primary, as the sentinels see it now: one that was killed is it until a replica was
   * promoted.
   *
   * @return the primary
   * @throws IllegalStateException if no sentinel answers
   */
  public RedisServer primary() {
    Map<String, String> newest =
        sentinels.stream()
            .filter(RedisServer::answers)
            .map(RedisSentinels::master)
            .reduce((one, other) -> epoch(other) > epoch(one) ? other : one)
            .orElseThrow(() -> new IllegalStateException("None answers of " + sentinels));
    return servers().stream()
        .filter(server -> server.port() == port(newest))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("The sentinels watch " + newest));
  }

  /**
   * Returns the servers that are not the primary, running or not.
   *
   * @return an immutable list of what there is now
   * @throws IllegalStateException if no sentinel answers
   */
  public List<RedisServer> replicas() {
    RedisServer primary = primary();
    return servers().stream().filter(server -> !server.equals(primary)).toList();
  }

  /**
   * Has the sentinels promote a replica while the primary runs ({@code SENTINEL FAILOVER}), and
   * waits until all that answer are at one. The old primary goes on taking writes until they make
   * it a replica some four seconds later; these, and what had not reached the new one, are lost.
   *
   * @return the new primary
   * @throws IllegalStateException if no sentinel answers
   * @throws ServerException if no replica can be promoted, or it takes longer than 20 s
   */
  public RedisServer switchOver() {
    RedisServer old = primary();
    boolean done = false;
    for (int attempt = 0; attempt < SWITCH_ATTEMPTS && !done; attempt++) {
      answeringSentinel().command("SENTINEL", "FAILOVER", PRIMARY_NAME);
      // If the replica is not quick enough, they give up after three seconds.
      done = Await.within(SWITCH_LIMIT, () -> agreeOnOtherThan(old));
    }
    return awaitOther(old);
  }

  /**
   * Kills the primary if it runs, and waits until the sentinels have promoted a replica and all of
   * them that answer are at one. What had not reached that replica is lost.
   *
   * @return the new primary
   * @throws IllegalStateException if no sentinel answers
   * @throws ServerException if it takes longer than 20 s, since too few sentinels or no replica
   *     answer
   */
  public RedisServer failOver() {
    RedisServer old = primary();
    old.kill();
    return awaitOther(old);
  }

  /**
   * Removes all data.
   *
   * @throws IllegalStateException if the primary does not run, or is stopped
   */
  public void flush() {
    primary().flush();
  }

  /**
   * Makes all servers and sentinels run, answer, and be what they were at the start, with the
   * settings of then; replicas that were added are ended. Data of the primary of the start stay,
   * where they have not been lost.
   *
   * @throws ServerException if a server does not start or connect
   * @throws IllegalStateException if one is closed
   */
  public void heal() {
    if (servers().stream().allMatch(RedisServer::answers)
        && sentinels.stream().allMatch(RedisServer::answers)
        && isWatched()) {
      group.heal();
      return;
    }
    startOver();
    publishEach(OFTEN);
    if (!Await.within(PATIENCE, this::isWatched)) {
      startOver(); // A message from before has led them astray.
    }
    awaitWatched();
  }

  private void startOver() {
    // They would act on what is done to the servers now.
    sentinels.forEach(RedisServer::kill);
    group.heal();
    InParallel.run(sentinels, sentinel -> sentinel.startOver(watching(group.first())));
  }

  /**
   * Ends sentinels and servers and deletes their files. Does nothing if that has been done.
   *
   * @throws ServerException if files cannot be deleted
   */
  @Override
  public void close() {
    InParallel.run(sentinels, RedisServer::close);
    group.close();
  }

  private static List<String> watching(RedisServer primary) {
    return List.of(
        "sentinel monitor " + PRIMARY_NAME + " 127.0.0.1 " + primary.port() + " " + QUORUM,
        "sentinel down-after-milliseconds " + PRIMARY_NAME + " 1000",
        "sentinel failover-timeout " + PRIMARY_NAME + " 3000",
        "sentinel parallel-syncs " + PRIMARY_NAME + " 10");
  }

  private RedisServer awaitOther(RedisServer old) {
    await("agree on a primary other than " + old, () -> agreeOnOtherThan(old));
    RedisServer promoted = primary();
    await("let the others follow " + promoted, () -> isFollowedByAllBut(old, promoted));
    return promoted;
  }

  private boolean agreeOnOtherThan(RedisServer old) {
    List<Map<String, String>> views =
        sentinels.stream().filter(RedisServer::answers).map(RedisSentinels::master).toList();
    return views.stream().mapToInt(RedisSentinels::port).distinct().count() == 1
        && views.stream()
            .allMatch(
                view -> port(view) != old.port() && Objects.equals(view.get("flags"), "master"));
  }

  private boolean isFollowedByAllBut(RedisServer old, RedisServer promoted) {
    return !promoted.isReplica()
        && servers().stream()
            .filter(server -> server.answers() && !server.equals(promoted) && !server.equals(old))
            .allMatch(server -> server.replication().streamsFrom(promoted));
  }

  private void awaitWatched() {
    publishEach(OFTEN); // so that they meet soon
    await("know all servers and each other", this::isWatched);
    publishEach(SELDOM);
  }

  private void publishEach(String millis) {
    for (RedisServer sentinel : sentinels) {
      sentinel.command("SENTINEL", "DEBUG", "PUBLISH-PERIOD", millis);
    }
  }

  /** Whether every sentinel has a clear view of all as at the start, and could fail over. */
  private boolean isWatched() {
    return sentinels.stream().allMatch(this::seesAll);
  }

  private boolean seesAll(RedisServer sentinel) {
    Map<String, String> master = master(sentinel);
    List<RedisReply> replicas = sentinel.command("SENTINEL", "REPLICAS", PRIMARY_NAME).elements();
    return Objects.equals(master.get("flags"), "master")
        && port(master) == group.first().port()
        && Objects.equals(master.get("num-other-sentinels"), Integer.toString(sentinels.size() - 1))
        && replicas.size() == group.members().size() - 1
        && replicas.stream()
            .map(RedisSentinels::fields)
            .allMatch(
                replica ->
                    Objects.equals(replica.get("flags"), "slave")
                        && Objects.equals(replica.get("master-link-status"), "ok"))
        && Objects.equals(
            RedisSession.field(sentinel.command("INFO", "sentinel").text(), "sentinel_tilt"), "0");
  }

  private RedisServer answeringSentinel() {
    return sentinels.stream()
        .filter(RedisServer::answers)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("None answers of " + sentinels));
  }

  private static Map<String, String> master(RedisServer sentinel) {
    return fields(sentinel.command("SENTINEL", "MASTER", PRIMARY_NAME));
  }

  private static Map<String, String> fields(RedisReply namesAndValues) {
    List<RedisReply> elements = namesAndValues.elements();
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < elements.size(); i += 2) {
      fields.put(elements.get(i).text(), elements.get(i + 1).text());
    }
    return fields;
  }

  private static int port(Map<String, String> instance) {
    return Integer.parseInt(instance.getOrDefault("port", "0"));
  }

  private static long epoch(Map<String, String> master) {
    return Long.parseLong(master.getOrDefault("config-epoch", "0"));
  }

  private void await(String what, BooleanSupplier question) {
    if (!Await.within(LIMIT, question)) {
      throw new ServerException(
          "Within "
              + LIMIT.toSeconds()
              + " s, the sentinels did not "
              + what
              + ": "
              + this
              + "\n"
              + Command.tail(sentinels.get(0).log()));
    }
  }

  @Override
  public String toString() {
    return "RedisSentinels[" + group.members() + ", " + sentinels + "]";
  }
}
