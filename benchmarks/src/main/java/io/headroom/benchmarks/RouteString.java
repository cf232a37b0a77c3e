package io.headroom.benchmarks;

import com.dynatrace.hash4j.consistent.ConsistentBucketHasher;
import com.dynatrace.hash4j.consistent.ConsistentHashing;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.random.PseudoRandomGeneratorProvider;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
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
 * A String of 10 to 14 ASCII characters to its shard.
 *
 * <p>The peers hash its chars, the quickest way that they offer; ours hashes its UTF-8 bytes, as
 * PostgreSQL does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class RouteString {
  // Fewer than RouteLong's: 65,536 strings would measure the memory that holds them.
  private static final int KEYS = 1 << 12;

  /** How many shards. */
  @Param({"10", "1000", "100000"})
  public int shards;

  private String[] keys;
  private int next;
  private ShardRouter<String> router;
  private HashFunction murmur;
  private Hasher64 xxh3;
  private ConsistentBucketHasher jumpBack;

  /** Makes keys, map and peers. */
  @Setup
  public void prepare() {
    SplittableRandom random = new SplittableRandom(42);
    keys = new String[KEYS];
    for (int i = 0; i < KEYS; i++) {
      long digits = random.nextLong(1L << 35, 1L << random.nextInt(36, 52));
      keys[i] = "u-" + Long.toString(digits, 20);
    }
    router = ShardRouter.forStrings(Maps.of(shards));
    murmur = Hashing.murmur3_128();
    xxh3 = com.dynatrace.hash4j.hashing.Hashing.xxh3_64();
    jumpBack = ConsistentHashing.jumpBackHash(PseudoRandomGeneratorProvider.splitMix64_V1());
  }

  private String key() {
    return keys[next++ & (KEYS - 1)];
  }

  /**
   * Ours.
   *
   * @return the ordinal
   */
  @Benchmark
  public int headroom() {
    return router.ordinalFor(key());
  }

  /**
   * Guava: murmur3, then jump hash.
   *
   * @return the bucket
   */
  @Benchmark
  public int guavaMurmur3() {
    return Hashing.consistentHash(murmur.hashUnencodedChars(key()), shards);
  }

  /**
   * Hash4j: XXH3, then JumpBackHash.
   *
   * @return the bucket
   */
  @Benchmark
  public int hash4jXxh3() {
    return jumpBack.getBucket(xxh3.hashCharsToLong(key()), shards);
  }
}
