package io.headroom.spring.boot;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How keys find their shard. Immutable.
 *
 * @param key type of the shard keys
 * @param metadataShard the shard that reads without a key go to, as at the start of JPA; none
 *     unless set
 * @param mapFile a file with the shard map; unless set, keys are spread evenly over the shards
 */
record ShardingProperties(
    @DefaultValue("long") Key key, @Nullable String metadataShard, @Nullable Path mapFile) {

  /** What shard keys are. */
  enum Key {
    LONG,
    STRING,
    UUID
  }
}
