package io.headroom.sharding;

import io.headroom.RequestContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * While it is open, plain connections of one {@link ShardedDataSource} go to the shard of one key:
 * for code that can't pass a key, like JPA, jOOQ or MyBatis.
 *
 * <pre>{@code
 * try (ShardScope scope = sharded.open(userId)) {
 *   orders.save(order); // a Spring repository over the sharded data source
 * }
 * }</pre>
 *
 * <p>{@link ShardedDataSource#call} does the same around a lambda, and can't be left open.
 *
 * <p>The shard is chosen at a connection's first statement, so a transaction may begin before the
 * scope is opened; it stays on that shard until its connection is closed, even beyond the scope. A
 * scope for another shard can't be opened while such a connection is open. Scopes nest and are
 * closed in reverse order by the thread that opened them. They are carried in {@link
 * RequestContext}, and go wherever that is carried with {@code wrap}.
 */
public final class ShardScope implements AutoCloseable {

  /**
   * What {@link ShardedDataSource#call} does within a scope.
   *
   * @param <T> what it returns
   * @param <X> what it throws
   */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object, X extends Exception> {

    /**
     * Does the work.
     *
     * @return its result
     * @throws X if it fails
     */
    T call() throws X;
  }

  private final OpenScopes scopes;
  private final KeyView view;
  private final String shardId;
  private final @Nullable ShardScope parent;

  /** The connections bound within this scope, by whatever thread. Guarded by itself. */
  private final List<ScopedConnection> bound = new ArrayList<>(2);

  private RequestContext.@Nullable Scope attached;

  ShardScope(OpenScopes scopes, KeyView view, String shardId, @Nullable ShardScope parent) {
    this.scopes = scopes;
    this.view = view;
    this.shardId = shardId;
    this.parent = parent;
  }

  void attachedAs(RequestContext.Scope scope) {
    attached = scope;
  }

  KeyView view() {
    return view;
  }

  @Nullable ShardScope parent() {
    return parent;
  }

  /**
   * Returns the shard that owned the key when the scope was opened.
   *
   * @return its id
   */
  public String shardId() {
    return shardId;
  }

  void add(ScopedConnection connection) {
    synchronized (bound) {
      bound.removeIf(ScopedConnection::isClosed);
      bound.add(connection);
    }
  }

  /** Takes charge of what a scope within this one has left open. */
  void adopt(ShardScope inner) {
    List<ScopedConnection> left;
    synchronized (inner.bound) {
      left = List.copyOf(inner.bound);
    }
    left.stream().filter(connection -> !connection.isClosed()).forEach(this::add);
  }

  /** A connection of this scope that is open on a shard other than this one; null if none is. */
  @Nullable ScopedConnection openElsewhere(String otherShardId) {
    synchronized (bound) {
      return ScopedConnection.elsewhere(bound, otherShardId);
    }
  }

  /**
   * Ends the scope. Idempotent. A connection that is still open stays on its shard.
   *
   * @throws IllegalStateException if scopes that were opened later are still open (they are closed
   *     too), if this is not the thread that opened it, or if a connection of this scope is still
   *     open while the scope around it is for another shard
   */
  @Override
  public void close() {
    RequestContext.Scope scope = attached;
    if (scope != null) {
      scopes.close(this, scope);
      attached = null;
    }
  }

  @Override
  public String toString() {
    return "ShardScope[" + shardId + (attached == null ? ", closed]" : "]");
  }
}
