package io.headroom.cache;

import io.headroom.RequestContext;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Has loads run, here or elsewhere, and sees to what becomes of their answers. Thread-safe. */
final class LoadRunner<K, V> implements Source.Outcome<K, V> {

  private final Source<K, V> source;
  private final Loading<K, V> loading;
  private final LocalTier<K, V> local;
  private final Lifetimes lifetimes;
  private final LoadSpans spans;
  private final Executor executor;

  /**
   * Creates it.
   *
   * @param executor fails in no other way than that it rejects
   */
  LoadRunner(
      Source<K, V> source,
      Loading<K, V> loading,
      LocalTier<K, V> local,
      Lifetimes lifetimes,
      LoadSpans spans,
      Executor executor) {
    this.source = source;
    this.loading = loading;
    this.local = local;
    this.lifetimes = lifetimes;
    this.spans = spans;
    this.executor = executor;
  }

  /** A load that may begin now. */
  Load<V> newLoad(K key) {
    return source.newLoad(key);
  }

  /** Loads a key here and now; what it comes to, the load tells. */
  void run(K key, Load<V> load) {
    load.begins();
    try {
      ended(key, load, source.load(key, load));
    } catch (Throwable failure) { // whatever it is, others wait for this load
      failed(key, load, failure);
    }
  }

  /** Loads many keys at once. */
  void runAll(Map<K, Load<V>> loads) {
    if (loads.size() == 1) {
      loads.forEach(this::run);
      return;
    }
    loads.values().forEach(Load::begins);
    try {
      source.loadAll(loads, this);
    } catch (Throwable failure) { // whatever it is, others wait for these loads
      loads.forEach(
          (key, load) -> {
            if (!load.result().isDone()) {
              failed(key, load, failure);
            }
          });
    }
  }

  /** Loads a key for one caller alone. */
  @Nullable V privately(K key) throws Exception {
    return loading.one(key, null);
  }

  /** Loads many keys for one caller alone. */
  Loading.Many<K, V> allPrivately(Set<K> keys) throws Exception {
    return loading.many(keys, null);
  }

  /**
   * Loads on another thread, for one who may leave before it ends; here if there is no other.
   *
   * @param context what the loader is to see of the request
   */
  void elsewhere(Map<K, Load<V>> loads, RequestContext context) {
    Runnable task = () -> runAll(loads);
    executeOrRun(carried(withoutCaller(context)).wrap(task), context.wrap(task));
  }

  /** With what this thread is doing, as that of which a load on another thread is part. */
  RequestContext carried(RequestContext context) {
    return spans.carriedBy(context);
  }

  /** The load goes on, and is kept, when the request that began it has no time left. */
  private static RequestContext withoutCaller(RequestContext context) {
    return context.remaining().isPresent()
        ? context.toBuilder().withoutDeadline().build()
        : context;
  }

  /** Answers one caller on another thread; here if there is no other. */
  <A> CompletableFuture<@Nullable A> call(Supplier<@Nullable A> answer, RequestContext context) {
    CompletableFuture<@Nullable A> result = new CompletableFuture<>();
    Runnable task =
        carried(context)
            .wrap(
                () -> {
                  try {
                    result.complete(answer.get());
                  } catch (Throwable failure) { // whatever it is, the caller is to hear of it
                    result.completeExceptionally(failure);
                  }
                });
    executeOrRun(task, task);
    return result;
  }

  private void executeOrRun(Runnable elsewhere, Runnable here) {
    Once once = new Once(elsewhere);
    try {
      executor.execute(once);
    } catch (RejectedExecutionException full) {
      if (once.cancel()) {
        here.run();
      }
    }
  }

  /** A task that an executor may have taken though it says that it has not. */
  private static final class Once implements Runnable {

    private final Runnable task;
    private final AtomicBoolean begun = new AtomicBoolean();

    Once(Runnable task) {
      this.task = task;
    }

    /** Whether it has not been run, and will not be. */
    boolean cancel() {
      return begun.compareAndSet(false, true);
    }

    @Override
    public void run() {
      if (begun.compareAndSet(false, true)) {
        task.run();
      }
    }
  }

  /** Loads on another thread, if there is one to be had; nobody waits for it yet. */
  void inBackground(K key, Load<V> load, RequestContext context) {
    Once once = new Once(spans.carriedAhead(withoutCaller(context)).wrap(() -> run(key, load)));
    try {
      executor.execute(once);
    } catch (RejectedExecutionException full) {
      if (once.cancel()) {
        abandon(key, load, full);
      }
    }
  }

  /** Gives a reservation back without having loaded; whoever waits for it loads for himself. */
  void abandon(K key, Load<V> load, Throwable cause) {
    local.release(key, load);
    source.abandoned(load);
    load.fails(cause, true);
  }

  @Override
  public void ended(K key, Load<V> load, Answer<V> answer) {
    Entry<V> entry = answer.entry();
    if (lifetimes.keeps(entry.value() == null)) {
      local.publish(key, load, entry);
    } else {
      local.release(key, load);
    }
    load.ends(entry, answer.from());
  }

  @Override
  public void failed(K key, Load<V> load, Throwable failure) {
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
