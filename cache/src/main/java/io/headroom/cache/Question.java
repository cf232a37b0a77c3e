package io.headroom.cache;

import io.headroom.RequestContext;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One caller's question for one key that is not there fresh: is there an answer all the same, does
 * the caller load it, or wait for another's load? For one thread, but for what comes of {@link
 * #whenLoaded}.
 */
final class Question<K, V> {

  private final Asking<K, V> asking;
  private final K key;
  private final @Nullable Entry<V> stale;

  /** Whether the caller may know of an invalidation that what is stale elsewhere lacks. */
  private final boolean isKnowing;

  private Load<V> load;
  private boolean own;

  /**
   * Creates a question.
   *
   * @param stale what may be served if need be; null if there is nothing
   */
  Question(Asking<K, V> asking, K key, @Nullable Entry<V> stale) {
    this.asking = asking;
    this.key = key;
    this.stale = stale;
    this.load = asking.runner().newLoad(key);
    this.isKnowing = Asking.knowsOf(load.standing().partition(), RequestContext.current());
  }

  K key() {
    return key;
  }

  boolean hasStale() {
    return stale != null;
  }

  Load<V> load() {
    return load;
  }

  /** Whether this caller is to see to it that the load runs. */
  boolean isOwn() {
    return own;
  }

  /**
   * An answer that needs no waiting, if there is one: else there is a load from now on.
   *
   * @throws IllegalStateException if the loader itself asks, for the very key that it is loading
   */
  @Nullable Entry<V> atOnce(long nowNanos) {
    if (stale != null && stale.rests(nowNanos)) {
      return asking.served(Served.STALE_FAILED, stale);
    }
    boolean spares = stale != null && asking.isUnderLoad();
    Load<V> mine = load;
    load = asking.local().reserve(key, mine);
    own = load == mine;
    if (own) {
      Entry<V> there = asking.local().find(key); // another load may just have ended
      if (there != null && there.freshNanos(nowNanos) > 0) {
        asking.local().release(key, mine);
        mine.ends(there, Served.LOCAL);
        return asking.served(Served.LOCAL, there);
      }
      if (spares) {
        asking.runner().inBackground(key, mine, RequestContext.current());
      }
    } else if (load.isOwn()) {
      throw new IllegalStateException(
          "cache '"
              + asking.cache()
              + "': its loader asks it for the key that it is loading: let it ask the database");
    }
    return spares && stale != null ? asking.served(Served.STALE_OVERLOAD, stale) : null;
  }

  /**
   * Waits for the load.
   *
   * @return null if the caller is to ask anew
   * @throws CacheLoadException if there is no answer
   */
  @Nullable Entry<V> await(long nanos, long beganNanos) {
    try {
      CompletableFuture<Entry<V>> result = load.result();
      return loaded(
          nanos == Patience.FOREVER ? result.get() : result.get(nanos, TimeUnit.NANOSECONDS));
    } catch (TimeoutException tooSlow) {
      return late(asking.nowNanos() - beganNanos);
    } catch (ExecutionException failure) {
      return failed(Objects.requireNonNullElse(failure.getCause(), failure));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw asking.failed("the caller was interrupted while it waited for a load", interrupted);
    }
  }

  /** As {@link #await}, without waiting: the future brings null if the caller is to ask anew. */
  CompletableFuture<@Nullable Entry<V>> whenLoaded(long nanos, long beganNanos) {
    return load.result(nanos)
        .handle(
            (entry, failure) -> {
              if (failure == null) {
                return loaded(entry);
              }
              Throwable cause = Objects.requireNonNullElse(failure.getCause(), failure);
              return cause instanceof TimeoutException && !load.result().isDone()
                  ? late(asking.nowNanos() - beganNanos)
                  : failed(cause);
            });
  }

  private @Nullable Entry<V> loaded(Entry<V> entry) {
    Served from = load.from();
    if (isKnowing && !own && from.isStale()) {
      return null; // it was found for somebody who knows less
    }
    return asking.served(own || from.isStale() ? from : Served.JOINED, entry);
  }

  private Entry<V> late(long waitedNanos) {
    if (stale != null) {
      return asking.served(Served.STALE_SLOW, stale);
    }
    throw asking.timedOut(Duration.ofNanos(waitedNanos));
  }

  private @Nullable Entry<V> failed(Throwable cause) {
    if (load.isAbandoned() && !own) {
      return null;
    }
    if (stale == null) {
      throw asking.failed("its loader failed", cause);
    }
    if (!load.isAbandoned()) {
      long until = asking.nowNanos() + Lifetimes.REST_NANOS;
      asking.local().replace(key, stale, stale.restingUntil(until));
    }
    return asking.served(Served.STALE_FAILED, stale);
  }
}
