package io.headroom.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.sharding.ShardMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoutesTest {

  @Test
  void everyContenderNamesOneOfTheShards() {
    RouteLong longs = new RouteLong();
    longs.shards = 10;
    longs.prepare();
    RouteLongRing ring = new RouteLongRing();
    ring.shards = 10;
    ring.prepare();
    RouteString strings = new RouteString();
    strings.shards = 10;
    strings.prepare();
    for (int i = 0; i < 1000; i++) {
      assertThat(
              List.of(
                  longs.headroomOrdinal(),
                  longs.guavaConsistentHash(),
                  longs.hash4jJumpBackHash(),
                  ring.treeMapRing(),
                  strings.headroom(),
                  strings.guavaMurmur3(),
                  strings.hash4jXxh3()))
          .allSatisfy(ordinal -> assertThat(ordinal).isBetween(0, 9));
      assertThat(longs.headroomShard().id()).startsWith("shard-");
    }
  }

  @Test
  void thePlanIsTheLeastThatCouldBe() {
    for (String start : List.of(PlanGrowth.BOOTSTRAPPED, PlanGrowth.BALANCED)) {
      ShardMap map = PlanGrowth.startingMap(start);
      assertThat(PlanGrowth.grow(map).moveCount()).isEqualTo(PlanGrowth.fewestMoves(map));
    }
  }
}
