package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.TimeSource;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A lease that nobody used is ended, just when somebody wants to. */
class EndedLeaseTest {

  @RegisterExtension static final RedisExtension<RedisServer> server = RedisExtension.single();

  private final TimeSource time = TimeSource.system();
  private final String bucket = "headroom:limit:{door:" + UUID.randomUUID() + "}";
  private RedisLimits redis;
  private Leases leases;

  @BeforeEach
  void begin() {
    redis =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofSeconds(30)).build());
    Policy policy = new Policy("all", Limit.of(100, Duration.ofHours(1)));
    leases =
        new Leases(
            new SharedPolicy<String>("door", policy, key -> key, true), redis.buckets(), 10, time);
  }

  @AfterEach
  void end() {
    redis.close();
  }

  private Stage stage() {
    Presence presence = new Presence(redis.buckets(), bucket + ":all", 1, time);
    return new Stage.OfLease(leases, bucket, presence, time);
  }

  private Decision take(Stage stage) {
    long until = time.nanoTime() + Duration.ofSeconds(30).toNanos();
    return Ask.done(stage.take(1, until)).decision();
  }

  private void endLease() {
    Lease lease = leases.find(bucket);
    Ask.eventually("it to be idle").until(lease::endIfIdle);
    assertThat(lease.isEnded()).isTrue();
  }

  @Test
  void theNextOneTakesItsPlace() {
    Stage stage = stage();
    assertThat(take(stage).allowed()).isTrue();
    endLease();
    long trips = redis.buckets().trips();
    assertThat(take(stage).remaining()).as("less one that was in hand").isBetween(96L, 98L);
    assertThat(redis.buckets().trips() - trips).isLessThan(5);
    assertThat(leases.size()).isOne();
  }

  @Test
  void whatIsPutBackIsNotLost() {
    Stage stage = stage();
    Stage.Told told = Ask.done(stage.take(1, time.nanoTime() + Duration.ofSeconds(30).toNanos()));
    endLease();
    stage.giveBack(1, told);
    long trips = redis.buckets().trips();
    assertThat(leases.find(bucket).tryTake(1, time.nanoTime(), 1)).isNotNull();
    assertThat(redis.buckets().trips() - trips).as("from hand, and the next ahead").isOne();
  }
}
