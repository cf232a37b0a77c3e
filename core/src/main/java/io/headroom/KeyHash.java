package io.headroom;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;

/**
 * The one hash of Headroom: PostgreSQL's own extended hash with seed 0, so that Java and SQL agree
 * on where a row lives.
 *
 * <pre>{@code
 * int slot = (int) (KeyHash.of(42L) & 16383);
 * // in SQL: hashint8extended(42, 0) & 16383
 * }</pre>
 *
 * <p>The functions are built into PostgreSQL, immutable, and stable across its versions, since hash
 * partitioning relies on them; so the same expression serves a check in psql, a CHECK constraint,
 * an index and the row filter of a publication. {@link KeyType#hashSql} writes it. The server must
 * be little-endian and its encoding UTF-8, and a text column's collation deterministic.
 *
 * <p>A hash places keys, it never identifies them: an integer is folded to 32 bits first, as in
 * PostgreSQL, so that 1 and 2<sup>32</sup> collide. It is no defence against chosen keys either.
 *
 * <p>Thread-safe: it has no state. Hashing a {@code long}, a {@link UUID}, a byte array or an ASCII
 * string allocates nothing; another string is encoded into a byte array first.
 *
 * <p>Source: PostgreSQL, {@code src/common/hashfn.c} (Bob Jenkins' lookup3, 2006) and {@code
 * src/backend/access/hash/hashfunc.c}. {@code META-INF/headroom/key-hash-vectors.csv} in the jar of
 * {@code headroom-testkit} pins it.
 */
public final class KeyHash {

  /** lookup3's start value for an empty input: the golden ratio and PostgreSQL's own addend. */
  private static final int START = 0x9e3779b9 + 3923095;

  /** The bits that no UTF-16 unit of ASCII has, for four units side by side. */
  private static final long NOT_ASCII = 0xFF80_FF80_FF80_FF80L;

  private static final int BLOCK = 12;

  private static final VarHandle LITTLE_ENDIAN_INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private KeyHash() {}

  /**
   * Hashes an integer as {@code hashint8extended(key, 0)} does; {@code int} and {@code short} keys
   * of the same value hash alike, as in PostgreSQL.
   *
   * @param key any value
   * @return the 64-bit hash
   */
  public static long of(long key) {
    int high = (int) (key >>> 32);
    // A negative number's high half is complemented, so that int4 and int8 of one value agree.
    int folded = (int) key ^ (key >= 0 ? high : ~high);
    int start = START + Integer.BYTES;
    return finish(start + folded, start, start);
  }

  /**
   * Hashes a string's UTF-8 bytes as {@code hashtextextended(key, 0)} does.
   *
   * <p>PostgreSQL's text holds no U+0000; a key with one has a hash but can be no row's key.
   *
   * @param key any well-formed string, the empty one included
   * @return the 64-bit hash
   * @throws IllegalArgumentException if the key has a surrogate without its other half, which has
   *     no UTF-8 form; the message gives its index
   */
  public static long of(String key) {
    int length = key.length();
    int a = START + length;
    int b = a;
    int c = a;
    long seen = 0;
    int at = 0;
    for (int left = length; left >= BLOCK; left -= BLOCK, at += BLOCK) {
      long first = fourUnits(key, at);
      long second = fourUnits(key, at + 4);
      long third = fourUnits(key, at + 8);
      seen |= first | second | third;
      a += word(first);
      b += word(second);
      c += word(third);
      // mix(a, b, c), here and in the other loops: Java returns one value, not three
      a = (a - c) ^ Integer.rotateLeft(c, 4);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 6);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 8);
      b += a;
      a = (a - c) ^ Integer.rotateLeft(c, 16);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 19);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 4);
      b += a;
    }
    return finishText(key, at, a, b, c, seen);
  }

  /**
   * Hashes a UUID as {@code uuid_hash_extended(key, 0)} does.
   *
   * @param key any UUID
   * @return the 64-bit hash
   */
  public static long of(UUID key) {
    long high = key.getMostSignificantBits();
    long low = key.getLeastSignificantBits();
    int start = START + 2 * Long.BYTES;
    // PostgreSQL keeps the 16 bytes in network order and reads them as little-endian words.
    int a = start + Integer.reverseBytes((int) (high >>> 32));
    int b = start + Integer.reverseBytes((int) high);
    int c = start + Integer.reverseBytes((int) (low >>> 32));
    a = (a - c) ^ Integer.rotateLeft(c, 4);
    c += b;
    b = (b - a) ^ Integer.rotateLeft(a, 6);
    a += c;
    c = (c - b) ^ Integer.rotateLeft(b, 8);
    b += a;
    a = (a - c) ^ Integer.rotateLeft(c, 16);
    c += b;
    b = (b - a) ^ Integer.rotateLeft(a, 19);
    a += c;
    c = (c - b) ^ Integer.rotateLeft(b, 4);
    b += a;
    return finish(a + Integer.reverseBytes((int) low), b, c);
  }

  /**
   * Hashes raw bytes as {@code hashbyteaextended(key, 0)} does, which PostgreSQL offers in SQL from
   * version 18; it is the function behind {@code hashtextextended} too.
   *
   * @param key any bytes, none included; not modified, not kept
   * @return the 64-bit hash
   */
  public static long of(byte[] key) {
    int a = START + key.length;
    int b = a;
    int c = a;
    int at = 0;
    for (int left = key.length; left >= BLOCK; left -= BLOCK, at += BLOCK) {
      a += (int) LITTLE_ENDIAN_INT.get(key, at);
      b += (int) LITTLE_ENDIAN_INT.get(key, at + 4);
      c += (int) LITTLE_ENDIAN_INT.get(key, at + 8);
      a = (a - c) ^ Integer.rotateLeft(c, 4);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 6);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 8);
      b += a;
      a = (a - c) ^ Integer.rotateLeft(c, 16);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 19);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 4);
      b += a;
    }
    a += lastBytes(key, at);
    b += lastBytes(key, at + 4);
    c += lastBytes(key, at + 8) << 8; // its lowest byte is kept for the length
    return finish(a, b, c);
  }

  /**
   * Hashes a key whose type is only known at run time.
   *
   * @param key a {@link Long}, {@link Integer}, {@link Short}, {@link Byte}, {@link String}, {@link
   *     UUID} or {@code byte[]}
   * @return the 64-bit hash, that of the typed method
   * @throws NullPointerException if the key is null
   * @throws IllegalArgumentException if the key has another type, or is a string without a UTF-8
   *     form
   */
  public static long ofKey(Object key) {
    Objects.requireNonNull(key, "key must not be null");
    if (key instanceof Long number) {
      return of(number.longValue());
    }
    if (key instanceof String text) {
      return of(text);
    }
    if (key instanceof UUID uuid) {
      return of(uuid);
    }
    if (key instanceof byte[] bytes) {
      return of(bytes);
    }
    if (key instanceof Integer || key instanceof Short || key instanceof Byte) {
      return of(((Number) key).longValue());
    }
    throw KeyType.unsupported(key.getClass());
  }

  /**
   * The end of a text: what is left of it from {@code at} on, fewer than 12 units. A method of its
   * own, so that both halves stay under HotSpot's limit for inlining hot methods.
   */
  private static long finishText(String key, int at, int a, int b, int c, long seen) {
    int length = key.length();
    int left = length - at;
    if (length >= 4) {
      // What is left ends with the key, so its last word is cut from the key's last four units by a
      // shift: a branch on how many there are would be mispredicted, which cost a fifth more.
      long last = fourUnits(key, length - 4);
      long end = word(last) & 0xFFFF_FFFFL;
      if (left < 4) {
        a += (int) (end >>> (32 - 8 * left));
      } else {
        long first = fourUnits(key, at);
        last |= first;
        a += word(first);
        if (left < 8) {
          b += (int) (end >>> (64 - 8 * left));
        } else {
          long second = fourUnits(key, at + 4);
          last |= second;
          b += word(second);
          c += (int) (end >>> (96 - 8 * left)) << 8; // its lowest byte is kept for the length
        }
      }
      seen |= last;
    } else if (length > 0) {
      // One unit is read three times over, of two the second twice: no branch either.
      int middle = length >> 1;
      int last = length - 1;
      seen = key.charAt(0) | key.charAt(middle) | key.charAt(last);
      a += key.charAt(0) | (key.charAt(middle) << (8 * middle)) | (key.charAt(last) << (8 * last));
    }
    return (seen & NOT_ASCII) == 0 ? finish(a, b, c) : ofUtf8(key);
  }

  /** lookup3's final(a, b, c); kept under HotSpot's limit for inlining hot methods. */
  private static long finish(int a, int b, int c) {
    c = (c ^ b) - Integer.rotateLeft(b, 14);
    a = (a ^ c) - Integer.rotateLeft(c, 11);
    b = (b ^ a) - Integer.rotateLeft(a, 25);
    c = (c ^ b) - Integer.rotateLeft(b, 16);
    a = (a ^ c) - Integer.rotateLeft(c, 4);
    b = (b ^ a) - Integer.rotateLeft(a, 14);
    c = (c ^ b) - Integer.rotateLeft(b, 24);
    return ((long) b << 32) | (c & 0xFFFF_FFFFL);
  }

  /**
   * Four UTF-16 units from {@code at} in the order 0, 2, 1, 3, the first in the lowest 16 bits. So
   * one OR checks all four and one more makes them a word: up to a quarter less time than by unit.
   */
  private static long fourUnits(String key, int at) {
    return key.charAt(at)
        | (long) key.charAt(at + 2) << 16
        | (long) key.charAt(at + 1) << 32
        | (long) key.charAt(at + 3) << 48;
  }

  /** The four units, if all are ASCII, as the four bytes of a little-endian word. */
  private static int word(long units) {
    return (int) (units | units >>> 24);
  }

  /** Four bytes from {@code at} as a little-endian word, or as many as there are. */
  private static int lastBytes(byte[] key, int at) {
    int left = key.length - at;
    if (left <= 0) {
      return 0;
    }
    if (left >= 4) {
      return (int) LITTLE_ENDIAN_INT.get(key, at);
    }
    int word = key[at] & 0xFF;
    if (left > 1) {
      word |= (key[at + 1] & 0xFF) << 8;
    }
    if (left > 2) {
      word |= (key[at + 2] & 0xFF) << 16;
    }
    return word;
  }

  private static long ofUtf8(String key) {
    int lone = WellFormed.indexOfLoneSurrogate(key);
    if (lone >= 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "key has a lone surrogate (U+%04X) at index %d, so it has no UTF-8 form: pass"
                  + " well-formed text",
              (int) key.charAt(lone),
              lone));
    }
    return of(key.getBytes(StandardCharsets.UTF_8));
  }
}
