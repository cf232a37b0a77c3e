package io.headroom.cache;

import io.headroom.ConsistencyToken.Position;
import io.headroom.TimeSource;
import io.headroom.cache.Layout.Place;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gets one value from the shared tier, or from the loader on its behalf: looks into the entry, asks
 * for it and for the lease, and waits for another process's load. Thread-safe.
 */
final class OneRead<K, V> {

  private final SharedSource<K, V> source;
  private final SharedStore store;
  private final Coherence<K> coherence;
  private final Lifetimes lifetimes;
  private final TierAnswers answers;
  private final Peeks peeks;
  private final SharedSource.Refresher<K, V> refresher;
  private final TimeSource time;

  OneRead(
      SharedSource<K, V> source,
      SharedStore store,
      Coherence<K> coherence,
      Lifetimes lifetimes,
      TierAnswers answers,
      Peeks peeks,
      SharedSource.Refresher<K, V> refresher,
      TimeSource time) {
    this.source = source;
    this.store = store;
    this.coherence = coherence;
    this.lifetimes = lifetimes;
    this.answers = answers;
    this.peeks = peeks;
    this.refresher = refresher;
    this.time = time;
  }

  /**
   * Gets a value.
   *
   * @param atLeast what the caller has seen of the partition, who is not to be served what is stale
   *     either; null if nothing in particular
   */
  Answer<V> load(K key, Load<V> load, @Nullable Position atLeast) throws Exception {
    Place place = Objects.requireNonNull(load.place());
    if (!coherence.trusts(place)) {
      return source.alone(key, load, null);
    }
    long draw = lifetimes.draw();
    if (atLeast == null && peeks.pay() && place.partition().knowsTime()) {
      Position known = place.partition().applied();
      long asked = time.nanoTime();
      long millis = place.partition().millis(asked);
      SharedRead read = answers.await(store.peek(place, known, millis, draw));
      if (read == null) {
        return source.alone(key, load, null);
      }
      Answer<V> found = source.peeked(key, load, read, asked);
      if (found != null) {
        return found;
      }
    }
    LeaseWait wait = source.newWait();
    while (true) {
      byte[] lease = SharedStore.newId();
      Position before = place.partition().applied();
      long asked = time.nanoTime();
      SharedRead read = answers.await(store.read(place, lease, draw));
      if (read == null || !source.isReliable(place, read, before, atLeast, asked)) {
        if (read == null || read.lease() == SharedRead.Lease.TAKEN) {
          store.release(place, lease); // it may have been taken, and others would wait for it
        }
        return source.alone(key, load, read == null ? null : read.tombstone());
      }
      Answer<V> found;
      Entry<V> stale;
      try {
        found = source.isFresh(read, place) ? source.fresh(key, load, read, asked) : null;
        stale = found == null && atLeast == null ? source.stale(key, load, read, asked) : null;
      } catch (RuntimeException | Error theirs) { // of the user's tags
        store.release(place, lease);
        throw theirs;
      }
      if (!peeks.pay()) {
        peeks.count(found != null);
      }
      if (found != null) {
        if (read.lease() == SharedRead.Lease.TAKEN) {
          takenAlong(key, load, new Load.Lease(lease, read), draw, atLeast == null);
        }
        return found;
      }
      switch (read.lease()) {
        case TAKEN -> {
          return source.loadAndFill(key, load, new Load.Lease(lease, read), stale);
        }
        case REFUSED -> {
          return source.alone(key, load, read.tombstone());
        }
        case NOT_WANTED -> draw = SharedStore.ANY_CASE; // it is there, and of no use here
        case HELD -> {
          if (stale != null) {
            return new Answer<>(stale, Served.STALE_LEASED);
          }
          if (!wait.goesOn()) {
            source.counts().waitedInVain();
            return source.alone(key, load, read.tombstone());
          }
        }
      }
    }
  }

  /** A lease that came with a fresh value: that is to be loaded anew, in the background. */
  private void takenAlong(K key, Load<V> load, Load.Lease lease, long draw, boolean isReserved) {
    if (draw == SharedStore.ANY_CASE) {
      source.release(load, lease); // somebody has filled it meanwhile
      return;
    }
    Load<V> next = source.newLoad(Objects.requireNonNull(load.place()), lease);
    if (isReserved) {
      source.refreshAfter(load, key, next);
    } else {
      refresher.refresh(key, next); // this load is nobody's reservation
    }
  }
}
