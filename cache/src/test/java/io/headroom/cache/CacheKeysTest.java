package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CacheKeysTest {

  static Stream<Arguments> keysAndTexts() {
    UUID uuid = UUID.fromString("00000000-0000-4000-8000-0123456789ab");
    String large = "{k} ".repeat(250_000);
    return Stream.of(
        Arguments.of(CacheKeys.strings(), "", ""),
        Arguments.of(CacheKeys.strings(), " {a}\r\n\0:*\uD83D\uDE00", " {a}\r\n\0:*\uD83D\uDE00"),
        Arguments.of(CacheKeys.strings(), large, large),
        Arguments.of(CacheKeys.longs(), Long.MIN_VALUE, "-9223372036854775808"),
        Arguments.of(CacheKeys.longs(), 0L, "0"),
        Arguments.of(CacheKeys.ints(), Integer.MAX_VALUE, "2147483647"),
        Arguments.of(CacheKeys.uuids(), uuid, "00000000-0000-4000-8000-0123456789ab"),
        Arguments.of(CacheKeys.<Character>of(c -> "c" + c, t -> t.charAt(1)), 'x', "cx"));
  }

  @ParameterizedTest
  @MethodSource("keysAndTexts")
  <K> void aKeyHasItsTextAndComesBackFromIt(CacheKeys<K> keys, K key, String text) {
    assertThat(keys.text(key)).isEqualTo(text);
    assertThat(keys.key(text)).isEqualTo(key);
  }

  @Test
  void aTextThatNoKeyHasIsRefused() {
    for (CacheKeys<?> keys : new CacheKeys<?>[] {CacheKeys.longs(), CacheKeys.ints()}) {
      assertThatThrownBy(() -> keys.key("12a")).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> CacheKeys.uuids().key("12"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void functionsThatReturnNullAreNamed() {
    CacheKeys<String> nulls = CacheKeys.of(key -> null, text -> null);
    assertThatThrownBy(() -> nulls.text("k")).hasMessageContaining("toText returned null");
    assertThatThrownBy(() -> nulls.key("k")).hasMessageContaining("fromText returned null");
  }

  @Test
  void aLoneSurrogateIsRefusedWhereTheTextBecomesBytes() {
    String text = CacheKeys.strings().text("k\uD83D");
    assertThatThrownBy(() -> Utf8.encode(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
