package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of those who ask for a key that is not there fresh: who loads, who waits and for how
 * long, and who is served what is stale. Thread-safe.
 */
final class Asking<K, V> {

  private final String cache;
  private final LocalTier<K, V> local;
  private final Source<K, V> source;
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
      Source<K, V> source,
      LoadRunner<K, V> runner,
      OwnWrites ownWrites,
      Lifetimes lifetimes,
      Patience patience,
      BooleanSupplier underLoad,
      TimeSource time,
      CacheCounts counts) {
    this.cache = cache;
    this.local = local;
    this.source = source;
    this.runner = runner;
    this.ownWrites = ownWrites;
    this.lifetimes = lifetimes;
    this.patience = patience;
    this.underLoad = underLoad;
    this.time = time;
    this.counts = counts;
  }

  /**
   * Whether what is here answers the caller. Then it is counted, and loaded anew if that is due.
   */
  boolean hits(K key, Entry<V> entry, long nowNanos) {
    return hits(key, entry, nowNanos, RequestContext.current());
  }

  /** The same, of this caller. */
  boolean hits(K key, Entry<V> entry, long nowNanos, RequestContext context) {
    long fresh = entry.freshNanos(nowNanos);
    if (fresh <= 0 || !shows(key, entry, context)) {
      return false;
    }
    if (lifetimes.refreshesAhead(entry, fresh)) {
      refresh(key, entry);
    }
    counts.local();
    return true;
  }

  /** Answers one who has found nothing fresh. */
  @Nullable V get(K key, @Nullable Entry<V> found, long nowNanos) {
    RequestContext context = RequestContext.current();
    if (context.inWriteTransaction()) {
      return privately(key);
    }
    if (source.isBehind(key, context)) {
      return apart(key, context);
    }
    boolean isAnew = !context.knownToken().isEmpty(); // what was found may have gone by now
    Entry<V> known = isAnew ? local.find(key) : found;
    long begun = isAnew ? time.nanoTime() : nowNanos;
    for (long now = begun; ; now = time.nanoTime(), known = local.find(key)) {
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

  /** As {@link #get}, without holding the caller up: whatever it throws, the future does. */
  CompletableFuture<@Nullable V> getAsync(K key, @Nullable Entry<V> known, long nowNanos) {
    RequestContext context = runner.carried(RequestContext.current());
    try {
      if (context.inWriteTransaction()) {
        return CompletableFuture.completedFuture(privately(key));
      }
      if (source.isBehind(key, context)) {
        return runner.call(() -> apart(key, context), context);
      }
      return context.knownToken().isEmpty()
          ? getAsync(key, known, nowNanos, context)
          : getAsync(key, local.find(key), time.nanoTime(), context);
    } catch (RuntimeException | Error failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private CompletableFuture<@Nullable V> getAsync(
      K key, @Nullable Entry<V> known, long nowNanos, RequestContext context) {
    Question<K, V> question = question(key, known, nowNanos);
    Entry<V> answer = question.atOnce(nowNanos);
    if (answer != null) {
      return CompletableFuture.completedFuture(answer.value());
    }
    if (question.isOwn()) {
      runner.elsewhere(Map.of(key, question.load()), context);
    }
    long longest = patience.nanos(question.hasStale(), context);
    return whenAnswered(question, longest, nowNanos, context);
  }

  /** The answer to a question whose load has begun. */
  CompletableFuture<@Nullable V> whenAnswered(
      Question<K, V> question, long longestNanos, long nowNanos, RequestContext context) {
    return question
        .whenLoaded(longestNanos, nowNanos)
        .thenCompose(
            entry ->
                entry == null
                    ? anew(question.key(), context)
                    : CompletableFuture.completedFuture(entry.value()));
  }

  /** Asks once more on behalf of a request whose thread this is not: it may be another one's. */
  @SuppressWarnings("try") // the scope is opened for its effect
  private CompletableFuture<@Nullable V> anew(K key, RequestContext context) {
    try (RequestContext.Scope scope = context.attach()) {
      return getAsync(key, local.find(key), time.nanoTime());
    }
  }

  /** Whether what is here is for this caller's eyes. */
  boolean shows(K key, Entry<V> entry, RequestContext caller) {
    return !ownWrites.hide(key, caller)
        && !source.isBehind(entry.standing(), caller)
        && (!knowsOf(entry.standing().partition(), caller) || isStillHere(key, entry));
  }

  /** Whether the caller may know of invalidations there; tokens of databases tell of none. */
  static boolean knowsOf(@Nullable Partition partition, RequestContext caller) {
    if (partition == null) {
      return false;
    }
    ConsistencyToken known = caller.knownToken();
    return !known.isEmpty() && known.position(partition.domain()).isPresent();
  }

  /**
   * Whether it has outlasted the question for what has been applied here: what the caller knows to
   * be invalidated may have been removed between being found and that question.
   */
  @SuppressWarnings("ReferenceEquality") // is it this very entry?
  private boolean isStillHere(K key, Entry<V> entry) {
    return local.find(key) == entry && entry.standing().trustedNanos(time.nanoTime()) > 0;
  }

  /** Loads an entry anew that is fresh, if nobody does so already. */
  void refresh(K key, Entry<V> known) {
    refresh(key, known, runner.newLoad(key));
  }

  private void refresh(K key, Entry<V> known, Load<V> load) {
    if (local.reserve(key, load) == load) {
      if (local.find(key) == known) {
        counts.refreshed();
        runner.inBackground(key, load, RequestContext.current());
      } else {
        runner.abandon(key, load, new IllegalStateException("it has just been loaded"));
      }
    }
  }

  /** Loads anew what the shared tier has said that this process is to load, and has a value of. */
  void refresh(K key, Load<V> load) {
    if (local.reserve(key, load) == load) {
      counts.refreshed();
      runner.inBackground(key, load, RequestContext.current());
    } else {
      source.abandoned(load);
    }
  }

  /** The question of one who has found nothing fresh. */
  Question<K, V> question(K key, @Nullable Entry<V> known, long nowNanos) {
    boolean usable =
        known != null
            && lifetimes.mayBeStale(known, nowNanos)
            && (known.standing().trustedNanos(nowNanos) > 0
                || !knowsOf(known.standing().partition(), RequestContext.current()));
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

  /**
   * For one who has seen what this process has not heard of: neither what is here nor on its way.
   */
  @Nullable V apart(K key, RequestContext context) {
    try {
      Answer<V> answer = source.loadApart(key, context);
      counts.served(answer.from());
      return answer.entry().value();
    } catch (Exception failure) {
      throw privatelyFailed(failure);
    }
  }

  CacheLoadException privatelyFailed(Exception failure) {
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
