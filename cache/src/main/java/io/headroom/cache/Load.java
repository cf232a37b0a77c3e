package io.headroom.cache;

import io.headroom.cache.Layout.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, shared by all who ask for it meanwhile. This very object stands in the table
 * of loads from before it begins: what it brings is kept only if it still does, since whoever
 * invalidates the key takes it out.
 *
 * <p>Thread-safe.
 */
final class Load<V> {

  private final Standing standing;
  private final long tagsSince;
  private final @Nullable Place place;
  private final @Nullable Lease lease;
  private final CompletableFuture<Entry<V>> result = new CompletableFuture<>();
  private final Set<CompletableFuture<Entry<V>>> waiting = new HashSet<>(0);
  private volatile Served from = Served.LOADED;
  private volatile @Nullable Thread worker;
  private volatile boolean abandoned;

  /**
   * Creates a load that has not begun.
   *
   * @param standing what an entry stands on that is read from now on
   * @param tagsSince the present, as tags count it
   * @param place where the key lies in the shared tier; null if there is none
   * @param lease what was taken there already; null to ask there first
   */
  Load(Standing standing, long tagsSince, @Nullable Place place, @Nullable Lease lease) {
    this.standing = standing;
    this.tagsSince = tagsSince;
    this.place = place;
    this.lease = lease;
  }

  /**
   * The shared tier's word that this process is to load a key.
   *
   * @param id what the tier knows it by
   * @param read what the tier said with it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Lease(byte[] id, SharedRead read) {}

  Standing standing() {
    return standing;
  }

  long tagsSince() {
    return tagsSince;
  }

  @Nullable Place place() {
    return place;
  }

  @Nullable Lease lease() {
    return lease;
  }

  /** Never cancelled or completed by those who wait for it, and who do so until it ends. */
  CompletableFuture<Entry<V>> result() {
    return result;
  }

  /**
   * The same, of one who may leave sooner, without a trace: a load that hangs is not to keep all
   * who have given it up.
   *
   * @param nanos after so long it fails with a {@link TimeoutException}; {@link Patience#FOREVER}
   */
  @SuppressWarnings("CollectionUndefinedEquality") // it is itself, and nothing else is
  CompletableFuture<Entry<V>> result(long nanos) {
    CompletableFuture<Entry<V>> mine = new CompletableFuture<>();
    synchronized (waiting) {
      waiting.add(mine);
    }
    if (result.isDone()) { // perhaps before that
      tellWaiting();
    } else if (nanos != Patience.FOREVER) {
      mine.orTimeout(nanos, TimeUnit.NANOSECONDS);
    }
    return mine.whenComplete(
        (entry, failure) -> {
          synchronized (waiting) {
            waiting.remove(mine);
          }
        });
  }

  private void tellWaiting() {
    List<CompletableFuture<Entry<V>>> all;
    synchronized (waiting) {
      all = List.copyOf(waiting);
      waiting.clear();
    }
    if (!all.isEmpty()) {
      var unused =
          result.whenComplete(
              (entry, failure) ->
                  all.forEach(
                      one -> {
                        if (failure == null) {
                          one.complete(entry);
                        } else {
                          one.completeExceptionally(failure);
                        }
                      }));
    }
  }

  /** This thread does the work now. */
  void begins() {
    worker = Thread.currentThread();
  }

  /** A loader that asks for its own key would wait for itself. */
  boolean isOwn() {
    return worker == Thread.currentThread();
  }

  /**
   * It has an answer.
   *
   * @param how where that came from
   */
  void ends(Entry<V> entry, Served how) {
    worker = null;
    from = how;
    result.complete(entry);
    tellWaiting();
  }

  /**
   * It has failed.
   *
   * @param personal whether for reasons of the one who ran it, who was interrupted or had no time
   *     left: others are to try for themselves
   */
  void fails(Throwable cause, boolean personal) {
    worker = null;
    abandoned = personal;
    result.completeExceptionally(cause);
    tellWaiting();
  }

  /** Where the answer came from, once there is one. */
  Served from() {
    return from;
  }

  /** Whether those who shared it are to load for themselves. */
  boolean isAbandoned() {
    return abandoned;
  }
}
