package io.headroom.sharding;

import io.headroom.RequestContext;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The scopes of one sharded data source, and the connections that were bound through them.
 *
 * <p>A connection outlives its scope where a transaction is opened around it, as Spring does. What
 * is bound on a thread is therefore remembered with the thread as well as with the scope: so that
 * statements meant for one shard never run on a connection of another.
 */
final class OpenScopes {

  private final RequestContext.Key<ShardScope> key = RequestContext.Key.named("shard-scope");

  @SuppressWarnings("ThreadLocalUsage") // two data sources must not mix; values hold neither
  private final ThreadLocal<List<ScopedConnection>> boundOnThread = new ThreadLocal<>();

  private final ShardedDataSource dataSource;

  OpenScopes(ShardedDataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Nullable ShardScope current(RequestContext context) {
    return context.get(key);
  }

  ShardScope open(KeyView view) {
    String shardId = view.shard().id();
    RequestContext context = RequestContext.current();
    ShardScope parent = context.get(key);
    refuseIfOpenElsewhere(shardId, parent);
    ShardScope scope = new ShardScope(this, view, shardId, parent);
    scope.attachedAs(context.toBuilder().with(key, scope).build().attach());
    return scope;
  }

  private void refuseIfOpenElsewhere(String shardId, @Nullable ShardScope parent) {
    ScopedConnection other = openElsewhereOnThread(shardId);
    for (ShardScope scope = parent; scope != null && other == null; scope = scope.parent()) {
      other = scope.openElsewhere(shardId);
    }
    if (other != null) {
      throw new IllegalStateException(
          "a scope for shard '"
              + shardId
              + "' of "
              + dataSource
              + " can't be opened while a connection is open on shard '"
              + other.shardId()
              + "': statements meant for the one could run on the other. Close that connection"
              + " first (end its transaction), or use forKey(key) for the second shard");
    }
  }

  private @Nullable ScopedConnection openElsewhereOnThread(String shardId) {
    List<ScopedConnection> bound = boundOnThread.get();
    if (bound == null) {
      return null;
    }
    bound.removeIf(ScopedConnection::isClosed);
    if (bound.isEmpty()) {
      boundOnThread.remove();
    }
    return ScopedConnection.elsewhere(bound, shardId);
  }

  Binding bind(ShardScope scope, BindRequest request) throws SQLException {
    if (request.forMetadata()) {
      return scope.view().bind(request);
    }
    ScopedConnection connection = new ScopedConnection();
    Binding binding = scope.view().bind(request, connection);
    scope.add(connection);
    remember(connection);
    return binding;
  }

  /** A connection without a scope, on the metadata shard. */
  Binding unscoped(String shardId, Binding binding) {
    ScopedConnection connection = new ScopedConnection();
    connection.boundTo(shardId);
    remember(connection);
    return binding.within(connection);
  }

  private void remember(ScopedConnection connection) {
    List<ScopedConnection> bound = boundOnThread.get();
    if (bound == null) {
      bound = new ArrayList<>(2);
      boundOnThread.set(bound);
    }
    bound.removeIf(ScopedConnection::isClosed);
    bound.add(connection);
  }

  void close(ShardScope scope, RequestContext.Scope attached) {
    try {
      attached.close();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "the scope for shard '"
              + scope.shardId()
              + "' ("
              + scope.view()
              + ") was not closed as it should be: "
              + e.getMessage(),
          e);
    }
    ShardScope around = scope.parent();
    if (around == null) {
      return;
    }
    around.adopt(scope);
    ScopedConnection open = scope.openElsewhere(around.shardId());
    if (open != null) {
      throw new IllegalStateException(
          "the scope for shard '"
              + scope.shardId()
              + "' ("
              + scope.view()
              + ") was closed with a connection still open on shard '"
              + open.shardId()
              + "', within a scope for shard '"
              + around.shardId()
              + "', whose statements would now run on the wrong shard. Close the connection (end"
              + " its transaction) before the scope");
    }
  }
}
