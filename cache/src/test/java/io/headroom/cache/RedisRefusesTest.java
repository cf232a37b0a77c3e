package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redis answers, and does not do what it is asked: it is full, or has become a replica. */
class RedisRefusesTest {

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  private Pair pair;

  @BeforeEach
  void begin() {
    pair = new Pair(redis.get().uri());
  }

  @AfterEach
  void end() {
    pair.close();
    redis.heal();
  }

  private static void fill() {
    redis.get().config("maxmemory", "1");
  }

  @Test
  void whereMemoryIsFullInvalidationsPass() {
    String key = pair.sharedKey();
    String other = pair.sharedKey();
    fill();

    pair.change(key);
    assertThat(Pair.open(pair.here)).isZero();
    assertThat(Pair.count(pair.here, Count.INVALIDATIONS_DELAYED)).isZero();
    pair.awaitNew(pair.there, key);

    pair.fleet().table().put(other, "new");
    pair.here.invalidateAll();
    assertThat(pair.here.get(other)).isEqualTo("new");
    assertThat(Pair.count(pair.here, Count.INVALIDATIONS_DELAYED)).isZero();
    pair.awaitNew(pair.there, other);
  }

  @Test
  void whereMemoryIsFullNothingIsKeptAndThatIsCounted() {
    String key = pair.newKey();
    pair.fleet().between =
        same -> {
          fill(); // the lease has been had by now
          return null;
        };
    assertThat(pair.here.get(key)).isEqualTo("old");
    Pair.eventually("the refusal to be counted")
        .until(() -> Pair.count(pair.here, Count.FILLS_FAILED) == 1);
    pair.fleet().between = same -> null;

    long alone = Pair.count(pair.here, Count.LOADED_UNSHARED);
    assertThat(pair.here.get(pair.newKey())).isEqualTo("old");
    assertThat(Pair.count(pair.here, Count.LOADED_UNSHARED)).isEqualTo(alone + 1);
    assertThat(pair.hereTier.isUp()).as("it answers").isTrue();

    redis.heal();
    pair.assertRecovers();
  }

  @Test
  void aReplicaCountsAsAwayUntilItIsPromoted() {
    try (RedisServer primary = RedisServer.start()) {
      pair.assertDoesWithout(() -> redis.get().follow(primary), () -> redis.get().promote());
    }
  }
}
