package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process is paused, by its machine or by a long collection, and sleeps through an invalidation.
 */
@SuppressWarnings("try") // scopes are opened for their effect
class PausedProcessTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @TempDir Path folder;
  private RedisTier tier;
  private TieredCache<String, String> here;
  private OtherProcess other;

  @BeforeEach
  void begin() throws IOException {
    redis.get().flush(); // the other test's value has the same name
    Files.writeString(folder.resolve("a"), "old");
    other = new OtherProcess(redis.get().uri(), folder);
    tier = RedisTier.connect(redis.get().uri());
    here = OtherProcess.cache(tier, folder);
    assertThat(other.get("a", "")).isEqualTo("old");
    assertThat(here.get("a")).isEqualTo("old");
  }

  @AfterEach
  void end() {
    other.close();
    here.close();
    tier.close();
  }

  private String change() throws IOException {
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope unused = request.attach()) {
      Files.writeString(folder.resolve("a"), "new");
      here.invalidate("a");
      return request.token().toString();
    }
  }

  @Test
  void whoHasTheTokenGetsTheNewValueAtOnce() throws IOException {
    other.pause();
    String token = change();
    other.wake();
    assertThat(other.get("a", token)).isEqualTo("new");
  }

  /** What it slept through lies in its buffers, but it need not have read them yet. */
  @Test
  void afterALongPauseNothingFromBeforeIsTrusted() throws IOException {
    other.pause();
    change();
    long end = System.nanoTime() + Pair.MAX_STALENESS.toNanos();
    while (System.nanoTime() - end < 0) { // that long is the pause, at the least
      LockSupport.parkNanos(end - System.nanoTime());
    }
    other.wake();
    assertThat(other.get("a", "")).isEqualTo("new");
  }

  @Test
  void afterAShortPauseTheNewsComeIn() throws IOException {
    other.pause();
    change();
    other.wake();
    Pair.eventually("the new value").until(() -> other.get("a", "").equals("new"));
  }

  @Test
  void wokenAfterItsConnectionsWereClosed() throws IOException {
    other.pause();
    redis.get().killClients("pubsub");
    redis.get().killClients("normal");
    change();
    other.wake();
    Pair.eventually("the new value").until(() -> other.get("a", "").equals("new"));
  }
}
