package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.SharedStats.Count;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What cannot be shared is nobody's error. */
class SealingTest {

  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final Lifetimes LIFETIMES = new Lifetimes(HOUR, HOUR, 0, 0, 0, () -> 0);

  private final SharedCounts counts = new SharedCounts();

  private Sealing<String, String> sealing(CacheCodec<String> codec, List<String> tags) {
    return new Sealing<>(
        "sealing",
        new Envelope<>(codec, 1, null, 1_000),
        new Entries<String, String>(LIFETIMES, new LocalTags(), (key, value) -> tags),
        new SharedLifetimes(HOUR, HOUR, 0, 0),
        counts);
  }

  private Sealing<String, String> failing(Error error) {
    return sealing(
        CacheCodec.of(
            64,
            value -> {
              throw error;
            },
            bytes -> {
              throw error;
            }),
        List.of());
  }

  private long count(Count what) {
    return counts.stats(0, 0).count(what);
  }

  private static SharedRead read(byte[] sealed) {
    return new SharedRead(
        SharedRead.State.FRESH,
        SharedRead.Lease.NOT_WANTED,
        1,
        1,
        1,
        sealed,
        null,
        new Position(1, 1));
  }

  private static byte[] sealed() throws Exception {
    byte[] sealed =
        new Envelope<>(
                CacheCodec.<String>of(64, text -> text.getBytes(UTF_8), bytes -> "opened"),
                1,
                null,
                1_000)
            .seal("value");
    assertThat(sealed).isNotNull();
    return sealed;
  }

  static Stream<Error> whatACodecMayThrow() {
    return Stream.of(new StackOverflowError(), new NoClassDefFoundError("of a part of a value"));
  }

  @ParameterizedTest
  @MethodSource("whatACodecMayThrow")
  void whatItsCodecFailsOnIsNotShared(Error error) {
    assertThat(failing(error).seal("key", "value", 0)).isNull();
    assertThat(count(Count.NOT_ENCODED)).isOne();
    assertThat(count(Count.BYTES_WRITTEN)).isZero();
  }

  @ParameterizedTest
  @MethodSource("whatACodecMayThrow")
  void norIsItServed(Error error) throws Exception {
    assertThat(failing(error).open(read(sealed()))).isNull();
    assertThat(count(Count.UNDECODABLE)).isOne();
  }

  @Test
  void whatTheMachineFailsInIsNotHidden() {
    OutOfMemoryError error = new OutOfMemoryError("of the test");
    assertThatThrownBy(() -> failing(error).seal("key", "value", 0)).isSameAs(error);
    assertThatThrownBy(() -> failing(error).open(read(sealed()))).isSameAs(error);
  }

  @Test
  void itsTagsAreBoundedTogether() {
    String half = "\u00e9".repeat(0x3FFF); // with a NUL, 0x7FFF bytes
    List<String> most = List.of(half, half + "x");
    SharedValue value = sealing(CacheCodec.strings(), most).seal("key", "value", 0);
    assertThat(value).isNotNull();
    assertThat(value.tags()).isEqualTo(most);

    List<String> more = List.of(half, half + "xx");
    assertThat(sealing(CacheCodec.strings(), more).seal("key", "value", 0)).isNull();
    assertThat(count(Count.TOO_LARGE)).isOne();
  }
}
