package io.headroom.testkit.sharding;

import io.headroom.KeyHash;
import io.headroom.KeyType;
import io.headroom.sharding.LongRanges;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardMapBuilder;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardStrategy;
import io.headroom.sharding.TextRanges;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Headroom's own routers, one for each strategy, as subjects of the laws. */
final class OurRouters {

  private static final List<String> TENANTS =
      IntStream.range(0, 200).mapToObj(i -> "tenant-" + i).toList();

  private OurRouters() {}

  /** A key of two parts: the region it lives in, and the id that is hashed there. */
  record RegionalUser(String region, long id) {}

  static RouterSubject<Long> hashedLongs() {
    return RouterSubject.ofRouters("hashed longs", ShardRouter::forLongs)
        .keys(SampleKeys.longs())
        .ranges(Comparator.naturalOrder(), rangesOf(ShardRouter::forLongs))
        .column("bigint", key -> key)
        .goldenVectors(KeyType.INTEGER, value -> (Long) value)
        .goldenValue("8119a6b9324f1112")
        .build();
  }

  static RouterSubject<String> hashedStrings() {
    return RouterSubject.ofRouters("hashed strings", ShardRouter::forStrings)
        .keys(SampleKeys.nonAsciiTexts())
        .column("text", key -> key)
        .goldenVectors(KeyType.TEXT, value -> (String) value)
        .goldenValue("9c23daddf1041846")
        .build();
  }

  static RouterSubject<UUID> hashedUuids() {
    return RouterSubject.ofRouters("hashed UUIDs", ShardRouter::forUuids)
        .keys(SampleKeys.uuids())
        .column("uuid", key -> key)
        .goldenVectors(KeyType.UUID, value -> (UUID) value)
        .goldenValue("05bc1a41e2bdee41")
        .build();
  }

  /** Shards go to regions by their ids; an anchor in each region keeps it from being empty. */
  static RouterSubject<RegionalUser> regionFirst() {
    ShardStrategy<RegionalUser> strategy =
        ShardStrategy.regionFirst(KeyType.INTEGER, RegionalUser::region, RegionalUser::id);
    String unweighted = "a shard's share is one of its region, not of the whole";
    return RouterSubject.ofRouters("region first", map -> router(strategy, map))
        .layout(OurRouters::inTwoRegions)
        .excuse(ShardLaw.BALANCE, unweighted)
        .excuse(ShardLaw.MOVED_SHARE, unweighted)
        .keys(SampleKeys.longs().map(id -> new RegionalUser((id & 1) == 0 ? "eu" : "us", id)))
        .unknownKeys(List.of(new RegionalUser("mars", 1)))
        .pinnedBy(RegionalUser::id)
        .colocated(user -> new RegionalUser(user.region(), user.id()))
        .column("text", RegionalUser::region)
        .column("bigint", RegionalUser::id)
        .build();
  }

  private static ShardMap inTwoRegions(List<Shard> members) {
    ShardMapBuilder builder = ShardMap.builder().slots(4096).regions("eu", "us");
    builder.shard(Shard.of("anchor-eu").withRegion("eu"));
    builder.shard(Shard.of("anchor-us").withRegion("us"));
    for (Shard shard : members) {
      builder.shard(shard.withRegion((KeyHash.of(shard.id()) & 1) == 0 ? "eu" : "us"));
    }
    return builder.build();
  }

  static RouterSubject<String> directory() {
    ShardStrategy<String> strategy = ShardStrategy.directory(KeyType.TEXT);
    return RouterSubject.ofRouters("directory", map -> router(strategy, map))
        .fixedLayout(OurRouters::everyTenantPinned)
        .keys(SampleKeys.oneOf(TENANTS))
        .unknownKeys(List.of("", "tenant-200", "TENANT-1"))
        .column("text", key -> key)
        .build();
  }

  private static ShardMap everyTenantPinned(List<Shard> members) {
    List<String> ids = members.stream().map(Shard::id).sorted().toList();
    ShardMapBuilder builder = ShardMap.builder().shards(members);
    for (int i = 0; i < TENANTS.size(); i++) {
      builder.pin(TENANTS.get(i), ids.get(i % ids.size()));
    }
    return builder.build();
  }

  /** Ten ranges of a hundred ids each, and what lies below and above. */
  static RouterSubject<Long> longRanges() {
    LongRanges.Builder ranges = ShardStrategy.longRanges().atMost(0, "any");
    for (int i = 0; i < 10; i++) {
      ranges.between(i * 100 + 1, i * 100 + 100, "any");
    }
    LongRanges strategy = ranges.atLeast(1001, "any").build();
    return RouterSubject.ofRouters("ranges of longs", map -> router(strategy, map))
        .slotsInTurn(12)
        .keys(
            SampleKeys.of(random -> random.nextLong(-100, 1200))
                .withEdgeCases(List.of(Long.MIN_VALUE, 0L, 1L, 100L, 101L, 1000L, Long.MAX_VALUE)))
        .ranges(Comparator.naturalOrder(), rangesOf(map -> router(strategy, map)))
        .column("bigint", key -> key)
        .build();
  }

  static RouterSubject<String> textRanges() {
    TextRanges strategy =
        ShardStrategy.textRanges()
            .lessThan("g", "any")
            .between("g", "n", "any")
            .between("n", "\u00e9", "any")
            .atLeast("\u00e9", "any")
            .build();
    return RouterSubject.ofRouters("ranges of texts", map -> router(strategy, map))
        .slotsInTurn(4)
        .keys(SampleKeys.nonAsciiTexts())
        .ranges(
            Comparator.comparing(text -> text.codePoints().toArray(), Arrays::compare),
            rangesOf(map -> router(strategy, map)))
        .column("text", key -> key)
        .build();
  }

  static RouterSubject<Long> modulo() {
    ShardStrategy<Long> strategy = ShardStrategy.modulo(10);
    return RouterSubject.ofRouters("modulo 10", map -> router(strategy, map))
        .slotsInTurn(10)
        .keys(SampleKeys.longs())
        .ranges(Comparator.naturalOrder(), rangesOf(map -> router(strategy, map)))
        .column("bigint", key -> key)
        .build();
  }

  /** The slot in the low 14 bits, which all ids of one owner share. */
  static RouterSubject<Long> slotInId() {
    ShardStrategy<Long> strategy = ShardStrategy.slotInId();
    return RouterSubject.ofRouters("slot in id", map -> router(strategy, map))
        .keys(SampleKeys.longs().map(id -> (id << 14) | (KeyHash.of(id) & 16_383)))
        .colocated(id -> id ^ (1L << 40))
        .ranges(Comparator.naturalOrder(), rangesOf(map -> router(strategy, map)))
        .column("bigint", key -> key)
        .build();
  }

  private static <K> ShardRouter<K> router(ShardStrategy<K> strategy, ShardMap map) {
    return ShardRouter.builder(strategy).map(map).build();
  }

  private static <K> Function<ShardMap, BiFunction<K, K, Set<String>>> rangesOf(
      Function<ShardMap, ShardRouter<K>> routers) {
    return map -> {
      ShardRouter<K> router = routers.apply(map);
      return (from, to) ->
          router.shardsBetween(from, to).stream().map(Shard::id).collect(Collectors.toSet());
    };
  }
}
