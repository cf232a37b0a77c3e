package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdCompressionTest {

  private static final ZstdCompression ZSTD = ZstdCompression.above(100);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 4_096, 1_000_000})
  void bytesComeBack(int size) throws Exception {
    byte[] raw = new byte[size];
    new Random(size).nextBytes(raw);
    Arrays.fill(raw, size / 2, size, (byte) 7);
    byte[] compressed = ZSTD.compress(raw);
    byte[] shifted = new byte[compressed.length + 5];
    System.arraycopy(compressed, 0, shifted, 3, compressed.length);
    assertThat(ZSTD.decompress(shifted, 3, compressed.length, size)).isEqualTo(raw);
  }

  @Test
  void manyThreadsShareIt() {
    boolean fine =
        IntStream.range(0, 5_000)
            .parallel()
            .allMatch(
                number -> {
                  byte[] raw = String.valueOf(number).repeat(50).getBytes(UTF_8);
                  byte[] compressed = ZSTD.compress(raw);
                  try {
                    byte[] back = ZSTD.decompress(compressed, 0, compressed.length, raw.length);
                    return Arrays.equals(back, raw);
                  } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                  }
                });
    assertThat(fine).isTrue();
  }

  @Test
  void whatIsAboveTheThresholdIsWorthwhile() {
    assertThat(ZSTD.id()).isEqualTo(1);
    assertThat(ZSTD.worthwhile(100)).isFalse();
    assertThat(ZSTD.worthwhile(101)).isTrue();
    assertThatThrownBy(() -> ZstdCompression.above(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 999, 1_001, 5_000})
  void anotherLengthIsRefused(int claimed) {
    byte[] compressed = ZSTD.compress(new byte[1_000]);
    assertThatThrownBy(() -> ZSTD.decompress(compressed, 0, compressed.length, claimed))
        .isInstanceOf(Exception.class);
  }

  /** Some kilobytes that would become 64 MB: there is no room for it, so nobody makes it. */
  @Test
  void aBombBecomesNoMoreThanItMay() {
    byte[] bomb = Zstd.compress(new byte[64 << 20]);
    assertThatThrownBy(() -> ZSTD.decompress(bomb, 0, bomb.length, 1_000))
        .isInstanceOf(Exception.class);
  }

  @Test
  void otherBytesAreRefusedAndSpoilNothing() throws Exception {
    byte[] frame = ZSTD.compress(new byte[1_000]);
    for (int length = 0; length < frame.length; length++) {
      int cut = length;
      assertThatThrownBy(() -> ZSTD.decompress(frame, 0, cut, 1_000)).isInstanceOf(Exception.class);
    }
    byte[] garbage = new byte[50];
    new Random(1).nextBytes(garbage);
    assertThatThrownBy(() -> ZSTD.decompress(garbage, 0, 50, 1_000)).isInstanceOf(Exception.class);
    assertThat(ZSTD.decompress(frame, 0, frame.length, 1_000)).isEqualTo(new byte[1_000]);
  }

  /** The module's classes, the null annotations, and nothing of what is optional. */
  @Test
  void withoutTheLibraryOnlyItsUseFails() throws Exception {
    URL ours = ZstdCompression.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader bare =
        new URLClassLoader(new URL[] {ours}, ClassLoader.getPlatformClassLoader())) {
      Object strings = bare.loadClass(CacheCodec.class.getName()).getMethod("strings").invoke(null);
      assertThat(strings.toString()).startsWith("codec 1");
      Method above = bare.loadClass(ZstdCompression.class.getName()).getMethod("above", int.class);
      assertThatThrownBy(() -> above.invoke(null, 100))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("add com.github.luben:zstd-jni");
    }
  }
}
