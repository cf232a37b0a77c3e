package io.headroom.spring.boot;

import io.headroom.RequestContext;
import io.headroom.sharding.ShardScope;
import io.headroom.sharding.ShardedDataSource;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Scopes that remember their key. The library refuses a scope for another shard while a connection
 * is open; here one for another key is refused within a transaction, so that it does not depend on
 * how many shards there are. Thread-safe.
 */
final class KeyedScopes {

  private static final RequestContext.Key<Object> KEY =
      RequestContext.Key.named("headroom.shard-key");

  private final BooleanSupplier inTransaction;

  /**
   * For one kind of transactions.
   *
   * @param inTransaction whether this thread is in one
   */
  KeyedScopes(BooleanSupplier inTransaction) {
    this.inTransaction = inTransaction;
  }

  /**
   * Works in the scope of a key.
   *
   * @param where the key is from, for errors
   */
  @SuppressWarnings("try") // the scopes are open for what the work does
  <T extends @Nullable Object, X extends Exception> T call(
      ShardedDataSource sharded, Object key, String where, ShardScope.Work<T, X> work) throws X {
    RequestContext context = RequestContext.current();
    Object around = context.get(KEY);
    if (around != null && !isSame(around, key) && inTransaction.getAsBoolean()) {
      throw new IllegalStateException(
          "the shard key of "
              + where
              + " is another than the one that the transaction around it is for: a transaction has"
              + " one shard. End it first, or use forKey(key) of the ShardedDataSource, whose"
              + " connections are not part of it");
    }
    try (RequestContext.Scope known = context.toBuilder().with(KEY, key).build().attach();
        ShardScope scope = sharded.open(key)) {
      return work.call();
    }
  }

  /** As routers see it: Integer 5 is Long 5. */
  private static boolean isSame(Object one, Object other) {
    return (one instanceof Number first && other instanceof Number second)
        ? first.longValue() == second.longValue()
        : Objects.deepEquals(one, other);
  }
}
