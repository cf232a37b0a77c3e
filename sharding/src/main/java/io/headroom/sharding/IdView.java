package io.headroom.sharding;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.LazyDataSource;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;

/** A sharded data source for one shard, picked by its id. */
final class IdView extends LazyDataSource {

  /** What a borrow of no particular slot says. */
  static final int NO_SLOT = -1;

  private final ShardedDataSource whole;
  private final String id;
  private final ShardMap firstMap;
  private final int firstOrdinal;

  IdView(ShardedDataSource whole, String id) {
    super(whole);
    this.whole = whole;
    this.id = id;
    this.firstMap = whole.router().map();
    this.firstOrdinal = ordinalIn(firstMap);
  }

  private int ordinalIn(ShardMap map) {
    map.shard(id); // says which shards there are, if not this one
    return map.table().ordinal(id);
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // is it the very map that the ordinal was read from?
  public Binding bind(BindRequest request) throws SQLException {
    ShardMap now = whole.router().map();
    return whole.borrow(now, NO_SLOT, now == firstMap ? firstOrdinal : knownIn(now), request);
  }

  private int knownIn(ShardMap now) throws SQLException {
    try {
      return ordinalIn(now);
    } catch (UnknownShardException e) {
      throw new SQLNonTransientConnectionException(e.getMessage(), "08001", e);
    }
  }

  @Override
  public String toString() {
    return whole + " for shard '" + id + "'";
  }
}
