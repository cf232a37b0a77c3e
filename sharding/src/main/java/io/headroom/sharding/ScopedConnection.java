package io.headroom.sharding;

import io.headroom.jdbc.ConnectionHooks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection that was bound without a key of its own: by a scope, or to the metadata shard. */
final class ScopedConnection implements ConnectionHooks {

  private String shardId = "";
  private volatile boolean closed;

  void boundTo(String id) {
    shardId = id;
  }

  String shardId() {
    return shardId;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void onClose() {
    closed = true;
  }

  static @Nullable ScopedConnection elsewhere(List<ScopedConnection> all, String shardId) {
    for (ScopedConnection one : all) {
      if (!one.closed && !one.shardId.equals(shardId)) {
        return one;
      }
    }
    return null;
  }
}
