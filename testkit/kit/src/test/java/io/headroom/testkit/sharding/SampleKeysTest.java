package io.headroom.testkit.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.KeyHash;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SampleKeysTest {

  @TestFactory
  Stream<DynamicTest> everyKindIsAFunctionOfItsSeedAndNearlyAllDistinct() {
    return Stream.of(
            SampleKeys.longs(),
            SampleKeys.sequentialIds(),
            SampleKeys.snowflakeIds(),
            SampleKeys.uuids(),
            SampleKeys.timeOrderedUuids(),
            SampleKeys.emails(),
            SampleKeys.packageNames(),
            SampleKeys.nonAsciiTexts())
        .map(kind -> DynamicTest.dynamicTest(kind.draw(1, 1).toString(), () -> check(kind)));
  }

  private static void check(SampleKeys<?> kind) {
    List<?> keys = kind.draw(7, 2000);

    assertThat(keys).hasSize(2000).isEqualTo(kind.draw(7, 2000)).isNotEqualTo(kind.draw(8, 2000));
    assertThat(new LinkedHashSet<>(keys)).hasSizeGreaterThan(1500);
    assertThat(kind.drawWithEdgeCases(7, 10))
        .satisfies(drawn -> assertThat(drawn.containsAll(kind.edgeCases())).isTrue());
    // each of them has a hash: no lone surrogates
    assertThat(kind.drawWithEdgeCases(7, 2000).stream().map(KeyHash::ofKey)).isNotEmpty();
  }

  @Test
  void idsAscendAsTheirSourcesDo() {
    assertThat(SampleKeys.snowflakeIds().draw(3, 500)).isSorted().allMatch(id -> id > 0);
    List<Long> ids = SampleKeys.sequentialIds().draw(3, 500);
    assertThat(ids.get(499) - ids.get(0)).isEqualTo(499);
    assertThat(ids).allMatch(id -> id > 0);
  }

  @Test
  void uuidsSayTheirVersion() {
    assertThat(SampleKeys.uuids().draw(3, 100)).allMatch(id -> id.version() == 4);
    assertThat(SampleKeys.timeOrderedUuids().draw(3, 100)).allMatch(id -> id.version() == 7);
    assertThat(SampleKeys.timeOrderedUuids().draw(3, 100)).allMatch(id -> id.variant() == 2);
    assertThat(SampleKeys.uuids().edgeCases()).contains(new UUID(0, 0));
  }

  @Test
  void keysOfYourOwn() {
    SampleKeys<String> mapped = SampleKeys.longs().map(id -> "t" + id).withEdgeCases(List.of(""));

    assertThat(mapped.draw(1, 100)).allMatch(key -> key.matches("t-?\\d+"));
    assertThat(mapped.edgeCases()).containsExactly("");
    assertThat(SampleKeys.of(random -> random.nextInt(5)).draw(1, 100)).allMatch(key -> key < 5);
    assertThat(SampleKeys.oneOf(List.of("a", "b")).draw(1, 100)).containsOnly("a", "b");
    assertThatThrownBy(() -> SampleKeys.oneOf(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one key");
  }
}
