package io.headroom.benchmarks;

import com.dynatrace.hash4j.consistent.ConsistentBucketHasher;
import com.dynatrace.hash4j.consistent.ConsistentHashing;
import com.dynatrace.hash4j.random.PseudoRandomGeneratorProvider;
import com.google.common.hash.Hashing;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardRouter;
import java.util.SplittableRandom;
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

/**
 * A random long to its shard.
 *
 * <p>65,536 keys, so that a look-up table is read all over and not from one hot line. The peers get
 * the key as their hash, as their own documentation does with ids: hashing it first would only cost
 * them time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class RouteLong {
  static final int KEYS = 1 << 16;

  /** How many shards. */
  @Param({"10", "1000", "100000"})
  public int shards;

  private long[] keys;
  private int next;
  private ShardRouter<Long> router;
  private ConsistentBucketHasher jumpBack;

  /** Makes keys, map and peers. */
  @Setup
  public void prepare() {
    keys = new SplittableRandom(42).longs(KEYS).toArray();
    router = ShardRouter.forLongs(Maps.of(shards));
    jumpBack = ConsistentHashing.jumpBackHash(PseudoRandomGeneratorProvider.splitMix64_V1());
  }

  private long key() {
    return keys[next++ & (KEYS - 1)];
  }

  /**
   * Ours, to the shard's position.
   *
   * @return the ordinal
   */
  @Benchmark
  public int headroomOrdinal() {
    return router.ordinalFor(key());
  }

  /**
   * Ours, to the shard itself.
   *
   * @return the shard
   */
  @Benchmark
  public Shard headroomShard() {
    return router.shardFor(key());
  }

  /**
   * Guava's jump hash.
   *
   * @return the bucket
   */
  @Benchmark
  public int guavaConsistentHash() {
    return Hashing.consistentHash(key(), shards);
  }

  /**
   * The constant-time successor of jump hash.
   *
   * @return the bucket
   */
  @Benchmark
  public int hash4jJumpBackHash() {
    return jumpBack.getBucket(key(), shards);
  }
}
