package io.headroom.cache;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of those who ask for what is not there fresh: who loads, who waits and for how long,
 * and who is served what is stale. Thread-safe.
 */
final class Asking<K, V> {

  private final String cache;
  private final LocalTier<K, V> local;
  private final LoadRunner<K, V> runner;
  private final OwnWrites ownWrites;
  private final Lifetimes lifetimes;
  private final Patience patience;
  private final BooleanSupplier underLoad;
  private final TimeSource time;
  private final CacheCounts counts;

  /**
   * Creates it.
   *
   * @param underLoad whether what a load would use is to be spared
   */
  Asking(
      String cache,
      LocalTier<K, V> local,
      LoadRunner<K, V> runner,
      OwnWrites ownWrites,
      Lifetimes lifetimes,
      Patience patience,
      BooleanSupplier underLoad,
      TimeSource time,
      CacheCounts counts) {
    this.cache = cache;
    this.local = local;
    this.runner = runner;
    this.ownWrites = ownWrites;
    this.lifetimes = lifetimes;
    this.patience = patience;
    this.underLoad = underLoad;
    this.time = time;
    this.counts = counts;
  }

  /** Answers one who has found nothing fresh. */
  @Nullable V get(K key, @Nullable Entry<V> found, long nowNanos) {
    RequestContext context = RequestContext.current();
    if (context.inWriteTransaction()) {
      return privately(key);
    }
    Entry<V> known = found;
    for (long now = nowNanos; ; now = time.nanoTime(), known = local.find(key)) {
      Question<K, V> question = question(key, known, now);
      Entry<V> answer = question.atOnce(now);
      if (answer == null) {
        if (question.isOwn()) {
          load(key, question, context);
        }
        answer = question.await(patience.nanos(question.hasStale(), context), now);
      }
      if (answer != null) {
        return answer.value();
      }
    }
  }

  private void load(K key, Question<K, V> question, RequestContext context) {
    if (patience.mayLeave(question.hasStale())) {
      runner.elsewhere(Map.of(key, question.load()), context);
    } else {
      runner.run(key, question.load());
    }
  }

  /** As {@link #get}, without holding the caller up. */
  CompletableFuture<@Nullable V> getAsync(K key, @Nullable Entry<V> known, long nowNanos) {
    RequestContext context = RequestContext.current();
    if (context.inWriteTransaction()) {
      return CompletableFuture.completedFuture(privately(key));
    }
    Question<K, V> question = question(key, known, nowNanos);
    Entry<V> answer = question.atOnce(nowNanos);
    if (answer != null) {
      return CompletableFuture.completedFuture(answer.value());
    }
    if (question.isOwn()) {
      runner.elsewhere(Map.of(key, question.load()), context);
    }
    return question
        .whenLoaded(patience.nanos(question.hasStale(), context), nowNanos)
        .thenCompose(
            entry ->
                entry == null
                    ? getAsync(key, local.find(key), time.nanoTime())
                    : CompletableFuture.completedFuture(entry.value()));
  }

  /** Answers one who asks for many keys at once, some of which may be there. */
  Map<K, V> getAll(Set<K> keys) {
    long now = time.nanoTime();
    Map<K, V> found = new LinkedHashMap<>();
    List<Question<K, V>> questions = new ArrayList<>();
    for (K key : keys) {
      Entry<V> known = local.find(key);
      if (known != null && known.freshNanos(now) > 0 && !ownWrites.hide(key)) {
        counts.local();
        add(found, key, known);
      } else {
        questions.add(question(key, known, now));
      }
    }
    if (!questions.isEmpty()) {
      ask(questions, found, now);
    }
    return found;
  }

  private void ask(List<Question<K, V>> questions, Map<K, V> found, long nowNanos) {
    RequestContext context = RequestContext.current();
    if (context.inWriteTransaction()) {
      found.putAll(allPrivately(questions));
      return;
    }
    List<Question<K, V>> open = loadAll(questions, found, context, nowNanos);
    Map<Object, CacheLoadException> failures = new LinkedHashMap<>();
    for (Question<K, V> question : open) {
      try {
        long left = patience.nanos(question.hasStale(), context);
        if (left != Patience.FOREVER) {
          left = Math.max(0, left - (time.nanoTime() - nowNanos));
        }
        Entry<V> answer = question.await(left, nowNanos);
        if (answer != null) {
          add(found, question.key(), answer);
        } else {
          V value = get(question.key(), local.find(question.key()), time.nanoTime());
          if (value != null) {
            found.put(question.key(), value);
          }
        }
      } catch (CacheLoadException failure) {
        failures.put(question.key(), failure);
      }
    }
    if (!failures.isEmpty()) {
      throw new PartialLoadException(cache, new LinkedHashMap<>(found), failures);
    }
  }

  /** Loads with one call what nobody else is loading; returns what is to be waited for. */
  private List<Question<K, V>> loadAll(
      List<Question<K, V>> questions, Map<K, V> found, RequestContext context, long nowNanos) {
    List<Question<K, V>> open = new ArrayList<>();
    Map<K, Load<V>> own = new LinkedHashMap<>();
    boolean mayLeave = false;
    try {
      for (Question<K, V> question : questions) {
        Entry<V> answer = question.atOnce(nowNanos);
        if (answer != null) {
          add(found, question.key(), answer);
        } else {
          open.add(question);
          mayLeave |= patience.mayLeave(question.hasStale());
          if (question.isOwn()) {
            own.put(question.key(), question.load());
          }
        }
      }
    } catch (RuntimeException | Error failure) {
      own.forEach((key, load) -> runner.abandon(key, load, failure));
      throw failure;
    }
    if (own.isEmpty()) {
      return open;
    }
    if (mayLeave) {
      runner.elsewhere(own, context);
    } else {
      runner.runAll(own);
    }
    return open;
  }

  private void add(Map<K, V> found, K key, Entry<V> entry) {
    V value = entry.value();
    if (value != null) {
      found.put(key, value);
    }
  }

  /** Loads an entry anew that is fresh, if nobody does so already. */
  void refresh(K key, Entry<V> known) {
    Load<V> load = new Load<>();
    if (local.reserve(key, load) == load) {
      if (local.find(key) == known) {
        counts.refreshed();
        runner.inBackground(key, load, RequestContext.current());
      } else {
        runner.abandon(key, load, new IllegalStateException("it has just been loaded"));
      }
    }
  }

  private Question<K, V> question(K key, @Nullable Entry<V> known, long nowNanos) {
    boolean usable = known != null && lifetimes.mayBeStale(known, nowNanos);
    return new Question<>(this, key, usable ? known : null);
  }

  /**
   * What a write transaction sees may be its own, and may never come to be: nobody else gets it.
   */
  private @Nullable V privately(K key) {
    try {
      V value = runner.privately(key);
      counts.served(Served.PRIVATE);
      return value;
    } catch (Exception failure) {
      throw privatelyFailed(failure);
    }
  }

  private Map<K, V> allPrivately(List<Question<K, V>> questions) {
    Set<K> keys = new LinkedHashSet<>();
    questions.forEach(question -> keys.add(question.key()));
    try {
      Map<K, V> values = runner.allPrivately(keys);
      keys.forEach(key -> counts.served(Served.PRIVATE));
      return values;
    } catch (Exception failure) {
      throw privatelyFailed(failure);
    }
  }

  private CacheLoadException privatelyFailed(Exception failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return failed("its loader failed", failure);
  }

  // What questions ask

  String cache() {
    return cache;
  }

  LocalTier<K, V> local() {
    return local;
  }

  LoadRunner<K, V> runner() {
    return runner;
  }

  boolean isUnderLoad() {
    return underLoad.getAsBoolean();
  }

  long nowNanos() {
    return time.nanoTime();
  }

  Entry<V> served(Served how, Entry<V> entry) {
    counts.served(how);
    return entry;
  }

  CacheLoadException timedOut(Duration waited) {
    counts.served(Served.FAILED);
    return new CacheLoadTimeoutException(cache, waited);
  }

  CacheLoadException failed(String what, Throwable cause) {
    counts.served(Served.FAILED);
    return new CacheLoadException(cache, "cache '" + cache + "': " + what + ": " + cause, cause);
  }
}
