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
    throw wrongType(key, KeyType.INTEGER, strategy);
  }

  static String text(Object key, Object strategy) {
    if (key instanceof String text) {
      return text;
    }
    throw wrongType(key, KeyType.TEXT, strategy);
  }

  static long hash(KeyType type, Object key, Object strategy) {
    return switch (type) {
      case INTEGER -> KeyHash.of(integer(key, strategy));
      case TEXT -> KeyHash.of(text(key, strategy));
      case UUID -> {
        if (key instanceof UUID uuid) {
          yield KeyHash.of(uuid);
        }
        throw wrongType(key, type, strategy);
      }
      case BYTES -> {
        if (key instanceof byte[] bytes) {
          yield KeyHash.of(bytes);
        }
        throw wrongType(key, type, strategy);
      }
    };
  }

  static IllegalArgumentException wrongType(Object key, KeyType accepted, Object strategy) {
    String types =
        switch (accepted) {
          case INTEGER -> "Long, Integer, Short or Byte";
          case TEXT -> "String";
          case UUID -> "java.util.UUID";
          case BYTES -> "byte[]";
        };
    return new IllegalArgumentException(
        strategy + " takes keys of type " + types + ", not " + key.getClass().getTypeName());
  }

  /**
   * The slot of a key of any type, as callers of JDBC give them.
   *
   * @throws UnknownKeyException if no shard owns it
   * @throws IllegalArgumentException if the strategy can't route it
   */
  @SuppressWarnings("unchecked") // strategies read their keys by class and say which they take
  static int slotOf(RouterSnapshot<?> snapshot, Object key) {
    return key instanceof StandardShardingKey standard
        ? standard.slotIn(snapshot)
        : ((RouterSnapshot<Object>) snapshot).slotFor(key);
  }
}
