package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class StrategyProperties {

  @Provide
  Arbitrary<String> text() {
    return Arbitraries.strings()
        .withChars('a', 'z', 'é', '\ud7ff', '\ue000', '\uffff')
        .withCharRange('a', 'e')
        .ofMaxLength(4)
        .map(s -> s.replace("z", "😀"));
  }

  @Property
  void codePointOrderIsThatOfUtf8Bytes(@ForAll("text") String a, @ForAll("text") String b) {
    int bytes =
        Arrays.compareUnsigned(
            a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    assertThat(Integer.signum(CodePoints.compare(a, b))).isEqualTo(Integer.signum(bytes));
  }

  /** Law 2: equal logical keys route alike, whatever their Java type. */
  @Property
  void integersRouteAlikeWhateverTheirType(
      @ForAll short key, @ForAll @IntRange(min = 0, max = 3) int strategy, @ForAll boolean pinned) {
    ShardMap map = ShardMap.ofOwners(Collections.nCopies(16, "a"));
    ShardRouter<Long> router =
        router(
            List.of(
                    ShardStrategy.hashedLongs(),
                    ShardStrategy.modulo(16),
                    ShardStrategy.slotInId(),
                    sixteenRanges())
                .get(strategy),
            pinned ? map.withPin(key, "a") : map);
    int slot = router.slotFor(key);
    assertThat(router.slotFor(Long.valueOf(key))).isEqualTo(slot);
    assertThat(router.slotForObject(key)).isEqualTo(slot);
    assertThat(router.slotForObject((int) key)).isEqualTo(slot);
    assertThat(slot >= ShardMap.FIRST_PINNED_SLOT).isEqualTo(pinned);
  }

  private static ShardStrategy<Long> sixteenRanges() {
    LongRanges.Builder ranges = ShardStrategy.longRanges().atMost(-1001, "a");
    for (int i = 0; i < 14; i++) {
      ranges.between(-1000 + 100L * i, -901 + 100L * i, "a");
    }
    return ranges.atLeast(400, "a").build();
  }

  /** Law 7: a range's shards include those of every key in it. Exact for ranges. */
  @Property(tries = 300)
  void aRangesShardsIncludeThoseOfItsKeys(
      @ForAll @IntRange(min = -40, max = 40) int from,
      @ForAll @IntRange(min = 0, max = 40) int length,
      @ForAll @IntRange(min = 0, max = 3) int strategy,
      @ForAll @IntRange(min = -40, max = 40) int pin) {
    int slots = 8;
    List<String> owners = new ArrayList<>();
    for (int i = 0; i < slots; i++) {
      owners.add("shard-" + i);
    }
    LongRanges.Builder ranges = ShardStrategy.longRanges().atMost(-21, "shard-0");
    for (int i = 1; i < slots - 1; i++) {
      ranges.between(-20 + 5L * (i - 1), -16 + 5L * (i - 1), "shard-" + i);
    }
    ShardRouter<Long> router =
        router(
            List.of(
                    ShardStrategy.hashedLongs(),
                    ShardStrategy.modulo(slots),
                    ShardStrategy.slotInId(),
                    ranges.atLeast(10, "shard-7").build())
                .get(strategy),
            ShardMap.ofOwners(owners).withPin(pin, "shard-3"));
    Set<String> touched = new TreeSet<>();
    for (long key = from; key <= from + length; key++) {
      touched.add(router.shardFor(key).id());
    }
    List<String> between =
        router.shardsBetween((long) from, (long) from + length).stream().map(Shard::id).toList();
    assertThat(between).containsAll(touched);
    assertThat(between).isSorted();
    if (strategy == 1 && length < slots - 1) {
      assertThat(between.size()).isLessThanOrEqualTo(length + 2);
    }
  }

  @Property(tries = 300)
  void textRangesAreTotalOrderedAndExact(
      @ForAll @Size(min = 1, max = 6) Set<@net.jqwik.api.From("text") String> bounds,
      @ForAll("text") String a,
      @ForAll("text") String b,
      @ForAll("text") String between) {
    TreeSet<String> sorted = new TreeSet<>(CodePoints::compare);
    sorted.addAll(bounds);
    sorted.remove("");
    Assume.that(!sorted.isEmpty());
    List<String> froms = new ArrayList<>(sorted);
    TextRanges.Builder builder = ShardStrategy.textRanges().atLeast(sorted.last(), "z");
    builder.lessThan(sorted.first(), "a");
    for (int i = 0; i + 1 < froms.size(); i++) {
      builder.between(froms.get(i), froms.get(i + 1), "m" + i);
    }
    TextRanges ranges = builder.build();
    ShardRouter<String> router = router(ranges, ranges.initialMap());
    List<String> keys = new ArrayList<>(List.of(a, b, between));
    keys.sort(CodePoints::compare);
    assertThat(router.slotFor(a))
        .isEqualTo((int) froms.stream().filter(from -> CodePoints.compare(from, a) <= 0).count());
    assertThat(router.shardsBetween(keys.get(0), keys.get(2)))
        .contains(router.shardFor(keys.get(1)));
    assertThat(router.slotFor(keys.get(0))).isLessThanOrEqualTo(router.slotFor(keys.get(1)));
    assertThat(router.shardsBetween(a, a)).containsExactly(router.shardFor(a));
  }

  private static <K> ShardRouter<K> router(ShardStrategy<K> strategy, ShardMap map) {
    return ShardRouter.builder(strategy).map(map).build();
  }
}
