package io.headroom.sharding;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where a shard reads what it is: in the table of its map, or in a record of its own. */
interface ShardColumns {

  /** All of a shard but its id: most shards of a map have the same. */
  record Fields(
      double weight,
      @Nullable String region,
      @Nullable String zone,
      ShardState state,
      Map<String, String> labels) {

    /** Written out: a record's own costs an application 20 ms of its start, at the first use. */
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other
          || (other instanceof Fields that
              && Double.compare(weight, that.weight) == 0
              && Objects.equals(region, that.region)
              && Objects.equals(zone, that.zone)
              && state == that.state
              && labels.equals(that.labels));
    }

    @Override
    public int hashCode() {
      return Objects.hash(weight, region, zone, state, labels);
    }
  }

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
