package io.headroom;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/** Keys of each type that reach every branch of the hash; the same for the same seed. */
final class RandomKeys {

  /** Every length up to here occurs, in characters and in bytes. */
  static final int LENGTHS = 64;

  private final Random random;

  RandomKeys(long seed) {
    random = new Random(seed);
  }

  List<?> of(KeyType type, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                switch (type) {
                  case INTEGER -> integer(i);
                  case TEXT -> text(i);
                  case UUID -> new UUID(integer(i + 1), integer(i));
                  case BYTES -> bytes(length(i));
                })
        .toList();
  }

  /** Small and large, of both signs, around each power of two. */
  private long integer(int i) {
    return switch (i % 4) {
      case 0 -> i / 4 - 500;
      case 1 -> (1L << (i / 4 % 64)) + random.nextInt(3) - 1;
      case 2 -> random.nextInt();
      default -> random.nextLong();
    };
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** In turn ASCII, Latin-1, any of the BMP, any at all, and ASCII with one other at the end. */
  private String text(int i) {
    int length = length(i / 5);
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < length; at++) {
      boolean last = at == length - 1;
      text.appendCodePoint(
          switch (i % 5) {
            case 0 -> codePoint(0x7F);
            case 1 -> codePoint(0xFF);
            case 2 -> codePoint(0xFFFF);
            case 3 -> codePoint(Character.MAX_CODE_POINT);
            default -> last ? codePoint(Character.MAX_CODE_POINT) : codePoint(0x7F);
          });
    }
    return text.toString();
  }

  /** Each length from 0 to {@link #LENGTHS} in turn, now and then a long one. */
  private int length(int i) {
    int turn = i % (LENGTHS + 2);
    return turn <= LENGTHS ? turn : 65 + random.nextInt(3000);
  }

  /** Neither U+0000, which PostgreSQL's text can't hold, nor half a pair. */
  private int codePoint(int max) {
    int codePoint;
    do {
      codePoint = 1 + random.nextInt(max);
    } while (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
    return codePoint;
  }

  static List<Object> edges(KeyType type) {
    List<Object> keys = new ArrayList<>();
    switch (type) {
      case INTEGER -> {
        for (long key : new long[] {0, 1, -1, 42, -42, 1L << 31, 1L << 32, -(1L << 32)}) {
          keys.add(key);
        }
        keys.add(Long.MIN_VALUE);
        keys.add(Long.MAX_VALUE);
        keys.add((long) Integer.MIN_VALUE);
        keys.add((long) Integer.MAX_VALUE);
      }
      case TEXT ->
          keys.addAll(
              List.of("", "alice", "ü", "\u20ac", "\ud83d\ude00", "a,b\\c\"d\n", "München", "用户"));
      case UUID -> {
        keys.add(new UUID(0, 0));
        keys.add(new UUID(0, 1));
        keys.add(new UUID(-1, -1));
        keys.add(java.util.UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));
      }
      case BYTES -> {
        keys.add(new byte[0]);
        keys.add(new byte[12]);
        keys.add(new byte[] {-1, -128, 127, 0});
      }
    }
    return keys;
  }
}
