package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.github.luben.zstd.Zstd;
import io.headroom.cache.UndecodableException.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever bytes are in Redis: the value that was sealed, or an UndecodableException. */
class EnvelopeProperties {

  record Named(int number, String name) {}

  private static final int MAX = 10_000;
  private static final CacheCompression ZSTD = ZstdCompression.above(20);

  private final Envelope<Named> json = new Envelope<>(JacksonCodec.of(Named.class), 1, ZSTD, MAX);
  private final Envelope<byte[]> bytes = new Envelope<>(CacheCodec.bytes(), 1, ZSTD, MAX);
  private final Envelope<String> texts = new Envelope<>(CacheCodec.strings(), 1, ZSTD, MAX);

  /** Bytes that compress, and bytes that don't. */
  @Provide
  Arbitrary<byte[]> values() {
    Arbitrary<byte[]> noise = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
    Arbitrary<byte[]> runs = Arbitraries.of((byte) 0, (byte) 1).array(byte[].class).ofMaxSize(300);
    return Arbitraries.oneOf(noise, runs);
  }

  @Property
  void bytesComeBack(@ForAll("values") byte[] value) throws Exception {
    assertThat(bytes.open(bytes.seal(value))).isEqualTo(value);
  }

  @Property
  void recordsComeBack(@ForAll int number, @ForAll @Size(max = 200) byte[] name) throws Exception {
    Named value = new Named(number, Arrays.toString(name));
    assertThat(json.open(json.seal(value))).isEqualTo(value);
  }

  /** Any sixteen bits are a char here, surrogates more often than by chance. */
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<Character> any = Arbitraries.chars().all();
    Arbitrary<Character> surrogates = Arbitraries.chars().range('\uD800', '\uDFFF');
    Arbitrary<Character> ascii = Arbitraries.chars().ascii();
    return Arbitraries.oneOf(any, surrogates, ascii)
        .list()
        .ofMaxSize(6)
        .map(EnvelopeProperties::joined);
  }

  private static String joined(List<Character> chars) {
    return chars.stream().map(String::valueOf).collect(Collectors.joining());
  }

  @Property
  void textsComeBackOrAreRefused(@ForAll("texts") String text) throws Exception {
    if (UTF_8.newEncoder().canEncode(text)) {
      assertThat(texts.open(texts.seal(text))).isEqualTo(text);
    } else {
      assertThatThrownBy(() -> texts.seal(text)).hasMessageContaining("lone surrogate");
    }
  }

  /** What is text for the JDK is text here; what it would mend is refused. */
  @Property
  void malformedTextsAreRefused(@ForAll("nearlyTexts") byte[] bytes) throws Exception {
    String lenient = new String(bytes, UTF_8);
    byte[] sealed = sealedAsText(bytes);
    if (Arrays.equals(lenient.getBytes(UTF_8), bytes)) {
      assertThat(texts.open(sealed)).isEqualTo(lenient);
    } else {
      refused(texts, sealed);
    }
  }

  @Provide
  Arbitrary<byte[]> nearlyTexts() {
    Arbitrary<Byte> any = Arbitraries.bytes();
    Arbitrary<Byte> replacement = Arbitraries.of((byte) 0xEF, (byte) 0xBF, (byte) 0xBD);
    Arbitrary<Byte> lead = Arbitraries.of((byte) 'a', (byte) 0xC3, (byte) 0xA9, (byte) 0xF0);
    return Arbitraries.oneOf(any, replacement, lead).array(byte[].class).ofMaxSize(6);
  }

  private static byte[] sealedAsText(byte[] bytes) throws Exception {
    byte[] sealed = new Envelope<>(CacheCodec.bytes(), 1, null, MAX).seal(bytes);
    sealed[2] = 1;
    return EnvelopeTest.forged(sealed, 0, bytes.length);
  }

  @Property
  void randomBytesAreRefused(@ForAll byte[] random) {
    refusedOrFine(json, random);
    refusedOrFine(texts, random);
    refusedOrFine(bytes, random);
  }

  /** With a true magic, layout and checksum, what stands behind them is looked at. */
  @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
  void forgedHeadersAndBodiesAreRefusedOrDecoded(
      @ForAll("values") byte[] body,
      @ForAll @IntRange(min = 0, max = 4) int codec,
      @ForAll("flags") int flags,
      @ForAll @IntRange(min = 0, max = 2) int schema,
      @ForAll("lengths") int rawLength) {
    byte[] sealed = new byte[Envelope.HEADER_BYTES + body.length];
    ByteBuffer.wrap(sealed)
        .put((byte) 0xC5)
        .put((byte) 1)
        .put((byte) codec)
        .put((byte) 0)
        .putInt(schema)
        .putInt(0)
        .putInt(0)
        .put(body);
    EnvelopeTest.forged(sealed, flags, rawLength);
    refusedOrFine(json, sealed);
    refusedOrFine(texts, sealed);
    refusedOrFine(bytes, sealed);
  }

  @Provide
  Arbitrary<Integer> flags() {
    return Arbitraries.oneOf(Arbitraries.of(0, 1, 0x80), Arbitraries.integers().between(0, 255));
  }

  @Provide
  Arbitrary<Integer> lengths() {
    return Arbitraries.oneOf(Arbitraries.integers().between(-2, 400), Arbitraries.integers());
  }

  private static void refusedOrFine(Envelope<?> envelope, byte[] sealed) {
    try {
      envelope.open(sealed);
    } catch (UndecodableException refused) {
      assertThat(refused.reason()).isNotNull();
    }
  }

  /** One byte altered, whichever and however: CRC-32C sees every change within 32 bits. */
  @Property
  void everyAlteredByteIsRefused(
      @ForAll("values") byte[] value, @ForAll @IntRange(min = 1, max = 255) int change)
      throws Exception {
    for (byte[] original : new byte[][] {value, null}) {
      byte[] sealed = bytes.seal(original);
      for (int at = 0; at < sealed.length; at++) {
        byte[] altered = sealed.clone();
        altered[at] ^= (byte) change;
        refused(bytes, altered);
      }
    }
  }

  @Property
  void everyTruncationIsRefused(@ForAll("values") byte[] value) throws Exception {
    for (byte[] original : new byte[][] {value, null}) {
      byte[] sealed = bytes.seal(original);
      for (int length = 0; length < sealed.length; length++) {
        refused(bytes, Arrays.copyOf(sealed, length));
      }
      refused(bytes, Arrays.copyOf(sealed, sealed.length + 1));
    }
  }

  private static void refused(Envelope<?> envelope, byte[] sealed) {
    try {
      fail("opened as " + envelope.open(sealed));
    } catch (UndecodableException refused) {
      assertThat(refused.reason()).isNotNull();
    }
  }

  /** What is larger than allowed: refused for what it says, or by the room that it gets. */
  @Property(tries = 50)
  void bombsDoNotGoOff(
      @ForAll @IntRange(min = MAX + 1, max = 10_000_000) int trueLength,
      @ForAll @IntRange(max = Integer.MAX_VALUE) int claimedLength) {
    byte[] bomb = Zstd.compress(new byte[trueLength]);
    byte[] sealed = new byte[Envelope.HEADER_BYTES + bomb.length];
    ByteBuffer.wrap(sealed)
        .put(new byte[] {(byte) 0xC5, 1, 2, 0, 0, 0, 0, 1})
        .position(Envelope.HEADER_BYTES)
        .put(bomb);
    EnvelopeTest.forged(sealed, 1, claimedLength);
    try {
      fail("opened as " + bytes.open(sealed).length + " bytes");
    } catch (UndecodableException refused) {
      assertThat(refused.reason()).isIn(Reason.TOO_LARGE, Reason.CODEC_FAILED, Reason.GARBAGE);
      if (claimedLength > MAX) {
        assertThat(refused.reason()).isEqualTo(Reason.TOO_LARGE);
      }
    }
  }
}
