package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheCodecTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "\0\r\n", "äöü", "€", "\uD83D\uDE00!", "\uFFFD", "?"})
  void textsAreTheirUtf8(String text) throws Exception {
    byte[] bytes = CacheCodec.strings().encode(text);
    assertThat(bytes).isEqualTo(text.getBytes(UTF_8));
    assertThat(CacheCodec.strings().decode(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aLoneSurrogateIsRefusedWhereverItIs(int at) {
    StringBuilder text = new StringBuilder("\uD83D\uDE00ab");
    String high = text.insert(at == 0 ? 0 : at + 1, '\uD83D').toString();
    String low = "\uD83D\uDE00ab".substring(1);
    assertThatThrownBy(() -> CacheCodec.strings().encode(high))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("U+D83D");
    assertThatThrownBy(() -> CacheCodec.strings().encode(low))
        .hasMessageContaining("lone surrogate (U+DE00) at index 0 of 3");
  }

  @Test
  void malformedBytesAreRefusedWithTheirPlace() {
    for (byte[] malformed :
        new byte[][] {
          {'a', (byte) 0xFF, 'b'}, {'a', (byte) 0xC3}, {'a', (byte) 0xC0, (byte) 0x80}
        }) {
      assertThatThrownBy(() -> CacheCodec.strings().decode(malformed))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("malformed UTF-8 at byte 1 of " + malformed.length);
    }
    byte[] surrogate = {(byte) 0xED, (byte) 0xA0, (byte) 0x80};
    assertThatThrownBy(() -> CacheCodec.strings().decode(surrogate))
        .hasMessageContaining("malformed UTF-8 at byte 0");
  }

  @Test
  void bytesAreCopiedInBothDirections() throws Exception {
    byte[] value = {1, 2, 3};
    byte[] encoded = CacheCodec.bytes().encode(value);
    byte[] decoded = CacheCodec.bytes().decode(encoded);
    value[0] = 9;
    encoded[1] = 9;
    assertThat(encoded).containsExactly(1, 9, 3);
    assertThat(decoded).containsExactly(1, 2, 3);
  }

  @Test
  void oursHaveTheirIds() {
    assertThat(CacheCodec.strings().id()).isEqualTo(1);
    assertThat(CacheCodec.bytes().id()).isEqualTo(2);
    assertThat(JacksonCodec.of(String.class).id()).isEqualTo(3);
  }

  @Test
  void usersBringTwoFunctions() throws Exception {
    CacheCodec<Integer> codec =
        CacheCodec.of(64, i -> new byte[] {i.byteValue()}, bytes -> (int) bytes[0]);
    assertThat(codec.id()).isEqualTo(64);
    assertThat(codec.decode(codec.encode(7))).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 3, 63, 256})
  void idsOfOursAreRefused(int id) {
    assertThatThrownBy(() -> CacheCodec.<byte[]>of(id, b -> b, b -> b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the id of a codec of your own must be 64 to 255, was "
                + id
                + ": 0 to 63 are Headroom's own codecs'");
  }
}
