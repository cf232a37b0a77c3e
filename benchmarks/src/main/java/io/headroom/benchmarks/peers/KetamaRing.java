package io.headroom.benchmarks.peers;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.util.Map;
import java.util.TreeMap;

/** The ring that articles on consistent hashing show: some points a shard in a TreeMap. */
public final class KetamaRing {
  private final TreeMap<Long, Integer> ring = new TreeMap<>();

  /**
   * Places the points.
   *
   * @param shards how many shards
   * @param pointsPerShard how many points each
   */
  public KetamaRing(int shards, int pointsPerShard) {
    HashFunction murmur = Hashing.murmur3_128();
    for (int shard = 0; shard < shards; shard++) {
      for (int point = 0; point < pointsPerShard; point++) {
        ring.put(murmur.hashUnencodedChars(shard + "-" + point).asLong(), shard);
      }
    }
  }

  /**
   * The owner of the first point at or after the key, round the end to the first.
   *
   * @param key a well-mixed key
   * @return the shard's position
   */
  public int ordinalFor(long key) {
    Map.Entry<Long, Integer> point = ring.ceilingEntry(key);
    return (point == null ? ring.firstEntry() : point).getValue();
  }
}
