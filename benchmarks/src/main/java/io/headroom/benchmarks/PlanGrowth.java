package io.headroom.benchmarks;

import io.headroom.sharding.Membership;
import io.headroom.sharding.RebalancePlan;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The plan from 1,000 shards to 1,001. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3)
@Measurement(iterations = 10)
public class PlanGrowth {
  static final int SHARDS = 1000;

  /** From the map as it was made, or from one in exact balance. */
  @Param({BOOTSTRAPPED, BALANCED})
  public String start;

  static final String BOOTSTRAPPED = "as made";
  static final String BALANCED = "in balance";

  private ShardMap map;

  /** Makes the first map. */
  @Setup
  public void prepare() {
    map = startingMap(start);
  }

  /**
   * Plans.
   *
   * @return the plan
   */
  @Benchmark
  public RebalancePlan plan() {
    return grow(map);
  }

  static ShardMap startingMap(String start) {
    ShardMap made = Maps.of(SHARDS);
    return start.equals(BALANCED) ? made.rebalance(made.membership()).assign() : made;
  }

  static RebalancePlan grow(ShardMap map) {
    Membership grown = map.membership().with(Shard.of("shard-" + SHARDS));
    return map.rebalance(grown);
  }

  /**
   * The fewest moves to exact balance, counted apart from the planner: whatever a shard holds above
   * its share must go, save one slot for each of the shards that may keep the odd one.
   */
  static int fewestMoves(ShardMap map) {
    int shards = SHARDS + 1;
    int share = map.slotCount() / shards;
    int odd = map.slotCount() % shards;
    int[] held = new int[map.shardCount()];
    for (int slot = 0; slot < map.slotCount(); slot++) {
      held[map.ownerOrdinal(slot)]++;
    }
    int surplus = 0;
    int above = 0;
    for (int slots : held) {
      surplus += Math.max(0, slots - share);
      above += slots > share ? 1 : 0;
    }
    return surplus - Math.min(odd, above);
  }
}
