package io.headroom;

/** A request's one token. Thread-safe; it only ever grows. */
final class TokenCell {

  private volatile ConsistencyToken token = ConsistencyToken.NONE;

  ConsistencyToken get() {
    return token;
  }

  synchronized void merge(ConsistencyToken seen) {
    token = token.merge(seen);
  }
}
