package io.headroom.cache;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The network swallows what is sent, without a word, or breaks connections off. */
class RedisCutOffTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private FaultProxy way;
  private Pair pair;

  @BeforeEach
  void begin() {
    way = FaultProxy.to(redis.get());
    pair = new Pair("redis://127.0.0.1:" + way.port());
  }

  @AfterEach
  void end() {
    pair.close();
    way.close();
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void nothingArrives(Direction direction) {
    pair.assertDoesWithout(() -> way.blackHole(direction), way::heal);
  }

  @Test
  void connectionsAreBrokenOffAndRefused() {
    pair.assertDoesWithout(
        () -> {
          way.refuse();
          way.resetAll();
        },
        way::heal);
  }

  @Test
  void connectionsAreBrokenOffWhileAllIsWell() {
    String key = pair.sharedKey();
    way.resetAll();
    pair.change(key); // it may get through, or be told again
    pair.assertRecovers();
    pair.awaitNew(pair.there, key);
  }
}
