package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.KeyType;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each strategy refuses, and how it says so. */
class StrategiesTest {

  private static <K> ShardRouter<K> router(ShardStrategy<K> strategy, ShardMap map) {
    return ShardRouter.builder(strategy).map(map).build();
  }

  @Test
  void overlappingRangesAreNamed() {
    assertThatThrownBy(
            () -> ShardStrategy.longRanges().between(900, 2000, "b").between(1, 1000, "a").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "ranges 1 to 1000 (a) and 900 to 2000 (b) overlap at 900: end the one before the other"
                + " begins");
    assertThatThrownBy(
            () -> ShardStrategy.longRanges().atMost(Long.MAX_VALUE, "a").atLeast(0, "b").build())
        .hasMessageContaining("overlap");
    assertThatThrownBy(
            () -> ShardStrategy.textRanges().lessThan("n", "a").atLeast("m", "b").build())
        .hasMessage(
            "ranges \"\" to before \"n\" (a) and \"m\" to the end (b) overlap: end the one"
                + " where the other begins");
    assertThatThrownBy(() -> ShardStrategy.textRanges().atLeast("a", "a").atLeast("m", "b").build())
        .hasMessageContaining("overlap");
  }

  @Test
  void gapsBetweenRangesAreNamed() {
    assertThatThrownBy(
            () -> ShardStrategy.longRanges().between(1, 1000, "a").between(1002, 2000, "b").build())
        .hasMessage(
            "there is a gap between ranges 1 to 1000 (a) and 1002 to 2000 (b): 1001 belongs to"
                + " neither; extend one of them, or add a range between");
    assertThatThrownBy(
            () -> ShardStrategy.textRanges().lessThan("m", "a").atLeast("n", "b").build())
        .hasMessageContaining("gap")
        .hasMessageContaining("\"m\" belongs to neither");
  }

  @Test
  void rangesThatAreNone() {
    assertThatThrownBy(() -> ShardStrategy.longRanges().build())
        .hasMessageContaining("at least one");
    assertThatThrownBy(() -> ShardStrategy.textRanges().build())
        .hasMessageContaining("at least one");
    assertThatThrownBy(() -> ShardStrategy.longRanges().between(2, 1, "a"))
        .hasMessageContaining("first 2 must not be above last 1");
    assertThatThrownBy(() -> ShardStrategy.textRanges().between("b", "a", "s"))
        .hasMessageContaining("\"b\" must be below \"a\"");
    assertThatThrownBy(() -> ShardStrategy.textRanges().lessThan("", "s"))
        .hasMessageContaining("must be below");
    assertThatThrownBy(() -> ShardStrategy.longRanges().atLeast(0, " "))
        .hasMessageContaining("shard id ' ' is blank");
    assertThatThrownBy(() -> ShardStrategy.textRanges().atLeast("a", null))
        .hasMessage("shard id must not be null");
    assertThatThrownBy(() -> ShardStrategy.textRanges().atLeast("\0", "s"))
        .hasMessageContaining("NUL");
    assertThatThrownBy(() -> ShardStrategy.textRanges().atLeast("a\ud800", "s"))
        .hasMessageContaining("lone surrogate at index 1");
    assertThatThrownBy(() -> ShardStrategy.textRanges().atLeast("\udc00\ud800", "s"))
        .hasMessageContaining("lone surrogate at index 0");
  }

  @Test
  void aKeyOutsideTheRangesIsUnknown() {
    LongRanges longs = ShardStrategy.longRanges().between(1, 1000, "a").build();
    ShardRouter<Long> byLong = router(longs, longs.initialMap());
    assertThat(byLong.shardFor(1000).id()).isEqualTo("a");
    for (long key : new long[] {0, 1001}) {
      assertThatThrownBy(() -> byLong.shardFor(key))
          .isInstanceOf(UnknownKeyException.class)
          .hasMessageContaining("key " + key + " ")
          .hasMessageContaining("from 1 to 1000");
    }
    TextRanges texts = ShardStrategy.textRanges().between("b", "d", "a").build();
    ShardRouter<String> byText = router(texts, texts.initialMap());
    assertThat(byText.shardFor("czz").id()).isEqualTo("a");
    for (String key : List.of("az", "d")) {
      assertThatThrownBy(() -> byText.shardFor(key))
          .isInstanceOf(UnknownKeyException.class)
          .hasMessageContaining("\"" + key + "\"");
    }
    assertThatThrownBy(() -> byText.shardFor("c\ud800")).hasMessageContaining("lone surrogate");
  }

  @Test
  void rangesOutsideTheRangesTouchNoShard() {
    LongRanges longs = ShardStrategy.longRanges().between(1, 1000, "a").build();
    ShardRouter<Long> byLong = router(longs, longs.initialMap());
    assertThat(byLong.shardsBetween(-5L, 0L)).isEmpty();
    assertThat(byLong.shardsBetween(1001L, 2000L)).isEmpty();
    assertThat(byLong.shardsBetween(-5L, 2000L)).hasSize(1);
    TextRanges texts = ShardStrategy.textRanges().between("b", "d", "a").build();
    ShardRouter<String> byText = router(texts, texts.initialMap());
    assertThat(byText.shardsBetween("", "az")).isEmpty();
    assertThat(byText.shardsBetween("d", "e")).isEmpty();
    assertThat(byText.shardsBetween("", "z")).hasSize(1);
  }

  @Test
  void aReversedRangeIsRefused() {
    LongRanges longs = ShardStrategy.longRanges().atLeast(0, "a").build();
    assertThatThrownBy(() -> router(longs, longs.initialMap()).shardsBetween(2L, 1L))
        .hasMessage("from 2 must not be above to 1");
    TextRanges texts = ShardStrategy.textRanges().atLeast("", "a").build();
    assertThatThrownBy(() -> router(texts, texts.initialMap()).shardsBetween("b", "a"))
        .hasMessageContaining("from \"b\" must not be above to \"a\"");
  }

  @Test
  void strategiesAndMapsMustAgreeOnTheSlots() {
    ShardMap two = ShardMap.ofOwners(List.of("a", "b"));
    LongRanges three =
        ShardStrategy.longRanges().atMost(0, "a").between(1, 9, "b").atLeast(10, "c").build();
    assertThatThrownBy(() -> router(three, two))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("longRanges(3 ranges")
        .hasMessageContaining("2 slots");
    TextRanges one = ShardStrategy.textRanges().atLeast("", "a").build();
    assertThatThrownBy(() -> router(one, two)).hasMessageContaining("exactly 1 slots");
    assertThatThrownBy(() -> router(ShardStrategy.modulo(10), two))
        .hasMessageContaining("modulo(10) needs a map of exactly 10 slots");
    ShardMap odd = ShardMap.ofOwners(List.of("a", "b", "c"));
    assertThatThrownBy(() -> router(ShardStrategy.slotInId(), odd))
        .hasMessageContaining("slotInId() needs a map whose slot count is a power of two");
    assertThatThrownBy(
            () -> router(ShardStrategy.regionFirst(KeyType.TEXT, k -> "eu", k -> k), two))
        .hasMessageContaining("regionFirst(TEXT) needs a map with regions");
  }

  @Test
  void moduloTakesDivisorsOfItsRange() {
    for (int divisor : new int[] {0, -1, (1 << 20) + 1}) {
      assertThatThrownBy(() -> ShardStrategy.modulo(divisor))
          .hasMessageContaining("1 to 1048576, was " + divisor);
    }
    ShardRouter<Long> router =
        router(ShardStrategy.modulo(10), ShardMap.ofOwners(Collections.nCopies(10, "a")));
    assertThat(router.slotFor(-1)).isEqualTo(9);
    assertThat(router.slotFor(Long.MIN_VALUE)).isEqualTo(2);
  }

  @Test
  void anUnpinnedKeyOfADirectoryIsUnknown() {
    ShardStrategy<Object> directory = ShardStrategy.directory(KeyType.TEXT);
    ShardRouter<Object> router =
        router(directory, ShardMap.of("a", "b").withPin("acme", "b").withPin("zeta", "a"));
    assertThat(router.shardFor("acme").id()).isEqualTo("b");
    assertThatThrownBy(() -> router.shardFor("umbrella"))
        .isInstanceOf(UnknownKeyException.class)
        .hasMessageContaining("umbrella");
    assertThatThrownBy(() -> router.shardFor(5L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Long");
    assertThat(router.shardsBetween("a", "b")).extracting(Shard::id).containsExactly("b");
    assertThat(router.shardsBetween("b", "c")).isEmpty();
    ShardStrategy<Long> integers = ShardStrategy.directory(KeyType.INTEGER);
    assertThatThrownBy(() -> router(integers, ShardMap.of("a")).shardFor(5))
        .isInstanceOf(UnknownKeyException.class)
        .hasMessageContaining("key 5");
  }

  private record Customer(String region, Long id) {}

  @Test
  void regionsComeFirst() {
    ShardMap map =
        ShardMap.builder()
            .regions("eu", "us")
            .slots(16)
            .shard(Shard.of("e").withRegion("eu"))
            .shard(Shard.of("u").withRegion("us"))
            .build();
    ShardStrategy<Customer> strategy =
        ShardStrategy.regionFirst(KeyType.INTEGER, Customer::region, Customer::id);
    ShardRouter<Customer> router = router(strategy, map);
    for (long id = 0; id < 100; id++) {
      assertThat(router.shardFor(new Customer("eu", id)).id()).isEqualTo("e");
      assertThat(router.shardFor(new Customer("us", id)).id()).isEqualTo("u");
      assertThat(router.slotFor(new Customer("us", id)))
          .isEqualTo(router.slotFor(new Customer("eu", id)) + 16);
    }
    assertThatThrownBy(() -> router.shardFor(new Customer("mars", 1L)))
        .isInstanceOf(UnknownKeyException.class)
        .hasMessageContaining("mars")
        .hasMessageContaining("[eu, us]");
    assertThatThrownBy(() -> router.shardFor(new Customer(null, 1L)))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("region");
    assertThatThrownBy(() -> router.shardFor(new Customer("eu", null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("key within");
    assertThatThrownBy(() -> router.shardFor(5)).hasMessageContaining("plain integers");
    assertThatThrownBy(() -> router.slotForObject("x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.String");
    assertThat(router.shardsBetween(new Customer("us", 1L), new Customer("us", 5L)))
        .extracting(Shard::id)
        .containsExactly("u");
    assertThat(router.shardsBetween(new Customer("eu", 1L), new Customer("us", 5L))).hasSize(2);
  }

  @Test
  void rangesMakeTheMapTheyWereDeclaredWith() {
    LongRanges ranges = ShardStrategy.longRanges().atLeast(2001, "a").between(1, 2000, "b").build();
    ShardMap map = ranges.initialMap();
    assertThat(map.slotCount()).isEqualTo(2);
    assertThat(map.ownerOf(0).id()).isEqualTo("b");
    assertThat(map.ownerOf(1).id()).isEqualTo("a");
    assertThat(ranges.toString()).contains("2 ranges from 1");
    assertThat(ShardStrategy.textRanges().atLeast("q", "a").build().toString()).contains("\"q\"");
  }
}
