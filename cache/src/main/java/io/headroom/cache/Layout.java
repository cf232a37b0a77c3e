package io.headroom.cache;

import io.headroom.KeyHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a cache's keys lie in Redis: which partition, and under what names. All names of a
 * partition have it as their hash tag, so that they are in one slot of a cluster. Immutable.
 */
final class Layout {

  /** A longer text is stored as its digest, whatever its length, so that names stay small. */
  static final int LONGEST_TEXT_BYTES = 512;

  private final String cache;
  private final Names[] names;

  /** The names that all keys of a partition share. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Names(byte[] control, byte[] log, byte[] tags, byte[] prefix, byte[] digests) {}

  /**
   * One key's place. Two are equal if they are of the same key.
   *
   * @param partition its partition
   * @param text its text, or the digest of that
   * @param isDigest which of the two
   * @param name the entry's name
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Place(Partition partition, String text, boolean isDigest, byte[] name) {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Place place
          && isDigest == place.isDigest
          && text.equals(place.text)
          && partition == place.partition;
    }

    @Override
    public int hashCode() {
      return text.hashCode();
    }
  }

  /**
   * Creates the layout of a cache.
   *
   * @param cache its name, without braces
   * @param partitions how many, a power of two
   */
  Layout(String cache, int partitions) {
    this.cache = cache;
    this.names = new Names[partitions];
    for (int i = 0; i < partitions; i++) {
      String tag = "{" + cache + ":" + digits(i) + "}";
      names[i] =
          new Names(
              bytes(tag),
              bytes(tag + "log"),
              bytes(tag + "tags"),
              bytes(tag + ":"),
              bytes(tag + "#"));
    }
  }

  int partitions() {
    return names.length;
  }

  byte[] control(int partition) {
    return names[partition].control();
  }

  byte[] log(int partition) {
    return names[partition].log();
  }

  byte[] tags(int partition) {
    return names[partition].tags();
  }

  /** Where its invalidations are published. */
  byte[] channel() {
    return bytes("headroom:" + cache);
  }

  /** What tokens call a partition; late in their order, so that databases come before it. */
  String domain(int partition) {
    return "~" + cache + ":" + digits(partition);
  }

  /**
   * Where a key lies.
   *
   * @param all the partitions
   * @param text the key's text
   * @throws IllegalArgumentException if the text has no form in UTF-8
   */
  Place place(Partition[] all, String text) {
    int number = (int) (KeyHash.of(text) & (names.length - 1));
    byte[] utf8 = bytes(text);
    boolean isLong = utf8.length > LONGEST_TEXT_BYTES;
    return place(all[number], isLong ? digest(utf8) : text, isLong);
  }

  /** Where the key lies that an invalidation is about. */
  Place place(Partition partition, String text, boolean isDigest) {
    Names known = names[partition.number()];
    byte[] prefix = isDigest ? known.digests() : known.prefix();
    return new Place(partition, text, isDigest, joined(prefix, bytes(text)));
  }

  /** What stands for a long text. */
  static String digest(byte[] utf8) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Whether this is the text that the digest stands for. */
  static boolean isDigestOf(String digest, String text) {
    byte[] utf8 = bytes(text);
    return utf8.length > LONGEST_TEXT_BYTES && digest.equals(digest(utf8));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String digits(int partition) {
    return String.format(Locale.ROOT, "%02d", partition);
  }

  private static byte[] joined(byte[] one, byte[] other) {
    byte[] both = new byte[one.length + other.length];
    System.arraycopy(one, 0, both, 0, one.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
