package io.headroom.sharding;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;

/** The keys that can be pinned: what they look like in memory, in JSON and in messages. */
final class PinKeys {

  /** One order of normalized keys on every JVM: by type, then by value. */
  static final Comparator<Object> ORDER =
      Comparator.comparing(PinKeys::typeName).thenComparing(PinKeys::compareOfOneType);

  private PinKeys() {}

  private static int compareOfOneType(Object a, Object b) {
    return a instanceof Long left && b instanceof Long right
        ? Long.compare(left, right)
        : CodePoints.compare(text(a), text(b));
  }

  /** One form for each logical key: every integer type becomes a Long; bytes are copied. */
  static Object normalized(Object key) {
    if (key instanceof Long || key instanceof UUID) {
      return key;
    }
    if (key instanceof Integer || key instanceof Short || key instanceof Byte) {
      return ((Number) key).longValue();
    }
    if (key instanceof String text) {
      int lone = Ids.loneSurrogate(text);
      if (lone >= 0) {
        throw new IllegalArgumentException(
            "key has a lone surrogate at index " + lone + " and can't be written as UTF-8");
      }
      return text;
    }
    if (key instanceof byte[] bytes) {
      return bytes.clone();
    }
    if (key == null) {
      throw new NullPointerException("key must not be null");
    }
    throw new IllegalArgumentException(
        "a key of type "
            + key.getClass().getName()
            + " can't be pinned: give a Long, Integer, Short, Byte, String, UUID or byte[]");
  }

  /** The form that hash tables use: as normalized, with bytes compared by content. */
  static Object lookupForm(Object normalized) {
    return normalized instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : normalized;
  }

  /** Adds a key to those seen before, and refuses it if it is one of them. */
  static void addOnce(Object normalized, Set<Object> seen) {
    if (!seen.add(lookupForm(normalized))) {
      throw new IllegalArgumentException(
          "the key " + describe(normalized) + " is pinned twice: remove one pin");
    }
  }

  static String typeName(Object normalized) {
    if (normalized instanceof Long) {
      return "integer";
    }
    if (normalized instanceof UUID) {
      return "uuid";
    }
    return normalized instanceof String ? "text" : "bytes";
  }

  static String text(Object normalized) {
    return normalized instanceof byte[] bytes
        ? HexFormat.of().formatHex(bytes)
        : normalized.toString();
  }

  /** Reads back what {@link #text} wrote; refuses any other spelling of the same key. */
  static Object parse(String type, String text) {
    Object key =
        switch (type) {
          case "integer" -> Long.valueOf(text);
          case "text" -> normalized(text);
          case "uuid" -> UUID.fromString(text);
          case "bytes" -> HexFormat.of().parseHex(text);
          default ->
              throw new IllegalArgumentException(
                  "type '" + type + "' is none of integer, text, uuid, bytes");
        };
    if (!text(key).equals(text)) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not how a key of type "
              + type
              + " is written: '"
              + text(key)
              + "' is");
    }
    return key;
  }

  static String describe(Object normalized) {
    return typeName(normalized) + " '" + text(normalized) + "'";
  }
}
