package io.headroom.sharding;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;

/** Where statements without a key go, and whether they may write there. */
record MetadataShard(String id, boolean readOnly) {

  void requireIn(ShardMap map) {
    try {
      map.shard(id);
    } catch (UnknownShardException e) {
      throw new IllegalStateException("metadataShard(\"" + id + "\"): " + e.getMessage(), e);
    }
  }

  Binding bind(ShardedDataSource dataSource, ShardMap map, BindRequest request, OpenScopes scopes)
      throws SQLException {
    if (!map.contains(id)) {
      throw new SQLNonTransientConnectionException(
          "metadataShard '" + id + "' of " + dataSource + " is not in the map any more: " + map,
          "08001");
    }
    Binding binding = dataSource.borrow(map, IdView.NO_SLOT, map.table().ordinal(id), request);
    if (request.forMetadata()) {
      return binding;
    }
    Binding scoped = scopes.unscoped(id, binding);
    return readOnly ? scoped.within(new ReadOnlySession()) : scoped;
  }
}
