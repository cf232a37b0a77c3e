package io.headroom.sharding;

import java.sql.ShardingKey;
import java.util.List;

/**
 * JDBC's sharding key: the subkeys in the order they were given. One subkey is a key as {@code
 * forKey} takes it; two are a region and a key within it.
 */
record StandardShardingKey(List<Object> subkeys) implements ShardingKey {

  @SuppressWarnings("unchecked")
  int slotIn(RouterSnapshot<?> snapshot) {
    RouterSnapshot<Object> any = (RouterSnapshot<Object>) snapshot;
    if (subkeys.size() == 1) {
      return any.slotFor(subkeys.get(0));
    }
    if (subkeys.size() == 2
        && any.strategy() instanceof RegionFirstStrategy<?> regions
        && subkeys.get(0) instanceof String region) {
      return regions.slotFor(region, subkeys.get(1), any.map());
    }
    throw new IllegalArgumentException(
        "a sharding key of "
            + subkeys.size()
            + " subkeys doesn't fit the strategy "
            + any.strategy()
            + ": give one subkey, the shard key's column alone; only regionFirst takes two, the"
            + " region's name and then the key");
  }

  @Override
  public String toString() {
    return "ShardingKey" + subkeys;
  }
}
