package io.headroom.cache;

import io.headroom.RequestContext;
import org.jspecify.annotations.Nullable;

/**
 * What the caller's own write transactions have changed and not yet committed: what the cache has
 * of it is of the time before. Thread-safe.
 */
final class OwnWrites {

  /** What is left to be done; of all keys if there is none. */
  private record Subject(OwnWrites cache, @Nullable Object key) {}

  /** Whether the caller is to see another value than everybody else. */
  boolean hide(Object key) {
    RequestContext context = RequestContext.current();
    return context.inWriteTransaction()
        && (context.awaitsWriteTransactions(new Subject(this, key))
            || context.awaitsWriteTransactions(new Subject(this, null)));
  }

  /**
   * Has a key forgotten: now, or once the caller's write transactions have ended.
   *
   * @param key null for all
   */
  void forget(@Nullable Object key, Runnable removal) {
    if (!RequestContext.current().afterWriteTransactions(new Subject(this, key), removal)) {
      removal.run();
    }
  }
}
