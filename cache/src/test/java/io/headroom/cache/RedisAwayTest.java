package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redis dies or hangs: caches do without, nobody waits, and all is well afterwards. */
class RedisAwayTest {

  /** Ten times what they may take, and more: machines are shared. */
  private static final long SECONDS = 5;

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  private Pair pair;

  @BeforeEach
  void begin() {
    redis.heal();
    redis.get().flush();
    pair = new Pair(redis.get().uri());
  }

  @AfterEach
  void end() {
    pair.close();
    redis.heal();
  }

  @Test
  void killed() {
    pair.assertDoesWithout(() -> redis.get().kill(), () -> redis.get().restart());
  }

  @Test
  void stopped() {
    pair.assertDoesWithout(() -> redis.get().stop(), () -> redis.get().resume());
  }

  @Test
  void asleepForFiveSeconds() {
    pair.assertDoesWithout(() -> redis.get().sleep(Duration.ofSeconds(5)), () -> {});
  }

  @Test
  void futuresAreDoneWithoutItToo() throws Exception {
    String known = pair.sharedKey();
    String changed = pair.sharedKey();
    redis.get().stop();
    pair.fleet().table().put(changed, "new");

    for (int i = 0; i < 20; i++) { // until it is known that it is away, and after that
      pair.here.invalidateAsync(changed).get(SECONDS, TimeUnit.SECONDS);
      assertThat(pair.here.getAllAsync(List.of(known, changed)).get(SECONDS, TimeUnit.SECONDS))
          .containsOnly(entry(known, "old"), entry(changed, "new"));
    }
    pair.here.putAsync(changed, "put").get(SECONDS, TimeUnit.SECONDS);
    assertThat(pair.here.get(changed)).isEqualTo("put");
    pair.fleet().table().put(changed, "new");
    pair.here.invalidateAllAsync().get(SECONDS, TimeUnit.SECONDS);
    pair.here.invalidateTagAsync("any").get(SECONDS, TimeUnit.SECONDS);
    assertThat(pair.here.get(changed)).isEqualTo("new");

    redis.get().resume();
    pair.assertRecovers();
    pair.awaitNew(pair.there, changed);
  }
}
