package io.headroom.sharding;

import io.headroom.KeyHash;
import io.headroom.KeyType;
import java.util.UUID;

/** Reads untyped keys as what a strategy takes, and says clearly when they are something else. */
final class KeyReader {

  private KeyReader() {}

  static boolean isInteger(Object key) {
    return key instanceof Long
        || key instanceof Integer
        || key instanceof Short
        || key instanceof Byte;
  }

  static long integer(Object key, Object strategy) {
    if (isInteger(key)) {
      return ((Number) key).longValue();
    }
    throw wrongType(key, "Long, Integer, Short or Byte", strategy);
  }

  static String text(Object key, Object strategy) {
    if (key instanceof String text) {
      return text;
    }
    throw wrongType(key, "String", strategy);
  }

  static long hash(KeyType type, Object key, Object strategy) {
    return switch (type) {
      case INTEGER -> KeyHash.of(integer(key, strategy));
      case TEXT -> KeyHash.of(text(key, strategy));
      case UUID -> {
        if (key instanceof UUID uuid) {
          yield KeyHash.of(uuid);
        }
        throw wrongType(key, "java.util.UUID", strategy);
      }
      case BYTES -> {
        if (key instanceof byte[] bytes) {
          yield KeyHash.of(bytes);
        }
        throw wrongType(key, "byte[]", strategy);
      }
    };
  }

  static IllegalArgumentException wrongType(Object key, String accepted, Object strategy) {
    return new IllegalArgumentException(
        strategy + " takes keys of type " + accepted + ", not " + key.getClass().getTypeName());
  }
}
