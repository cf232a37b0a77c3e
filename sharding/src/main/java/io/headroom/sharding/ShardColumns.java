package io.headroom.sharding;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a shard reads what it is: in the table of its map, or in a record of its own. */
interface ShardColumns {

  /** All of a shard but its id: most shards of a map have the same. */
  record Fields(
      double weight,
      @Nullable String region,
      @Nullable String zone,
      ShardState state,
      Map<String, String> labels) {}

  /** The columns of a shard that is in no map. */
  final class Single implements ShardColumns {
    private final String id;
    private final Fields fields;

    Single(String id, Fields fields) {
      this.id = id;
      this.fields = fields;
    }

    @Override
    public String readId(int ordinal) {
      return id;
    }

    @Override
    public Fields fields(int ordinal) {
      return fields;
    }
  }

  /** The id, which may be made anew by every call. */
  String readId(int ordinal);

  Fields fields(int ordinal);
}
