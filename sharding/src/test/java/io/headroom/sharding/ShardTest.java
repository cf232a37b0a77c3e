package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardTest {

  private static final Shard MADE =
      new Shard("ä-1", 2.5, "eu", "eu-1a", ShardState.DRAINING, Map.of("b", "2", "a", "1"));

  private static Shard rowOfAMap() {
    return ShardMap.builder()
        .shard("z")
        .shard(MADE)
        .shard(Shard.of("y").withWeight(2.5))
        .build()
        .shard("ä-1");
  }

  @Test
  void saysTheSameAsARowOfAMapAndMadeByHand() {
    assertThat(rowOfAMap())
        .isNotSameAs(MADE)
        .isEqualTo(MADE)
        .hasSameHashCodeAs(MADE)
        .hasToString(MADE.toString())
        .hasToString(
            "Shard[id=ä-1, weight=2.5, region=eu, zone=eu-1a, state=DRAINING, labels={a=1, b=2}]");
    assertThat(MADE).isEqualTo(rowOfAMap()).hasSameHashCodeAs("ä-1");
  }

  @Test
  void isAnotherOnceAnyFieldIs() {
    Shard row = rowOfAMap();

    assertThat(row)
        .isNotEqualTo(Shard.of("ä-1"))
        .isNotEqualTo(row.withWeight(2))
        .isNotEqualTo(row.withRegion(null))
        .isNotEqualTo(row.withZone(null))
        .isNotEqualTo(row.withState(ShardState.ACTIVE))
        .isNotEqualTo(row.withLabels(Map.of()))
        .isNotEqualTo("ä-1");
    assertThat(row.withState(ShardState.ACTIVE).withState(ShardState.DRAINING)).isEqualTo(row);
  }

  @Test
  void keepsTheTextOfItsId() {
    Shard row = rowOfAMap();

    assertThat(row.id()).isEqualTo("ä-1").isSameAs(row.id());
    assertThat(row.labels())
        .isUnmodifiable()
        .containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
  }

  @Test
  void isLookedUpWithoutAllocationOnceItWasAskedFor() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("a", "b", "c"));
    ShardRouter<String> texts = ShardRouter.forStrings(router.map());
    router.map().shards().forEach(Shard::id);
    int sum = 0;
    int rounds = 100_000;
    long start = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < rounds; i++) {
      sum += router.shardFor(i).id().length() + texts.shardFor("user-1234567").id().length();
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - start;

    assertThat(sum).isEqualTo(2 * rounds);
    // the reading itself allocates a little; one object a look-up would be a hundred times this
    assertThat(allocated).isLessThan(rounds / 10);
  }
}
