package io.headroom.sharding;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The values that a map's further fields may have, in one form for each: null, Boolean, String,
 * Long, BigDecimal, and unmodifiable lists and sorted maps of these.
 */
final class JsonValues {

  static final int MAX_DEPTH = 32;

  /** Characters of a number as it is written. */
  static final int MAX_NUMBER_LENGTH = 1000;

  /** The fields of a slot lie within the whole, the list of slots and the slot itself. */
  private static final int DEPTH_OF_FIELDS = 3;

  private JsonValues() {}

  /** Checked further fields of a thing whose own fields are known. */
  static Map<String, Object> fields(String what, Map<String, ?> fields, Set<String> known) {
    for (String name : fields.keySet()) {
      if (known.contains(name)) {
        throw new IllegalArgumentException(
            "field '" + name + "' of " + what + " is one of its own: choose another name");
      }
    }
    return object("the fields of " + what, fields, DEPTH_OF_FIELDS);
  }

  private static Map<String, Object> object(String what, Map<?, ?> fields, int depth) {
    if (fields.isEmpty()) {
      return Map.of();
    }
    TreeMap<String, Object> sorted = new TreeMap<>();
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      if (!(field.getKey() instanceof String name)) {
        throw new IllegalArgumentException(
            what + " have the name " + field.getKey() + ": give a String");
      }
      putNullable(sorted, string(what, name), value(what, field.getValue(), depth + 1));
    }
    return Collections.unmodifiableMap(sorted);
  }

  @SuppressWarnings("NullAway") // JSON's null is a value of the map
  private static void putNullable(Map<String, Object> map, String name, @Nullable Object value) {
    map.put(name, value);
  }

  private static @Nullable Object value(String what, @Nullable Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          what + " are nested deeper than " + MAX_DEPTH + ": make them flatter");
    }
    if (value == null || value instanceof Boolean || value instanceof Long) {
      return value;
    }
    if (value instanceof String text) {
      return string(what, text);
    }
    if (value instanceof Map<?, ?> map) {
      return object(what, map, depth);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>(list.size());
      for (Object element : list) {
        copy.add(value(what, element, depth + 1));
      }
      return Collections.unmodifiableList(copy);
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Double number && Double.isFinite(number)) {
      return number(Decimals.shortest(number));
    }
    if (value instanceof BigInteger number) {
      return readable(what, new BigDecimal(number));
    }
    if (value instanceof BigDecimal number) {
      return readable(what, number);
    }
    throw new IllegalArgumentException(
        what
            + " hold "
            + value
            + " of type "
            + value.getClass().getName()
            + ": give null, a Boolean, String, finite number, List or Map");
  }

  private static Object readable(String what, BigDecimal number) {
    try {
      return number(number);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          what
              + " hold a number that takes more than "
              + MAX_NUMBER_LENGTH
              + " characters, or whose exponent is out of range: give a shorter one",
          e);
    }
  }

  /**
   * A number in the one form that it has: 1, 1.0 and 1e0 are all the Long 1.
   *
   * @throws ArithmeticException if what it is written as could not be read again
   */
  static Object number(BigDecimal number) {
    BigDecimal plain = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    // A number of more than 19 digits is no long; asking longValueExact of 1e999999999 takes ages.
    if (plain.precision() - (long) plain.scale() <= 19 && plain.scale() <= 0) {
      BigInteger integer = plain.toBigInteger();
      if (integer.bitLength() < Long.SIZE) {
        return integer.longValue();
      }
    }
    requireReadable(plain);
    return plain;
  }

  private static void requireReadable(BigDecimal number) {
    // its exponent may be one that can be computed with, but not written
    long exponent = number.precision() - 1L - number.scale();
    if (Math.abs(exponent) >= Integer.MAX_VALUE || number.toString().length() > MAX_NUMBER_LENGTH) {
      throw new ArithmeticException("too long");
    }
  }

  private static String string(String what, String text) {
    int lone = Ids.loneSurrogate(text);
    if (lone >= 0) {
      throw new IllegalArgumentException(
          what + " have text with a lone surrogate at index " + lone + ", which is no UTF-8");
    }
    return text;
  }
}
