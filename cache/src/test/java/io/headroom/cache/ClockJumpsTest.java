package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.TimeSource;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The clock of a process jumps, as after a suspension; its wall clock is not even read. */
class ClockJumpsTest {

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  private final JumpingTime time = new JumpingTime();
  private final ThreadLeaks leaks =
      ThreadLeaks.watch("headroom-redis", "lettuce-", "cache-letters");
  private Fleet fleet;
  private RedisTier hereTier;
  private RedisTier thereTier;
  private TieredCache<String, String> here;
  private TieredCache<String, String> there;

  /** Goes on by itself, and jumps when told to. */
  private static final class JumpingTime implements TimeSource {

    private final AtomicLong aheadNanos = new AtomicLong();

    @Override
    public long nanoTime() {
      return System.nanoTime() + aheadNanos.get();
    }

    @Override
    public Instant wallTime() {
      throw new IllegalStateException(
          "a wall clock may step back: nothing here is to depend on it");
    }

    void jump(Duration by) {
      aheadNanos.addAndGet(by.toNanos());
    }
  }

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    hereTier = fleet.tier(builder -> builder);
    thereTier = fleet.tier(builder -> builder.time(time));
    here = fleet.process(hereTier, cache -> cache, shared -> shared);
    there = fleet.process(thereTier, cache -> cache.time(time), shared -> shared);
    fleet.table().put("a", "old");
    assertThat(here.get("a")).isEqualTo("old");
    assertThat(there.get("a")).isEqualTo("old");
  }

  @AfterEach
  void end() {
    Leaks.assertNoLoads(there);
    fleet.close();
    leaks.assertNone();
    redis.heal();
  }

  private void assertInStep() {
    Pair.eventually("Redis to be known to be there")
        .until(() -> hereTier.isUp() && thereTier.isUp());
    fleet.table().put("a", "new");
    here.invalidate("a");
    Pair.eventually("the new value").until(() -> "new".equals(there.get("a")));
    fleet.table().put("a", "newer");
    there.invalidate("a");
    assertThat(there.get("a")).isEqualTo("newer");
    Pair.eventually("the newer value").until(() -> "newer".equals(here.get("a")));
    Pair.eventually("all to be told").until(() -> Pair.open(here) + Pair.open(there) == 0);
  }

  @Test
  void farForward() {
    fleet.table().put("a", "changed without a word");
    time.jump(Duration.ofDays(400));

    assertThat(there.getIfPresent("a")).as("its time is over here").isNull();
    assertThat(there.get("a")).as("and not in Redis, whose clock has not jumped").isEqualTo("old");
    assertInStep();
  }

  @Test
  void againAndAgain() {
    for (int i = 0; i < 20; i++) {
      time.jump(Duration.ofSeconds(5));
      assertThat(there.get("a")).isEqualTo("old");
    }
    assertInStep();
  }

  @Test
  void whileRedisIsAway() {
    redis.get().kill();
    Pair.eventually("Redis to be known to be away")
        .until(
            () -> {
              there.invalidate("b");
              return !thereTier.isUp();
            });
    time.jump(Duration.ofDays(400));
    assertThat(there.get("a")).isEqualTo("old");
    there.invalidate("a");
    assertThat(there.get("a")).isEqualTo("old");
    redis.get().restart();
    assertInStep();
  }
}
