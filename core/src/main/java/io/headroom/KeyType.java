package io.headroom;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.StringJoiner;

/**
 * A kind of key that {@link KeyHash} hashes, with the SQL expression that computes the same hash.
 *
 * <pre>{@code
 * String slot = KeyType.INTEGER.hashSql("user_id") + " & 16383";
 * // hashint8extended(user_id, 0) & 16383
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public enum KeyType {

  /** {@code smallint}, {@code integer} and {@code bigint}: byte, short, int and long alike. */
  INTEGER("hashint8extended", Long.class, Integer.class, Short.class, Byte.class),

  /**
   * {@code text} and {@code varchar} in a UTF-8 database with a deterministic collation: {@link
   * String}. A {@code char(n)} column loses its trailing spaces in the hash, as it does in SQL.
   */
  TEXT("hashtextextended", String.class),

  /** {@code uuid}: {@link java.util.UUID}. */
  UUID("uuid_hash_extended", java.util.UUID.class),

  /** {@code bytea}: {@code byte[]}. The SQL function exists from PostgreSQL 18. */
  BYTES("hashbyteaextended", byte[].class);

  private final String function;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<Class<?>> classes;

  KeyType(String function, Class<?>... classes) {
    this.function = function;
    this.classes = List.of(classes);
  }

  /**
   * Finds the kind of a key.
   *
   * @param key any key that {@link KeyHash#ofKey} accepts
   * @return its kind
   * @throws NullPointerException if the key is null
   * @throws IllegalArgumentException if no kind takes the key's class; the message names it and the
   *     accepted ones
   */
  public static KeyType of(Object key) {
    Objects.requireNonNull(key, "key must not be null");
    for (KeyType type : values()) {
      if (type.accepts(key.getClass())) {
        return type;
      }
    }
    throw unsupported(key.getClass());
  }

  /**
   * Writes the SQL expression whose value is {@link KeyHash}'s for the same key.
   *
   * @param columnExpression a column or other SQL expression, put into the text as it is: never
   *     pass what a user typed
   * @return a {@code bigint} expression, fit for a CHECK constraint, an index or a row filter
   */
  public String hashSql(String columnExpression) {
    return function + "(" + columnExpression + ", 0)";
  }

  /**
   * Tells whether keys of a class are of this kind.
   *
   * @param keyClass the class of a key, boxed if it is a number
   * @return true if {@link KeyHash#ofKey} hashes such keys as this kind
   */
  public boolean accepts(Class<?> keyClass) {
    return classes.contains(keyClass);
  }

  static IllegalArgumentException unsupported(Class<?> keyClass) {
    StringJoiner accepted = new StringJoiner(", ");
    for (KeyType type : values()) {
      for (Class<?> each : type.classes) {
        accepted.add(each.getSimpleName());
      }
    }
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "a key of %s can't be hashed: pass one of %s, or hash a documented part of it",
            keyClass.getName(),
            accepted));
  }
}
