package io.headroom;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request's one token, and what is yet to be asked for it. Thread-safe. It only ever grows, but
 * for a position that was an upper bound.
 */
final class TokenCell {

  private volatile ConsistencyToken token = ConsistencyToken.NONE;

  /** By domain; null while nothing is to be asked, which is what {@link #get} looks at first. */
  private volatile @Nullable Map<String, Supplier<ConsistencyToken>> toAsk;

  /** Held while asking, so that whoever wants the token meanwhile waits for the answer. */
  private final Object asking = new Object();

  ConsistencyToken get() {
    return toAsk == null ? token : askedFor();
  }

  /** What is known without asking. */
  ConsistencyToken known() {
    return token;
  }

  /** Whether nothing is to be asked. */
  boolean isKnown() {
    return toAsk == null;
  }

  private ConsistencyToken askedFor() {
    synchronized (asking) {
      for (Map<String, Supplier<ConsistencyToken>> due = due(); due != null; due = due()) {
        due.forEach(
            (domain, question) -> {
              merge(question.get());
              answered(domain, question);
            });
      }
      return token;
    }
  }

  private synchronized @Nullable Map<String, Supplier<ConsistencyToken>> due() {
    Map<String, Supplier<ConsistencyToken>> due = toAsk;
    return due == null ? null : Map.copyOf(due);
  }

  private synchronized void answered(String domain, Supplier<ConsistencyToken> question) {
    Map<String, Supplier<ConsistencyToken>> left = toAsk;
    if (left != null && left.remove(domain, question) && left.isEmpty()) {
      toAsk = null;
    }
  }

  synchronized void merge(ConsistencyToken seen) {
    token = token.merge(seen);
  }

  synchronized void correct(
      String domain, ConsistencyToken.Position before, ConsistencyToken.Position now) {
    token = token.correct(domain, before, now);
  }

  synchronized void mergeLater(String domain, Supplier<ConsistencyToken> question) {
    Map<String, Supplier<ConsistencyToken>> questions = toAsk;
    if (questions == null) {
      questions = new HashMap<>();
      toAsk = questions;
    }
    questions.put(domain, question);
  }
}
