package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisReply;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On a cluster, which refuses a script whose names are in different slots. */
class ClusterSlotsTest {

  @RegisterExtension static final RedisExtension<RedisCluster> redis = RedisExtension.cluster();

  @Test
  void everyScriptStaysInOneSlot() {
    List<String> keys =
        IntStream.range(0, 200).mapToObj(i -> i + "{a}{" + i + "} }{" + "k".repeat(3 * i)).toList();
    try (Fleet fleet = new Fleet(true, redis.get().uris().toArray(String[]::new))) {
      keys.forEach(key -> fleet.table().put(key, "1"));
      TieredCache<String, String> here = tagged(fleet);
      TieredCache<String, String> there = tagged(fleet);

      assertThat(here.getAll(keys)).hasSize(200);
      here.invalidateTag("odd");
      here.put(keys.get(0), "put");
      here.invalidate(keys.get(150));
      await().until(() -> there.getAll(keys).size() == 200);
      here.invalidateAll();
      assertThat(here.getAll(keys)).containsAllEntriesOf(Map.of(keys.get(0), "1"));

      Map<SharedStats.Count, Long> counts = here.stats().shared().counts();
      assertThat(counts.get(SharedStats.Count.FAILURES)).as("%s", counts).isZero();
      assertThat(counts.get(SharedStats.Count.NOT_ASKED)).as("%s", counts).isZero();
      assertThat(counts.get(SharedStats.Count.INVALIDATIONS_DELAYED)).as("%s", counts).isZero();
    }
    Map<String, Integer> slots = new java.util.HashMap<>();
    Set<RedisServer> used = new HashSet<>();
    for (RedisServer node : redis.get().nodes()) {
      if (!node.isReplica()) {
        for (RedisReply name : node.command("KEYS", "*").elements()) {
          String text = name.text();
          int slot = redis.get().slotOf(text);
          Integer before = slots.put(text.substring(0, text.indexOf('}') + 1), slot);
          assertThat(before).as(text).isIn(null, slot);
          assertThat(redis.get().slotOf(text.substring(0, text.indexOf('}') + 1))).isEqualTo(slot);
          assertThat(node.command("PTTL", text).integer()).as(text).isPositive();
          used.add(node);
        }
      }
    }
    assertThat(slots).hasSize(64);
    assertThat(used).hasSize(3);
  }

  private static TieredCache<String, String> tagged(Fleet fleet) {
    RedisTier tier = fleet.tier(options -> options.timeout(Duration.ofSeconds(5)));
    await().atMost(Duration.ofSeconds(30)).until(tier::isUp);
    return fleet.process(
        tier,
        cache -> cache.tags((key, value) -> List.of(key.length() % 2 == 0 ? "even" : "odd")),
        shared -> shared);
  }
}
