package io.headroom.cache;

import io.headroom.cache.UndecodableException.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Values as the bytes that the shared tier stores, and back.
 *
 * <p>Whatever is in Redis, {@link #open} returns what was sealed or throws {@link
 * UndecodableException}; it allocates no more than the size that is allowed, whatever size the
 * bytes claim. The layout, integers being big-endian:
 *
 * <pre>
 *  0  magic, C5
 *  1  version of this layout, 1
 *  2  id of the codec
 *  3  flags: 80 there is no value (and no body); 0F id of the compression, 0 if none
 *  4  version of the value's schema
 *  8  length of the encoded value before compression
 * 12  CRC-32C of all other bytes
 * 16  body
 * </pre>
 *
 * <p>The checksum is against torn and foreign bytes, not against forgers, who can compute it too.
 * Thread-safe.
 */
final class Envelope<V> {

  static final int HEADER_BYTES = 16;

  private static final byte MAGIC = (byte) 0xC5;
  private static final byte FORMAT = 1;
  private static final int CHECKSUM_AT = 12;
  private static final int ABSENT = 0x80;
  private static final int COMPRESSION = 0x0F;
  private static final byte[] NOTHING = new byte[0];

  private final CacheCodec<V> codec;
  private final int codecId;
  private final int schemaVersion;
  private final @Nullable CacheCompression compression;
  private final int compressionId;
  private final int maxBytes;

  /**
   * Creates the envelope.
   *
   * @param schemaVersion of the values: those of other versions are not opened
   * @param compression null: nothing is compressed, and nothing compressed is opened
   * @param maxBytes the largest encoded value, and the largest sealed one, in bytes. That there is
   *     none can be sealed always
   */
  Envelope(
      CacheCodec<V> codec,
      int schemaVersion,
      @Nullable CacheCompression compression,
      int maxBytes) {
    this.codec = Objects.requireNonNull(codec, "codec must not be null");
    this.codecId = within(0, codec.id(), 255, codec);
    this.schemaVersion = schemaVersion;
    this.compression = compression;
    this.compressionId = compression == null ? 0 : within(1, compression.id(), 15, compression);
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be 1 or more, was " + maxBytes);
    }
    this.maxBytes = maxBytes;
  }

  private static int within(int least, int id, int most, Object whose) {
    if (id < least || id > most) {
      throw new IllegalArgumentException(
          name(whose) + " has the id " + id + ": let it be from " + least + " to " + most);
    }
    return id;
  }

  /**
   * Seals a value.
   *
   * @param value null if there is none
   * @return the bytes to store; null if they are too many, before or after compression
   * @throws Exception if the codec can't encode it
   */
  byte @Nullable [] seal(@Nullable V value) throws Exception {
    if (value == null) {
      return sealed(ABSENT, 0, NOTHING);
    }
    byte[] raw = codec.encode(value);
    if (raw == null) {
      throw new IllegalStateException(name(codec) + " encoded a value as null: let it throw");
    }
    if (raw.length > maxBytes) {
      return null;
    }
    byte[] body = raw;
    if (compression != null && compression.worthwhile(raw.length)) {
      byte[] compressed = compression.compress(raw);
      if (compressed == null) {
        throw new IllegalStateException(name(compression) + " compressed a value to null");
      }
      body = compressed.length < raw.length ? compressed : raw;
    }
    if (body.length > maxBytes - HEADER_BYTES) {
      return null;
    }
    return sealed(body == raw ? 0 : compressionId, raw.length, body);
  }

  private byte[] sealed(int flags, int rawLength, byte[] body) {
    byte[] sealed = new byte[HEADER_BYTES + body.length];
    System.arraycopy(body, 0, sealed, HEADER_BYTES, body.length);
    ByteBuffer header =
        ByteBuffer.wrap(sealed)
            .put(MAGIC)
            .put(FORMAT)
            .put((byte) codecId)
            .put((byte) flags)
            .putInt(schemaVersion)
            .putInt(rawLength);
    header.putInt(checksumOf(sealed)); // once all that it is of is there
    return sealed;
  }

  /**
   * Opens what was sealed.
   *
   * @param sealed what the shared tier has
   * @return the value; null if it was sealed that there is none
   * @throws UndecodableException if it is anything else than a value that this envelope sealed, or
   *     its like in another process
   */
  @Nullable V open(byte[] sealed) throws UndecodableException {
    checkHeader(sealed);
    int flags = sealed[3] & 0xFF;
    int rawLength = ByteBuffer.wrap(sealed).getInt(8);
    int bodyLength = sealed.length - HEADER_BYTES;
    if (flags == ABSENT && rawLength == 0 && bodyLength == 0) {
      return null;
    }
    if (flags > COMPRESSION) {
      throw new UndecodableException(Reason.GARBAGE, "flags " + flags + " are not of this layout");
    }
    if (rawLength > maxBytes) {
      throw tooLarge("becomes " + rawLength);
    }
    byte[] raw = flags == 0 ? plain(sealed, rawLength) : inflated(sealed, flags, rawLength);
    return decoded(raw);
  }

  /** All that can be said without looking into the body. */
  private void checkHeader(byte[] sealed) throws UndecodableException {
    if (sealed.length < HEADER_BYTES || sealed[0] != MAGIC) {
      throw new UndecodableException(Reason.GARBAGE, sealed.length + " bytes are no envelope");
    }
    if (sealed[1] != FORMAT) {
      throw new UndecodableException(
          Reason.OTHER_FORMAT, "layout " + (sealed[1] & 0xFF) + " instead of " + FORMAT);
    }
    if (sealed.length > Math.max(maxBytes, HEADER_BYTES)) {
      throw tooLarge("has " + sealed.length);
    }
    ByteBuffer header = ByteBuffer.wrap(sealed);
    if (header.getInt(CHECKSUM_AT) != checksumOf(sealed)) {
      throw new UndecodableException(Reason.GARBAGE, "the checksum is not that of the bytes");
    }
    if ((sealed[2] & 0xFF) != codecId) {
      throw new UndecodableException(
          Reason.OTHER_CODEC, "codec " + (sealed[2] & 0xFF) + " instead of " + codecId);
    }
    if (header.getInt(4) != schemaVersion) {
      throw new UndecodableException(
          Reason.OTHER_SCHEMA, "schema " + header.getInt(4) + " instead of " + schemaVersion);
    }
  }

  private UndecodableException tooLarge(String size) {
    return new UndecodableException(
        Reason.TOO_LARGE, "the value " + size + " bytes; " + maxBytes + " are allowed");
  }

  private static byte[] plain(byte[] sealed, int rawLength) throws UndecodableException {
    if (rawLength != sealed.length - HEADER_BYTES) {
      throw new UndecodableException(
          Reason.GARBAGE,
          "the body has " + (sealed.length - HEADER_BYTES) + " bytes instead of " + rawLength);
    }
    return Arrays.copyOfRange(sealed, HEADER_BYTES, sealed.length);
  }

  private byte[] inflated(byte[] sealed, int id, int rawLength) throws UndecodableException {
    if (compression == null || id != compressionId) {
      throw new UndecodableException(
          Reason.OTHER_CODEC, "compression " + id + " instead of " + compressionId);
    }
    int length = sealed.length - HEADER_BYTES;
    if (rawLength <= length) {
      throw new UndecodableException(
          Reason.GARBAGE, length + " compressed bytes can't stand for " + rawLength);
    }
    byte[] raw;
    try {
      raw = compression.decompress(sealed, HEADER_BYTES, length, rawLength);
    } catch (Exception failed) {
      throw failure(compression, " can't decompress a value", failed);
    }
    if (raw == null || raw.length != rawLength) {
      throw new UndecodableException(
          Reason.CODEC_FAILED,
          name(compression)
              + " returned "
              + (raw == null ? "null" : raw.length + " bytes")
              + " instead of "
              + rawLength
              + " bytes");
    }
    return raw;
  }

  private V decoded(byte[] raw) throws UndecodableException {
    V value;
    try {
      value = codec.decode(raw);
    } catch (Exception failed) {
      throw failure(codec, " can't decode a value", failed);
    }
    if (value == null) {
      throw new UndecodableException(
          Reason.CODEC_FAILED, name(codec) + " decoded a value as null: let it throw");
    }
    return value;
  }

  private static UndecodableException failure(Object part, String what, Exception cause) {
    if (cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new UndecodableException(Reason.CODEC_FAILED, name(part) + what, cause);
  }

  /** The functions of {@link CacheCodec#of} are told apart by what they call themselves. */
  private static String name(Object part) {
    return part instanceof FunctionCodec ? part.toString() : part.getClass().getName();
  }

  /** Of the whole, the checksum itself left out. */
  private static int checksumOf(byte[] sealed) {
    CRC32C checksum = new CRC32C();
    checksum.update(sealed, 0, CHECKSUM_AT);
    checksum.update(sealed, HEADER_BYTES, sealed.length - HEADER_BYTES);
    return (int) checksum.getValue();
  }
}
