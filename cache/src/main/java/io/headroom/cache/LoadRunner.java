package io.headroom.cache;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Calls the loader, and sees to what becomes of its answer. Thread-safe. */
final class LoadRunner<K, V> {

  private final CacheLoader<K, V> loader;
  private final LocalTier<K, V> local;
  private final Lifetimes lifetimes;
  private final Executor executor;
  private final TimeSource time;
  private final CacheCounts counts;

  LoadRunner(
      CacheLoader<K, V> loader,
      LocalTier<K, V> local,
      Lifetimes lifetimes,
      Executor executor,
      TimeSource time,
      CacheCounts counts) {
    this.loader = loader;
    this.local = local;
    this.lifetimes = lifetimes;
    this.executor = executor;
    this.time = time;
    this.counts = counts;
  }

  /** What the loader is asked, which may take long and throw anything. */
  @FunctionalInterface
  private interface Question<A> {
    @Nullable A ask() throws Exception;
  }

  /** Loads a key here and now; what it comes to, the load tells. */
  void run(K key, Load<V> load) {
    load.begins();
    long began = time.nanoTime();
    try {
      V value = asked(1, began, () -> loader.load(key));
      end(key, load, entry(value, began));
    } catch (Throwable failure) { // whatever it is, others wait for this load
      fail(key, load, failure);
    }
  }

  /** Loads many keys with one call. */
  void runAll(Map<K, Load<V>> loads) {
    if (loads.size() == 1) {
      loads.forEach(this::run);
      return;
    }
    loads.values().forEach(Load::begins);
    long began = time.nanoTime();
    try {
      Map<K, V> values = allPrivately(Set.copyOf(loads.keySet()));
      loads.forEach((key, load) -> end(key, load, entry(values.get(key), began)));
    } catch (Throwable failure) { // whatever it is, others wait for these loads
      loads.forEach((key, load) -> fail(key, load, failure));
    }
  }

  /** Loads a key for one caller alone. */
  @Nullable V privately(K key) throws Exception {
    return asked(1, time.nanoTime(), () -> loader.load(key));
  }

  /** Loads many keys for one caller alone. */
  Map<K, V> allPrivately(Set<K> keys) throws Exception {
    return Objects.requireNonNull(
        asked(keys.size(), time.nanoTime(), () -> loader.loadAll(keys)),
        "loadAll must not return null: leave out the keys that have no value");
  }

  /**
   * Loads on another thread, for one who may leave before it ends; here if there is no other.
   *
   * @param context what the loader is to see of the request
   */
  void elsewhere(Map<K, Load<V>> loads, RequestContext context) {
    Runnable task = context.wrap(() -> runAll(loads));
    try {
      executor.execute(task);
    } catch (RejectedExecutionException full) {
      task.run();
    }
  }

  /** Loads on another thread, if there is one to be had; nobody waits for it yet. */
  void inBackground(K key, Load<V> load, RequestContext context) {
    try {
      executor.execute(context.wrap(() -> run(key, load)));
    } catch (RejectedExecutionException full) {
      abandon(key, load, full);
    }
  }

  /** Gives a reservation back without having loaded; whoever waits for it loads for himself. */
  void abandon(K key, Load<V> load, Throwable cause) {
    local.release(key, load);
    load.fails(cause, true);
  }

  private <A> @Nullable A asked(int keys, long beganNanos, Question<A> question) throws Exception {
    A answer;
    try {
      answer = question.ask();
    } catch (Throwable failure) {
      counts.loadFailed(time.nanoTime() - beganNanos, keys, failure);
      throw failure;
    }
    counts.loaded(time.nanoTime() - beganNanos, keys);
    return answer;
  }

  private Entry<V> entry(@Nullable V value, long beganNanos) {
    long took = time.nanoTime() - beganNanos;
    return new Entry<>(value, lifetimes.freshUntil(value == null, beganNanos), took);
  }

  private void end(K key, Load<V> load, Entry<V> entry) {
    if (lifetimes.keeps(entry.value() == null)) {
      local.publish(key, load, entry);
    } else {
      local.release(key, load);
    }
    load.ends(entry);
  }

  private void fail(K key, Load<V> load, Throwable failure) {
    boolean interrupted = failure instanceof InterruptedException;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    local.release(key, load);
    load.fails(failure, interrupted || Thread.currentThread().isInterrupted() || isLate());
  }

  /** The request that it was loaded for has no time left: others may have. */
  private static boolean isLate() {
    return RequestContext.current().remaining().map(left -> left.isZero()).orElse(false);
  }
}
