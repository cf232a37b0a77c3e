package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.LagLimit;
import io.headroom.RequestContext;
import io.headroom.Spans;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Calls the user's loader, counts that, and tells the database how old an answer may be: never from
 * a copy that lags more than an invalidation is remembered, and after one from a copy that has what
 * was written. Thread-safe.
 */
final class Loading<K, V> {

  private final CacheLoader<K, V> loader;
  private final Duration lagLimit;
  private final TimeSource time;
  private final CacheCounts counts;
  private final LoadSpans spans;

  /**
   * Creates it.
   *
   * @param lagLimit how far a copy may lag that answers
   */
  Loading(
      CacheLoader<K, V> loader,
      Duration lagLimit,
      TimeSource time,
      CacheCounts counts,
      LoadSpans spans) {
    this.loader = loader;
    this.lagLimit = lagLimit;
    this.time = time;
    this.counts = counts;
    this.spans = spans;
  }

  /** What the loader is asked, which may take long and throw anything. */
  @FunctionalInterface
  private interface Question<A> {
    @Nullable A ask() throws Exception;
  }

  /**
   * Loads a value.
   *
   * @param seen what the answer is to show at least: null if nothing in particular, {@link
   *     SharedRead#WRITER_UNKNOWN} if only the origin is certain to
   */
  @Nullable V one(K key, @Nullable ConsistencyToken seen) throws Exception {
    return asked(1, seen, () -> loader.load(key));
  }

  /**
   * What has come of many loads.
   *
   * @param values those that there are
   * @param failures of each key of which it is not known whether there is one, why
   */
  record Many<K, V>(Map<K, V> values, Map<K, Exception> failures) {}

  /** Loads many values. */
  Many<K, V> many(Set<K> keys, @Nullable ConsistencyToken seen) throws Exception {
    if (keys.size() == 1) {
      K key = keys.iterator().next();
      V value = one(key, seen);
      return new Many<>(value == null ? Map.of() : Map.of(key, value), Map.of());
    }
    try {
      return new Many<>(
          Objects.requireNonNull(asked(keys.size(), seen, () -> loadAll(keys))), Map.of());
    } catch (LoadedInPart partly) {
      return partly.many();
    }
  }

  private Map<K, V> loadAll(Set<K> keys) throws Exception {
    return Objects.requireNonNull(
        loader.loadAll(keys),
        "loadAll must not return null: leave out the keys that have no value");
  }

  @SuppressWarnings("try") // the scopes are opened for their effect
  private <A> @Nullable A asked(int keys, @Nullable ConsistencyToken seen, Question<A> question)
      throws Exception {
    RequestContext request = RequestContext.current();
    Spans.Span span = spans.begin(keys, request);
    long began = time.nanoTime();
    A answer;
    try (Spans.Scope current = span.enter();
        RequestContext.Scope scope = context(request, seen).attach()) {
      answer = question.ask();
    } catch (Throwable failure) {
      counts.loadFailed(time.nanoTime() - began, keys, failure);
      span.end("failed", failure);
      throw failure;
    }
    counts.loaded(time.nanoTime() - began, keys);
    span.end("answered", null);
    return answer;
  }

  private RequestContext context(RequestContext request, @Nullable ConsistencyToken seen) {
    Duration limit = lagLimit;
    if (seen != null && seen.isEmpty()) {
      limit = Duration.ZERO;
    }
    Duration known = request.get(LagLimit.KEY);
    if (known != null && known.compareTo(limit) < 0) {
      limit = known;
    }
    RequestContext context = spans.without(request).with(LagLimit.KEY, limit).build();
    if (seen != null) {
      context.observe(seen);
    }
    return context;
  }
}
