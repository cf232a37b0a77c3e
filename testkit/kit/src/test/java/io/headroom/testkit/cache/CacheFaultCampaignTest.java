package io.headroom.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.RedisTier;
import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisSentinels;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Three processes share a cache on Redis for half a minute with sentinels, and for another one on a
 * cluster, while servers are killed, replaced, paused, emptied, restarted and lose their
 * connections at random. Writers hand their tokens to readers in other processes; the whole history
 * is recorded and judged.
 */
@Tag("faults")
class CacheFaultCampaignTest {

  @RegisterExtension
  static final RedisExtension<RedisSentinels> sentinels = RedisExtension.sentinel().exclusive();

  @RegisterExtension
  static final RedisExtension<RedisCluster> cluster = RedisExtension.cluster().exclusive();

  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("headroom.campaign.seconds", 60) / 2);

  private static final List<String> KINDS =
      List.of("failover", "switchover", "pause", "flush", "restart", "cut-news", "cut-commands");

  private final long seed = Long.getLong("headroom.campaign.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<String, Integer> faults = new TreeMap<>();

  @Test
  void withSentinels() throws Exception {
    campaign(
        "sentinels",
        () -> RedisTier.connect(sentinels.get().uri()),
        kind -> {
          switch (kind) {
            case "failover" -> sentinels.get().failOver();
            case "switchover" -> sentinels.get().switchOver();
            default -> strike(kind, sentinels.get().primary());
          }
        },
        sentinels::heal);
  }

  @Test
  void onACluster() throws Exception {
    campaign(
        "cluster",
        () -> RedisTier.builder(cluster.get().uris().toArray(String[]::new)).cluster().build(),
        kind -> {
          RedisServer primary = cluster.get().primaryOf(random.nextInt(16_384));
          switch (kind) {
            case "failover" -> cluster.get().failOver(primary);
            case "switchover" -> cluster.get().switchOver(primary);
            default -> strike(kind, primary);
          }
        },
        cluster::heal);
  }

  /** Does a fault to the servers that there are. */
  private interface Strike {
    void strike(String kind);
  }

  private void campaign(String where, Supplier<RedisTier> redis, Strike strike, Runnable heal)
      throws Exception {
    System.out.printf("cache campaign on %s, seed=%d%n", where, seed);
    try (CacheCampaign work = new CacheCampaign(redis)) {
      long began = System.nanoTime();
      work.begin();
      while (System.nanoTime() - began < LENGTH.toNanos()) {
        String kind = KINDS.get(random.nextInt(KINDS.size()));
        faults.merge(kind, 1, Integer::sum);
        work.during(
            () -> {
              strike.strike(kind);
              if (kind.equals("failover")) {
                heal.run();
              }
            });
        pause(700);
      }
      work.end();
      System.out.printf(
          "cache campaign on %s, seed=%d seconds=%d faults=%s %s%n",
          where, seed, LENGTH.toSeconds(), faults, work.figures());
      work.judge();
      assertThat(faults.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThan(3);
    }
  }

  private void strike(String kind, RedisServer primary) {
    switch (kind) {
      case "pause" -> {
        primary.stop();
        pause(900); // longer, and another one would be made the primary
        primary.resume();
      }
      case "flush" -> primary.flush();
      case "restart" -> {
        primary.kill();
        primary.restart();
      }
      case "cut-news" -> primary.killClients("pubsub");
      default -> primary.killClients("normal");
    }
  }

  /** How long a fault lasts is part of the fault; nothing is waited for. */
  private void pause(int upToMillis) {
    LockSupport.parkNanos(random.nextInt(upToMillis / 3, upToMillis) * 1_000_000L);
  }
}
