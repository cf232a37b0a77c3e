package io.headroom.cache;

/**
 * Makes encoded values smaller for the shared tier.
 *
 * <p>Each stored value says whether it is compressed, and by which compression: small and large
 * ones live side by side, and the threshold may change at any time. A process without the
 * compression that a value has takes it for a miss.
 *
 * <p>Implementations are thread-safe.
 */
public interface CacheCompression {

  /**
   * Returns the number that tells this compression's bytes from those of others. It never changes.
   *
   * @return 1 to 15; below 8 are Headroom's (1 Zstandard), from 8 on users' own
   */
  int id();

  /**
   * Whether a value of this size is worth the work. What does not get smaller is stored as it is
   * all the same.
   *
   * @param rawLength the encoded value's size in bytes
   * @return whether to compress it
   */
  boolean worthwhile(int rawLength);

  /**
   * Compresses.
   *
   * @param raw an encoded value
   * @return fewer bytes, or more if it can't be helped
   */
  byte[] compress(byte[] raw);

  /**
   * Decompresses.
   *
   * @param compressed an array that holds compressed bytes, or whatever else somebody put there
   * @param offset where they begin
   * @param length how many they are
   * @param rawLength how many bytes they are to become; implementations neither produce nor
   *     allocate more, whatever the compressed bytes say
   * @return exactly that many bytes
   * @throws Exception if they are malformed, or become more or fewer
   */
  byte[] decompress(byte[] compressed, int offset, int length, int rawLength) throws Exception;
}
