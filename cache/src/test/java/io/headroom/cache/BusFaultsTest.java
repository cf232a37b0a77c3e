package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands and news come different ways to the second process, and one of these is cut. */
class BusFaultsTest {

  private static final int LOG_LENGTH = 512;
  private static final Pattern CLIENT = Pattern.compile("(?m)^id=(\\d+) ");

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private FaultProxy way;
  private Fleet fleet;

  @BeforeEach
  void begin() {
    way = FaultProxy.to(redis.get());
    fleet = new Fleet(redis.get());
  }

  @AfterEach
  void end() {
    way.close();
  }

  private String uriOfWay() {
    return "redis://127.0.0.1:" + way.port();
  }

  private Pair pair(UnaryOperator<RedisTierBuilder> there) {
    return new Pair(fleet, there, shared -> shared.partitions(1));
  }

  private static Set<String> listeners() {
    return CLIENT
        .matcher(redis.get().command("CLIENT", "LIST", "TYPE", "pubsub").text())
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void theNewsStopWithoutAWord(Direction direction) {
    try (Pair pair = pair(builder -> builder.newsFrom(uriOfWay()))) {
      String key = pair.sharedKey();
      way.blackHole(direction);

      pair.change(key);
      Pair.eventually("it not to be trusted, though it lives much longer")
          .atMost(Pair.MAX_STALENESS.plusSeconds(5)) // what a busy machine may add
          .until(() -> "new".equals(pair.there.get(key)));
      assertThat(pair.thereTier.isUp()).isTrue();

      way.heal();
      pair.assertRecovers();
    }
  }

  @Test
  void theConnectionForNewsIsMadeAnewWhenItIsStuck() {
    Set<String> others = listeners();
    try (Pair pair = pair(builder -> builder.newsFrom(uriOfWay()))) {
      pair.sharedKey();
      Set<String> before = listeners();
      before.removeAll(others);
      way.blackHole(Direction.TO_CLIENT);

      Pair.eventually("the server to see it close").until(() -> !listeners().containsAll(before));

      way.heal();
      pair.assertRecovers();
    }
  }

  @Test
  void theNewsComeFromAServerThatNobodyTells() {
    try (RedisServer other = RedisServer.start()) {
      way.retarget("127.0.0.1", other.port());
      try (Pair pair = pair(builder -> builder.newsFrom(uriOfWay()))) {
        String key = pair.sharedKey();
        pair.change(key);
        pair.awaitNew(pair.there, key);

        way.retarget("127.0.0.1", redis.get().port());
        pair.assertRecovers();
      }
    }
  }

  @Test
  void theNewsAreBrokenOffAndRefused() {
    try (Pair pair = pair(builder -> builder.newsFrom(uriOfWay()))) {
      String key = pair.sharedKey();
      way.refuse();
      way.resetAll();
      pair.change(key);
      pair.awaitNew(pair.there, key);

      way.heal();
      pair.assertRecovers();
    }
  }

  @Test
  void aCacheThatIsBuiltWhileTheNewsAreCutHearsOfThemLater() {
    try (Pair pair = pair(builder -> builder.newsFrom(uriOfWay()))) {
      way.refuse();
      way.resetAll();
      Fleet second = new Fleet(redis.get());
      second.table().put("a", "old");
      TieredCache<String, String> elsewhere =
          second.process(pair.thereTier, cache -> cache, shared -> shared);
      assertThat(elsewhere.get("a")).isEqualTo("old");
      way.heal();
      pair.assertRecovers();

      TieredCache<String, String> here =
          second.process(pair.hereTier, cache -> cache, shared -> shared);
      Pair.eventually("the news")
          .until(
              () -> {
                here.invalidate("a");
                return Pair.count(elsewhere, Count.INVALIDATIONS_SEEN) > 0;
              });
      second.close();
    }
  }

  @Test
  void commandsAreCutAndTheNewsComeIn() {
    fleet = new Fleet(false, uriOfWay());
    try (Pair pair = pairWhoseCommandsGoThroughTheWay()) {
      String key = pair.sharedKey();
      String other = pair.sharedKey();
      way.blackHole(Direction.BOTH);
      pair.awaitAway(pair.there, pair.thereTier);

      long seen = Pair.count(pair.there, Count.INVALIDATIONS_SEEN);
      pair.change(key);
      Pair.eventually("the news")
          .until(() -> Pair.count(pair.there, Count.INVALIDATIONS_SEEN) > seen);
      assertThat(pair.there.get(key)).isEqualTo("new");
      pair.assertLoadsAlone(pair.there);

      pair.fleet().table().put(other, "new");
      pair.there.invalidate(other);
      assertThat(pair.there.get(other)).isEqualTo("new");
      assertThat(Pair.open(pair.there)).isOne();

      way.heal();
      pair.assertRecovers();
      pair.awaitNew(pair.here, other);
    }
  }

  private Pair pairWhoseCommandsGoThroughTheWay() {
    return new Pair(
        fleet,
        redis.get().uri(),
        builder -> builder.newsFrom(redis.get().uri()),
        shared -> shared.partitions(1));
  }

  /** As another process would, whose message gets lost. */
  private void invalidateUnheard(String key) {
    String partition = "{" + fleet.name() + ":00}";
    redis
        .get()
        .command(
            "EVAL",
            LuaScript.INVALIDATE.text(),
            "4",
            partition,
            partition + "log",
            partition + ":" + key,
            partition + "tags",
            "123456",
            "0",
            "a channel of nobody's",
            "identity--sender",
            String.valueOf(Invalidation.Kind.KEY.letter()),
            key,
            "512",
            "10000",
            "",
            "");
  }

  @Test
  void aLostMessageShowsAtTheNextRead() {
    try (Pair pair = pair(builder -> builder)) {
      String key = pair.sharedKey();
      fleet.table().put(key, "new");
      invalidateUnheard(key);
      assertThat(pair.there.get(key)).as("nobody knows").isEqualTo("old");

      assertThat(pair.there.get(pair.newKey())).isEqualTo("old");

      Pair.eventually("it to be found in the log")
          .until(() -> Pair.count(pair.there, Count.INVALIDATIONS_REPAIRED) == 1);
      assertThat(pair.there.get(key)).isEqualTo("new");
      assertThat(Pair.count(pair.there, Count.PARTITIONS_MADE_STALE)).isZero();
      pair.assertRecovers();
    }
  }

  @Test
  void moreLostMessagesThanTheLogHasMakeThePartitionStale() {
    try (Pair pair = pair(builder -> builder)) {
      String key = pair.sharedKey();
      fleet.table().put(key, "new");
      invalidateUnheard(key);
      for (int i = 0; i < LOG_LENGTH; i++) {
        invalidateUnheard("another");
      }
      assertThat(pair.there.get(key)).as("nobody knows").isEqualTo("old");

      assertThat(pair.there.get(pair.newKey())).isEqualTo("old");

      Pair.eventually("the gap to be found")
          .until(() -> Pair.count(pair.there, Count.PARTITIONS_MADE_STALE) == 1);
      assertThat(pair.there.get(key)).isEqualTo("new");
      pair.assertRecovers();
    }
  }

  @Test
  void aLostMessageShowsAfterASilence() {
    try (Pair pair = pair(builder -> builder.silence(Duration.ofMillis(200)))) {
      String key = pair.sharedKey();
      fleet.table().put(key, "new");
      invalidateUnheard(key);

      Pair.eventually("it to be found in the log")
          .until(() -> Pair.count(pair.there, Count.INVALIDATIONS_REPAIRED) == 1);
      assertThat(pair.there.get(key)).isEqualTo("new");
    }
  }
}
