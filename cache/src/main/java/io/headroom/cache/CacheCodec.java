package io.headroom.cache;

/**
 * Turns values into bytes for the shared tier, and back.
 *
 * <pre>{@code
 * CacheCodec<String> texts = CacheCodec.strings();
 * CacheCodec<Profile> json = JacksonCodec.of(Profile.class);
 * CacheCodec<Profile> proto = CacheCodec.of(64, Profile::toByteArray, Profile::parseFrom);
 * }</pre>
 *
 * <p>Each stored value carries the codec's id: what another codec wrote is not decoded but taken
 * for a miss, and so is what this one can't decode. Java's serialization is not among the codecs:
 * whoever can write to Redis could run code in every process that reads.
 *
 * <p>Implementations are thread-safe.
 *
 * @param <V> the type of values
 */
public interface CacheCodec<V> {

  /**
   * Returns the number that tells this codec's bytes from those of others. It never changes.
   *
   * @return 0 to 255; below 64 are Headroom's (1 strings, 2 bytes, 3 JSON), from 64 on users' own
   */
  int id();

  /**
   * Encodes a value.
   *
   * @param value what; never null, since absence is stored without a codec
   * @return its bytes; not null, though they may be none
   * @throws Exception if it can't be encoded, so that it is not stored in the shared tier
   */
  byte[] encode(V value) throws Exception;

  /**
   * Decodes a value.
   *
   * @param bytes as {@link #encode} returned them, or whatever else somebody put there
   * @return the value; not null
   * @throws Exception if they can't be decoded, which is a miss
   */
  V decode(byte[] bytes) throws Exception;

  /**
   * Returns the codec of texts, in UTF-8. It has id 1. It refuses texts with a surrogate without
   * its other half, and bytes that are malformed, rather than to replace them by question marks.
   *
   * @return the codec
   */
  static CacheCodec<String> strings() {
    return new FunctionCodec<>(1, Utf8::encode, Utf8::decode);
  }

  /**
   * Returns the codec of bytes, which are copied in both directions. It has id 2.
   *
   * @return the codec
   */
  static CacheCodec<byte[]> bytes() {
    return new FunctionCodec<>(2, byte[]::clone, byte[]::clone);
  }

  /**
   * Returns a codec of two functions, for those who bring their own mapper.
   *
   * <pre>{@code
   * CacheCodec.<Profile>of(65, mapper::writeValueAsBytes, b -> mapper.readValue(b, Profile.class));
   * }</pre>
   *
   * @param <V> the type of values
   * @param id 64 to 255: another one for each way to write bytes, the same one in all processes
   * @param encoder see {@link #encode}; thread-safe
   * @param decoder see {@link #decode}; thread-safe
   * @return the codec
   * @throws IllegalArgumentException if the id is outside 64 to 255
   */
  static <V> CacheCodec<V> of(int id, Encoder<V> encoder, Decoder<V> decoder) {
    if (id < 64 || id > 255) {
      throw new IllegalArgumentException(
          "the id of a codec of your own must be 64 to 255, was "
              + id
              + ": 0 to 63 are Headroom's own codecs'");
    }
    return new FunctionCodec<>(id, encoder, decoder);
  }

  /**
   * Half of a codec: from values to bytes.
   *
   * @param <V> the type of values
   */
  @FunctionalInterface
  interface Encoder<V> {

    /**
     * Encodes a value.
     *
     * @param value what; not null
     * @return its bytes; not null
     * @throws Exception if it can't be encoded
     */
    byte[] encode(V value) throws Exception;
  }

  /**
   * Half of a codec: from bytes to values.
   *
   * @param <V> the type of values
   */
  @FunctionalInterface
  interface Decoder<V> {

    /**
     * Decodes a value.
     *
     * @param bytes as the encoder returned them, or whatever else somebody put there
     * @return the value; not null
     * @throws Exception if they can't be decoded
     */
    V decode(byte[] bytes) throws Exception;
  }
}
