package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.TimeSource;
import io.headroom.cache.Layout.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks the shared tier for many keys at once: all partitions together, each in as few steps of the
 * server as it should do without anything in between. Thread-safe.
 */
final class ManyReads<K, V> {

  /** So many keys are asked for in one step of the server, which does nothing else meanwhile. */
  private static final int MOST_AT_ONCE = 100;

  private final SharedSource<K, V> source;
  private final SharedStore store;
  private final Coherence<K> coherence;
  private final Lifetimes lifetimes;
  private final TierAnswers answers;
  private final Peeks peeks;
  private final TimeSource time;

  ManyReads(
      SharedSource<K, V> source,
      SharedStore store,
      Coherence<K> coherence,
      Lifetimes lifetimes,
      TierAnswers answers,
      Peeks peeks,
      TimeSource time) {
    this.source = source;
    this.store = store;
    this.coherence = coherence;
    this.lifetimes = lifetimes;
    this.answers = answers;
    this.peeks = peeks;
    this.time = time;
  }

  /**
   * What the shared tier has of one of many keys.
   *
   * @param answer a fresh value; null if there is none
   * @param lease if this process is to load it
   * @param held whether another process loads it
   * @param stale what may be served if need be
   * @param tombstone what a load is to see at least
   * @param failure why what was found is no answer: the user's tags of it, say; then there is none
   *     of the others but perhaps a lease, which is to be given back
   */
  record Found<V>(
      @Nullable Answer<V> answer,
      Load.@Nullable Lease lease,
      boolean held,
      @Nullable Entry<V> stale,
      @Nullable ConsistencyToken tombstone,
      @Nullable Throwable failure) {}

  /** Asks for many keys, all partitions at once; a key that is left out has no reliable answer. */
  Map<K, Found<V>> readAll(Map<K, Load<V>> loads) {
    Map<K, Load<V>> useless = new LinkedHashMap<>();
    long draw = lifetimes.draw();
    Map<K, Found<V>> found = peeks.pay() ? peekAll(loads, draw) : new LinkedHashMap<>();
    Map<K, Load<V>> others = new LinkedHashMap<>(loads);
    others.keySet().removeAll(found.keySet());
    found.putAll(readAll(others, draw, useless));
    if (!useless.isEmpty()) {
      found.putAll(readAll(useless, SharedStore.ANY_CASE, new LinkedHashMap<>()));
    }
    return found;
  }

  private Map<K, Found<V>> peekAll(Map<K, Load<V>> loads, long draw) {
    List<K> keys = new ArrayList<>();
    List<Place> places = new ArrayList<>();
    loads.forEach(
        (key, load) -> {
          Place place = place(load);
          if (coherence.trusts(place) && place.partition().knowsTime()) {
            keys.add(key);
            places.add(place);
          }
        });
    long asked = time.nanoTime();
    List<CompletableFuture<SharedRead>> reads = store.peekAll(places, draw, asked);
    Map<K, Found<V>> found = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      K key = keys.get(i);
      SharedRead read = answers.await(reads.get(i));
      Found<V> one = read == null ? null : peeked(key, known(loads, key), read, asked);
      if (one != null) {
        found.put(key, one);
      }
    }
    return found;
  }

  private @Nullable Found<V> peeked(K key, Load<V> load, SharedRead read, long askedNanos) {
    try {
      Answer<V> answer = source.peeked(key, load, read, askedNanos);
      return answer == null ? null : new Found<>(answer, null, false, null, null, null);
    } catch (Throwable failure) { // whatever it is, the other keys have answers
      return new Found<>(null, null, false, null, null, failure);
    }
  }

  /**
   * The same.
   *
   * @param useless is given those that are there, and of no use here: their lease is to be asked
   *     for
   */
  private Map<K, Found<V>> readAll(Map<K, Load<V>> loads, long draw, Map<K, Load<V>> useless) {
    Map<Partition, List<K>> byPartition = new LinkedHashMap<>();
    loads.forEach(
        (key, load) -> {
          Place place = place(load);
          if (coherence.trusts(place)) {
            byPartition.computeIfAbsent(place.partition(), same -> new ArrayList<>()).add(key);
          }
        });
    byte[] lease = SharedStore.newId();
    long asked = time.nanoTime();
    List<Question<K>> questions = new ArrayList<>();
    byPartition.forEach(
        (partition, keys) -> {
          for (int from = 0; from < keys.size(); from += MOST_AT_ONCE) {
            List<K> some = keys.subList(from, Math.min(keys.size(), from + MOST_AT_ONCE));
            List<Place> places = some.stream().map(key -> place(known(loads, key))).toList();
            questions.add(
                new Question<>(some, partition.applied(), store.readAll(places, lease, draw)));
          }
        });
    Map<K, Found<V>> found = new LinkedHashMap<>();
    for (Question<K> question : questions) {
      List<SharedRead> reads = answers.await(question.answer());
      for (int i = 0; reads != null && i < reads.size(); i++) {
        K key = question.keys().get(i);
        Load<V> load = known(loads, key);
        SharedRead read = reads.get(i);
        if (source.isReliable(place(load), read, question.before(), null, asked)) {
          Found<V> one = found(key, load, lease, read, asked);
          found.put(key, one);
          if (one.failure() == null
              && one.answer() == null
              && read.lease() == SharedRead.Lease.NOT_WANTED) {
            useless.put(key, load);
          }
        }
      }
    }
    return found;
  }

  /** Some keys of one partition, and what has been asked of them. */
  private record Question<K>(
      List<K> keys, Position before, CompletableFuture<List<SharedRead>> answer) {}

  private static <K, V> Load<V> known(Map<K, Load<V>> loads, K key) {
    return Objects.requireNonNull(loads.get(key));
  }

  private Found<V> found(K key, Load<V> load, byte[] lease, SharedRead read, long askedNanos) {
    Load.Lease taken = read.lease() == SharedRead.Lease.TAKEN ? new Load.Lease(lease, read) : null;
    try {
      return found(key, load, taken, read, askedNanos);
    } catch (Throwable failure) { // whatever it is, the other keys have answers, and leases
      return new Found<>(null, taken, false, null, null, failure);
    }
  }

  private Found<V> found(
      K key, Load<V> load, Load.@Nullable Lease lease, SharedRead read, long askedNanos) {
    Load.Lease taken = lease;
    boolean isFresh = source.isFresh(read, place(load));
    Answer<V> answer = isFresh ? source.fresh(key, load, read, askedNanos) : null;
    if (answer != null && taken != null) {
      source.refreshAfter(load, key, source.newLoad(place(load), taken));
      taken = null;
    }
    Entry<V> stale = answer == null ? source.stale(key, load, read, askedNanos) : null;
    boolean held = read.lease() == SharedRead.Lease.HELD;
    if (held && stale != null) {
      answer = new Answer<>(stale, Served.STALE_LEASED);
    }
    return new Found<>(answer, taken, held, stale, read.tombstone(), null);
  }

  private static Place place(Load<?> load) {
    return Objects.requireNonNull(load.place());
  }
}
