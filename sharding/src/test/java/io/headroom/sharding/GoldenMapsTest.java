package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Fingerprints of a few maps, as first made: every JVM, and every later version, must make the
 * same, or instances would disagree about where rows are.
 */
class GoldenMapsTest {

  @Test
  void threeShards() {
    assertThat(ShardMap.of("orders-1", "orders-2", "orders-3").fingerprint())
        .isEqualTo("4cba900288acef25");
  }

  @Test
  void weightsPinsAndLetters() {
    ShardMap map =
        ShardMap.builder()
            .slots(4096)
            .shard("größe", 0.1)
            .shard("🐘", 2.5)
            .shard(Shard.of("z").withState(ShardState.DRAINING))
            .pin("tenant", "z")
            .pin(42, "🐘")
            .build();
    assertThat(map.fingerprint()).isEqualTo("7060600ca14ccdc7");
  }

  @Test
  void regions() {
    ShardMap map =
        ShardMap.builder()
            .slots(1024)
            .regions("us", "eu")
            .shard(Shard.of("a").withRegion("eu"))
            .shard(Shard.of("b").withRegion("eu").withWeight(3))
            .shard(Shard.of("c").withRegion("us"))
            .build();
    assertThat(map.fingerprint()).isEqualTo("e3148724020879b8");
  }

  @Test
  void aThousandShardsAndAPlan() {
    ShardMap map = ShardMap.of(IntStream.range(0, 1000).mapToObj(i -> "shard-" + i).toList());
    assertThat(map.fingerprint()).isEqualTo("65caf412833b5416");
    RebalancePlan plan = map.rebalance(map.membership().with(Shard.of("new").withWeight(1.7)));
    assertThat(plan.start().fingerprint()).isEqualTo("2f928107ab9d599a");
  }
}
