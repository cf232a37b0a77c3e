package io.headroom.cache;

import io.headroom.RequestContext;
import org.jspecify.annotations.Nullable;

/**
 * What the caller's own write transactions have changed and not yet committed: what the cache has
 * of it is of the time before. Thread-safe.
 */
final class OwnWrites {

  /** What is left to be done; of all keys, or of a tag, if there is no key. */
  private record Subject(OwnWrites cache, @Nullable Object key, @Nullable String tag) {}

  private final Subject all = new Subject(this, null, null);

  /** That there is a tag at all: which values have it is not known. */
  private final Subject anyTag = new Subject(this, null, "");

  /** Whether the caller is to see another value than everybody else. */
  boolean hide(Object key, RequestContext caller) {
    return caller.inWriteTransaction()
        && (caller.awaitsWriteTransactions(new Subject(this, key, null))
            || caller.awaitsWriteTransactions(all)
            || caller.awaitsWriteTransactions(anyTag));
  }

  /** Whether a key is to be forgotten at the end of the caller's write transactions already. */
  boolean awaits(Object key, RequestContext caller) {
    return caller.awaitsWriteTransactions(new Subject(this, key, null));
  }

  /**
   * Has a key forgotten at the end of the caller's write transactions.
   *
   * @return false if there is no such transaction: it is to be done now
   */
  boolean forget(Object key, RequestContext caller, Runnable removal) {
    return caller.afterWriteTransactions(new Subject(this, key, null), removal);
  }

  /** The same, of all keys. */
  boolean forgetAll(RequestContext caller, Runnable removal) {
    return caller.afterWriteTransactions(all, removal);
  }

  /** The same, of what has a tag. */
  boolean forgetTag(String tag, RequestContext caller, Runnable removal) {
    return caller.afterWriteTransactions(anyTag, () -> {})
        && caller.afterWriteTransactions(new Subject(this, null, tag), removal);
  }
}
