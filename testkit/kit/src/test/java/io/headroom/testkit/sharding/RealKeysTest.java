package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardRouter;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Law 4 with keys as they occur: each kind on few and many shards, of equal and of different
 * weights. One false alarm in a million for each; the seeds are fixed.
 */
class RealKeysTest {

  private static final int KEYS = 50_000;

  @TestFactory
  Stream<DynamicTest> sharesFollowTheWeights() {
    return Stream.of(
        test("sequential ids", ShardRouter::forLongs, SampleKeys.sequentialIds()),
        test("snowflake ids", ShardRouter::forLongs, SampleKeys.snowflakeIds()),
        test("UUIDs", ShardRouter::forUuids, SampleKeys.uuids()),
        test("UUIDs in order of time", ShardRouter::forUuids, SampleKeys.timeOrderedUuids()),
        test("e-mail addresses", ShardRouter::forStrings, SampleKeys.emails()),
        test("package names", ShardRouter::forStrings, SampleKeys.packageNames()),
        test("non-ASCII texts", ShardRouter::forStrings, SampleKeys.nonAsciiTexts()));
  }

  private static <K> DynamicTest test(
      String name,
      java.util.function.Function<io.headroom.sharding.ShardMap, ShardRouter<K>> router,
      SampleKeys<K> keys) {
    RouterSubject<K> subject = RouterSubject.ofRouters(name, router).keys(keys).build();
    ShardRouterContract<K> contract = ShardRouterContract.of(subject);
    return DynamicTest.dynamicTest(
        name,
        () -> {
          List<K> drawn = keys.draw(4, KEYS);
          for (int shards : new int[] {2, 10, 100}) {
            contract.balance(equal(shards), drawn);
            contract.balance(Samples.membership(shards, shards, true), drawn);
            contract.movedShare(equal(shards), Shard.of("newcomer"), drawn);
          }
        });
  }

  private static Membership equal(int shards) {
    return Membership.of(
        IntStream.range(0, shards).mapToObj(i -> "shard-" + i).toArray(String[]::new));
  }
}
