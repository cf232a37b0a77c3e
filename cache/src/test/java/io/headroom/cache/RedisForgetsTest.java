package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redis loses what it had: all of it, its scripts, or the last of it. */
class RedisForgetsTest {

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  private Fleet fleet;
  private Pair pair;

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    pair = new Pair(fleet, builder -> builder, shared -> shared.partitions(1));
  }

  @AfterEach
  void end() {
    pair.close();
    redis.heal();
  }

  /** What the one partition's control, log and tags, and its entries, are called. */
  private String name(String suffix) {
    return "{" + fleet.name() + ":00}" + suffix;
  }

  private void awaitInRedis(String key) {
    Pair.eventually("a value to be in Redis")
        .until(() -> redis.get().command("HEXISTS", name(":" + key), "v1").integer() == 1);
  }

  @Test
  void flushed() {
    String known = pair.sharedKey();
    String before = pair.sharedKey();
    String after = pair.sharedKey();
    pair.change(before);
    redis.get().flush();
    pair.change(after);

    pair.awaitNew(pair.there, before);
    pair.awaitNew(pair.there, after);
    assertThat(pair.here.get(known)).isEqualTo("old");
    pair.assertRecovers();
    assertThat(pair.hereTier.isUp()).isTrue();
    assertThat(Pair.count(pair.there, Count.PARTITIONS_MADE_STALE)).isPositive();
  }

  @Test
  void restartedEmpty() {
    String before = pair.sharedKey();
    String after = pair.sharedKey();
    pair.change(before);
    redis.get().restart();
    pair.change(after); // which may be delayed

    pair.awaitNew(pair.there, before);
    pair.awaitNew(pair.there, after);
    pair.assertRecovers();
  }

  @Test
  void scriptsAreSentAgain() {
    String key = pair.sharedKey();
    long failures = Pair.count(pair.here, Count.FAILURES);
    redis.get().flushScripts();

    pair.change(key);
    pair.awaitNew(pair.there, key);
    pair.assertRecovers();
    assertThat(Pair.count(pair.here, Count.FAILURES)).isEqualTo(failures);
    assertThat(Pair.count(pair.here, Count.INVALIDATIONS_DELAYED)).isZero();
  }

  @Test
  void theLastInvalidationsAreLost() {
    String key = pair.sharedKey();
    awaitInRedis(key);
    List<String> lost = List.of("", "log", ":" + key);
    lost.forEach(each -> redis.get().command("COPY", name(each), name("saved" + each)));
    pair.change(key);
    pair.awaitNew(pair.there, key);
    awaitInRedis(key);
    TieredCache<String, String> third = fleet.process(c -> c, shared -> shared.partitions(1));

    lost.forEach(each -> redis.get().command("COPY", name("saved" + each), name(each), "REPLACE"));
    redis.get().killClients("normal"); // as when another server has taken over

    assertThat(third.get(key)).as("it knows that more has happened").isEqualTo("new");
    Pair.eventually("one of them to find it out")
        .until(
            () ->
                Stream.of(pair.here, pair.there, third)
                    .anyMatch(cache -> Pair.count(cache, Count.LOST_HISTORIES) > 0));
    Pair.eventually("the invalidation to be told again")
        .until(() -> Pair.count(pair.here, Count.INVALIDATIONS_SENT_AGAIN) > 0);
    pair.assertRecovers();
    TieredCache<String, String> later = fleet.process(c -> c, shared -> shared.partitions(1));
    assertThat(later.get(key)).as("it knows nothing").isEqualTo("new");
  }

  @Test
  void theServerThatTakesOverHasAClockThatIsBehind() {
    String key = pair.sharedKey();
    redis.get().command("HSET", name(""), "e", "9000000000000000000"); // epochs begin with a time
    pair.change(key);
    pair.awaitNew(pair.there, key);
    pair.assertRecovers();

    redis.get().flush();

    pair.assertRecovers();
    long stale = Pair.count(pair.there, Count.PARTITIONS_MADE_STALE);
    pair.assertRecovers();
    assertThat(Pair.count(pair.there, Count.PARTITIONS_MADE_STALE)).isEqualTo(stale);
  }

  /** The number of what is invalidated next was given out before, to those who have applied it. */
  @Test
  @SuppressWarnings("try") // the scopes are opened for their effect
  void theServerThatTakesOverGivesNoNumberOutAgain() {
    RedisServer next = redis.get().addReplica(); // which ends when the other is healed
    String key = pair.sharedKey();
    String lost = pair.sharedKey();
    pair.change(pair.sharedKey());
    next.awaitReplayOf(redis.get());
    next.promote();
    for (int i = 0; i < 5; i++) {
      pair.change(lost);
    }
    TieredCache<String, String> turned =
        fleet.process(fleet.tier(next.uri()), cache -> cache, shared -> shared.partitions(1));
    Pair.eventually("values to be shared")
        .until(
            () -> {
              turned.get(pair.newKey());
              return Pair.count(turned, Count.FILLS_KEPT) > 0;
            });

    RequestContext writer = RequestContext.builder().build();
    try (RequestContext.Scope unused = writer.attach()) {
      fleet.table().put(key, "new");
      turned.invalidate(key);
    }

    // The epoch that it began itself may make it tell the invalidation once more.
    Pair.eventually("it to be told").until(() -> Pair.open(turned) == 0);
    RequestContext reader = RequestContext.builder().build();
    try (RequestContext.Scope unused = reader.attach()) {
      reader.observe(writer.token());
      assertThat(pair.there.get(key)).as("in a process that has not turned yet").isEqualTo("new");
    }
  }

  @Test
  void theLogHasWhatNobodyCanRead() {
    String key = pair.sharedKey();
    long unread = Pair.count(pair.there, Count.UNDECODABLE);
    redis.get().command("LPUSH", name("log"), "no record of ours");
    redis.get().killClients("pubsub"); // so that it is asked for

    Pair.eventually("it to be found")
        .until(() -> Pair.count(pair.there, Count.UNDECODABLE) > unread);
    pair.change(key);
    pair.awaitNew(pair.there, key);
    pair.assertRecovers();
  }

  /** Whether all keys were invalidated, it knows no more. */
  @Test
  void theControlHashIsLost() {
    String key = pair.sharedKey();
    awaitInRedis(key);
    pair.fleet().table().put(key, "new");
    pair.here.invalidateAll();
    redis.get().command("DEL", name(""));

    pair.awaitNew(pair.there, key);
    assertThat(pair.here.get(key)).isEqualTo("new");
    pair.assertRecovers();
  }

  /** What it is told then has happened nowhere else, though it numbers it as ever. */
  @Test
  @SuppressWarnings("try") // the scopes are opened for their effect
  void theServerThatWasReplacedGoesOn() {
    RedisServer next = redis.get().addReplica(); // which ends when the other is healed
    try (FaultProxy way = FaultProxy.to(redis.get())) {
      TieredCache<String, String> turned =
          fleet.process(
              fleet.tier("redis://127.0.0.1:" + way.port()),
              cache -> cache,
              shared -> shared.partitions(1));
      String key = pair.sharedKey();
      pair.change(pair.sharedKey());
      next.awaitReplayOf(redis.get());
      String before = epoch(next);
      next.promote();
      way.retarget("127.0.0.1", next.port());
      way.closeAll();
      Pair.eventually("the new server to be told of something")
          .until(
              () -> {
                turned.invalidate(pair.newKey());
                return !epoch(next).equals(before);
              });
      TieredCache<String, String> later =
          fleet.process(fleet.tier(next.uri()), cache -> cache, shared -> shared.partitions(1));
      List<TieredCache<String, String>> both = List.of(turned, later);
      both.forEach(cache -> cache.get(key));
      Pair.eventually("both to have it at hand")
          .until(() -> both.stream().allMatch(cache -> cache.getIfPresent(key) != null));

      RequestContext writer = RequestContext.builder().build();
      try (RequestContext.Scope unused = writer.attach()) {
        pair.change(key);
      }

      RequestContext reader = RequestContext.builder().build();
      reader.observe(writer.token());
      try (RequestContext.Scope unused = reader.attach()) {
        assertThat(turned.get(key)).as("in one that has turned").isEqualTo("new");
        assertThat(later.get(key)).as("in one that knew nothing before").isEqualTo("new");
      }
      assertThat(turned.get(key)).as("without the token").isEqualTo("old");
      assertThat(Pair.open(pair.here)).isZero();
    }
  }

  private String epoch(RedisServer server) {
    return server.command("HGET", name(""), "e").text();
  }
}
