package io.headroom.spring.boot;

import io.headroom.cache.CacheCodec;
import java.util.Arrays;
import org.springframework.cache.support.NullValue;

/** Values as Spring's methods return them, which may be null: a byte before each says so. */
final class SpringValues {

  private static final int ID = 64;
  private static final byte NULL = 0;
  private static final byte VALUE = 1;

  private SpringValues() {}

  static CacheCodec<Object> of(CacheCodec<?> codec, Class<?> type) {
    @SuppressWarnings("unchecked") // encode checks the class
    CacheCodec<Object> values = (CacheCodec<Object>) codec;
    return CacheCodec.of(ID, value -> encode(values, type, value), bytes -> decode(values, bytes));
  }

  private static byte[] encode(CacheCodec<Object> codec, Class<?> type, Object value)
      throws Exception {
    if (value instanceof NullValue) {
      return new byte[] {NULL};
    }
    byte[] encoded = codec.encode(type.cast(value));
    byte[] marked = new byte[encoded.length + 1];
    marked[0] = VALUE;
    System.arraycopy(encoded, 0, marked, 1, encoded.length);
    return marked;
  }

  private static Object decode(CacheCodec<Object> codec, byte[] bytes) throws Exception {
    if (bytes.length == 1 && bytes[0] == NULL) {
      return NullValue.INSTANCE;
    }
    if (bytes.length == 0 || bytes[0] != VALUE) {
      throw new IllegalArgumentException("neither a value nor a null");
    }
    return codec.decode(Arrays.copyOfRange(bytes, 1, bytes.length));
  }
}
