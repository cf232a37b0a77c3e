package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyHashTest {

  @Test
  void givesPostgresHashes() {
    assertThat(KeyHash.of(42)).isEqualTo(8010225493015854792L);
    assertThat(KeyHash.of(-1)).isEqualTo(-1888257769727981238L);
    assertThat(KeyHash.of("alice")).isEqualTo(-6283343261252860035L);
    assertThat(KeyHash.of("alice".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(-6283343261252860035L);
    assertThat(KeyHash.of(UUID.fromString("00000000-0000-0000-0000-000000000001")))
        .isEqualTo(3419970005924668665L);
  }

  /** The tail of a key is read by overlapping words: whatever the length, no unit is missed. */
  @ParameterizedTest
  @ValueSource(chars = {'z', '\u007f', '\u0080', '\u00ff', '\u0100', '\u2000', '\uff00'})
  void hashesEveryUnitAtEveryPlaceOfEveryLength(char unit) {
    for (int length = 1; length <= 40; length++) {
      for (int at = 0; at < length; at++) {
        String key = "a".repeat(at) + unit + "b".repeat(length - at - 1);

        assertThat(KeyHash.of(key))
            .as("%d of %d", at, length)
            .isEqualTo(KeyHash.of(key.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  @Test
  void foldsIntegersTo32BitsAsPostgresDoes() {
    assertThat(KeyHash.of(1L << 32)).isEqualTo(KeyHash.of(1));
  }

  @ParameterizedTest
  @CsvSource({"0, 0xDC00", "3, 0xD800", "12, 0xDFFF", "30, 0xDBFF"})
  void refusesHalfAPairAndSaysWhere(int index, String unit) {
    char half = (char) Integer.decode(unit).intValue();
    String key = "x".repeat(index) + half + "tail";

    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyHash.of(key))
        .withMessageContaining("U+" + unit.substring(2))
        .withMessageContaining("index " + index);
  }

  @Test
  void refusesAHighHalfAtTheEndOrBeforeAnother() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyHash.of("ab\ud83d"))
        .withMessageContaining("index 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyHash.of("\ud83d\ud83d\ude00"))
        .withMessageContaining("index 0");
  }

  @Test
  void refusesNullByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> KeyHash.ofKey(null))
        .withMessage("key must not be null");
    assertThatNullPointerException()
        .isThrownBy(() -> KeyType.of(null))
        .withMessage("key must not be null");
  }

  @Test
  void refusesOtherTypesAndNamesTheAcceptedOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyHash.ofKey(BigDecimal.ONE))
        .withMessageContaining("java.math.BigDecimal")
        .withMessageContaining("Long, Integer, Short, Byte, String, UUID, byte[]");
  }

  @Test
  void allocatesNothingForLongsUuidsBytesAndAsciiText() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    UUID uuid = new UUID(7, 8);
    byte[] bytes = "some bytes of a key".getBytes(StandardCharsets.UTF_8);
    long sum = 0;
    long rounds = 100_000;
    long start = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < rounds; i++) {
      sum += KeyHash.of(i) + KeyHash.of("user-1234567") + KeyHash.of("a longer key of 26 letters");
      sum += KeyHash.of(uuid) + KeyHash.of(bytes);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - start;

    assertThat(sum).isNotZero();
    // The reading itself allocates a little; one object a key would be a hundred times this.
    assertThat(allocated).isLessThan(rounds / 10);
  }
}
