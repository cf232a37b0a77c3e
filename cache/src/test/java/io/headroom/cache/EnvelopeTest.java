package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.atIndex;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.cache.UndecodableException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {

  private static final int MAX = 1_000;
  private static final CacheCompression ZSTD = ZstdCompression.above(100);
  private static final String LONG = "abc".repeat(200);

  private final Envelope<String> plain = new Envelope<>(CacheCodec.strings(), 7, null, MAX);
  private final Envelope<String> zipped = new Envelope<>(CacheCodec.strings(), 7, ZSTD, MAX);

  /** What other processes, and other versions, rely on. */
  @Test
  void theLayoutStays() throws Exception {
    assertThat(HexFormat.of().formatHex(plain.seal("Ada")))
        .isEqualTo("c501" + "01" + "00" + "00000007" + "00000003" + "d192486c" + "416461");
    assertThat(HexFormat.of().formatHex(plain.seal(null)))
        .isEqualTo("c501" + "01" + "80" + "00000007" + "00000000" + "200616b2");
  }

  @Test
  void valuesComeBack() throws Exception {
    for (String value : new String[] {"Ada", "", LONG, null}) {
      assertThat(plain.open(plain.seal(value))).isEqualTo(value);
      assertThat(zipped.open(zipped.seal(value))).isEqualTo(value);
      assertThat(zipped.open(plain.seal(value))).isEqualTo(value);
    }
  }

  @Test
  void onlyWhatGetsSmallerIsCompressed() throws Exception {
    assertThat(zipped.seal(LONG)).hasSizeLessThan(100).contains(1, atIndex(3));
    assertThat(zipped.seal("short")).isEqualTo(plain.seal("short"));
    byte[] noise = new byte[500];
    new Random(1).nextBytes(noise);
    Envelope<byte[]> bytes = new Envelope<>(CacheCodec.bytes(), 7, ZSTD, MAX);
    assertThat(bytes.seal(noise)).hasSize(Envelope.HEADER_BYTES + 500);
    assertThat(bytes.open(bytes.seal(noise))).isEqualTo(noise);
  }

  @Test
  void whatIsTooLargeIsNotSealed() throws Exception {
    int most = MAX - Envelope.HEADER_BYTES;
    assertThat(plain.seal("x".repeat(most))).hasSize(MAX);
    assertThat(plain.seal("x".repeat(most + 1))).isNull();
    assertThat(zipped.seal("x".repeat(MAX))).isNotNull();
    assertThat(zipped.seal("x".repeat(MAX + 1))).as("before compression").isNull();
  }

  @Test
  void thatThereIsNoneCanAlwaysBeSealed() throws Exception {
    Envelope<String> tiny = new Envelope<>(CacheCodec.strings(), 7, null, 1);
    assertThat(tiny.open(tiny.seal(null))).isNull();
    assertThat(tiny.seal("")).isNull();
  }

  @Test
  void whatIsTooLargeIsNotOpened() throws Exception {
    Envelope<String> generous = new Envelope<>(CacheCodec.strings(), 7, ZSTD, 1 << 20);
    assertReason(
        Reason.TOO_LARGE,
        plain,
        new Envelope<>(CacheCodec.strings(), 7, null, 2_000).seal("x".repeat(MAX)));
    assertReason(Reason.TOO_LARGE, zipped, generous.seal("x".repeat(MAX + 1)));
  }

  @Test
  void otherCodecsSchemasAndFormatsAreNotOpened() throws Exception {
    byte[] sealed = plain.seal("Ada");
    assertReason(Reason.OTHER_CODEC, new Envelope<>(CacheCodec.bytes(), 7, null, MAX), sealed);
    assertReason(Reason.OTHER_SCHEMA, new Envelope<>(CacheCodec.strings(), 8, null, MAX), sealed);
    assertReason(Reason.OTHER_CODEC, plain, zipped.seal(LONG));
    sealed[1] = 2;
    assertReason(Reason.OTHER_FORMAT, plain, sealed);
  }

  @Test
  void absenceBelongsToItsCodecAndSchemaToo() throws Exception {
    byte[] none = plain.seal(null);
    assertReason(Reason.OTHER_CODEC, new Envelope<>(CacheCodec.bytes(), 7, null, MAX), none);
    assertReason(Reason.OTHER_SCHEMA, new Envelope<>(CacheCodec.strings(), 8, null, MAX), none);
  }

  @Test
  void garbageIsNotOpened() throws Exception {
    assertReason(Reason.GARBAGE, plain, new byte[0]);
    assertReason(Reason.GARBAGE, plain, new byte[100]);
    byte[] altered = plain.seal("Ada");
    altered[Envelope.HEADER_BYTES] ^= 1;
    assertReason(Reason.GARBAGE, plain, altered);
  }

  /** Forged headers with the right checksum, so that no claim is believed for its sake. */
  @Test
  void claimsAreChecked() throws Exception {
    assertReason(Reason.GARBAGE, plain, forged(plain.seal("Ada"), 0, 4));
    assertReason(Reason.GARBAGE, plain, forged(plain.seal("Ada"), 0, -1));
    assertReason(Reason.GARBAGE, plain, forged(plain.seal("Ada"), 0x80, 3));
    assertReason(Reason.GARBAGE, plain, forged(plain.seal("Ada"), 0x80, 0));
    assertReason(Reason.GARBAGE, plain, forged(plain.seal(null), 0x80, 1));
    assertReason(Reason.GARBAGE, plain, forged(plain.seal("Ada"), 0x10, 3));
    assertReason(Reason.TOO_LARGE, plain, forged(plain.seal("Ada"), 0, Integer.MAX_VALUE));
    assertReason(Reason.TOO_LARGE, zipped, forged(zipped.seal(LONG), 1, Integer.MAX_VALUE));
    assertReason(Reason.GARBAGE, zipped, forged(zipped.seal(LONG), 1, -1));
    assertReason(Reason.CODEC_FAILED, zipped, forged(zipped.seal(LONG), 1, 599));
    assertReason(Reason.CODEC_FAILED, zipped, forged(zipped.seal(LONG), 1, 601));
    assertReason(Reason.OTHER_CODEC, zipped, forged(zipped.seal(LONG), 2, 600));
    assertReason(Reason.CODEC_FAILED, zipped, forged(plain.seal("Ada"), 1, 600));
  }

  static byte[] forged(byte[] sealed, int flags, int rawLength) {
    sealed[3] = (byte) flags;
    ByteBuffer.wrap(sealed).putInt(8, rawLength);
    CRC32C checksum = new CRC32C();
    checksum.update(sealed, 0, 12);
    checksum.update(sealed, 16, sealed.length - 16);
    ByteBuffer.wrap(sealed).putInt(12, (int) checksum.getValue());
    return sealed;
  }

  @Test
  void aCodecsExceptionIsTheCause() throws Exception {
    IOException refused = new IOException("refused");
    Envelope<String> failing =
        failing(
            text -> new byte[3],
            bytes -> {
              throw refused;
            });
    UndecodableException thrown = assertReason(Reason.CODEC_FAILED, failing, failing.seal("x"));
    assertThat(thrown).hasCause(refused).hasMessageContaining(EnvelopeTest.class.getName());
    assertThat(thrown.getStackTrace()).isEmpty();
    Envelope<String> unable =
        failing(
            text -> {
              throw refused;
            },
            bytes -> "");
    assertThatThrownBy(() -> unable.seal("x")).isSameAs(refused);
  }

  @Test
  void anInterruptIsNotForgotten() throws Exception {
    Envelope<String> failing =
        failing(
            text -> new byte[3],
            bytes -> {
              throw new InterruptedException();
            });
    assertReason(Reason.CODEC_FAILED, failing, failing.seal("x"));
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aCodecThatReturnsNullIsNamed() throws Exception {
    Envelope<String> nulls = failing(text -> null, bytes -> null);
    assertThatThrownBy(() -> nulls.seal("x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(EnvelopeTest.class.getName())
        .hasMessageContaining("null");
    byte[] sealed = failing(text -> new byte[3], bytes -> "").seal("x");
    assertThat(assertReason(Reason.CODEC_FAILED, nulls, sealed))
        .hasMessageContaining(EnvelopeTest.class.getName())
        .hasMessageContaining("as null");
  }

  private static Envelope<String> failing(
      CacheCodec.Encoder<String> encoder, CacheCodec.Decoder<String> decoder) {
    return new Envelope<>(CacheCodec.of(64, encoder, decoder), 7, null, MAX);
  }

  /** A compression that returns the same answers to all that it is asked. */
  private record Stuck(int id, Supplier<byte[]> compressed, Supplier<byte[]> decompressed)
      implements CacheCompression {

    @Override
    public boolean worthwhile(int rawLength) {
      return true;
    }

    @Override
    public byte[] compress(byte[] raw) {
      return compressed.get();
    }

    @Override
    public byte[] decompress(byte[] from, int offset, int length, int rawLength) {
      return decompressed.get();
    }
  }

  @Test
  void aCompressionThatBreaksItsWordIsNamed() throws Exception {
    for (byte[] wrong : new byte[][] {null, {1, 2}}) {
      Envelope<String> stuck =
          new Envelope<>(
              CacheCodec.strings(), 7, new Stuck(8, () -> new byte[1], () -> wrong), MAX);
      assertThat(assertReason(Reason.CODEC_FAILED, stuck, stuck.seal("Ada")))
          .hasMessageContaining(Stuck.class.getName())
          .hasMessageContaining(wrong == null ? "null instead of 3" : "2 bytes instead of 3");
    }
    Envelope<String> nothing =
        new Envelope<>(CacheCodec.strings(), 7, new Stuck(8, () -> null, () -> null), MAX);
    assertThatThrownBy(() -> nothing.seal("Ada")).hasMessageContaining(Stuck.class.getName());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 16})
  void idsAreChecked(int id) {
    assertThatThrownBy(
            () ->
                new Envelope<>(CacheCodec.strings(), 7, new Stuck(id, () -> null, () -> null), MAX))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the id " + id + ": let it be from 1 to 15");
    assertThatThrownBy(() -> new Envelope<>(CacheCodec.strings(), 7, null, 0))
        .hasMessageContaining("maxBytes");
  }

  private static UndecodableException assertReason(
      Reason reason, Envelope<?> envelope, byte[] sealed) {
    UndecodableException thrown =
        catchThrowableOfType(UndecodableException.class, () -> envelope.open(sealed));
    assertThat(thrown).isNotNull();
    assertThat(thrown.reason()).as(thrown.getMessage()).isEqualTo(reason);
    return thrown;
  }
}
