package io.headroom.cache;

import io.headroom.ConsistencyToken;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gets many keys at once: one pipelined question for all of them to the shared tier, one call of
 * the loader for all that are to be loaded, and a little patience for what other processes load.
 * For one thread, once.
 */
final class ManyLoads<K, V> {

  private final SharedSource<K, V> source;
  private final ManyReads<K, V> reads;
  private final Source.Outcome<K, V> outcome;

  /** What has no answer yet. */
  private final Map<K, Load<V>> open;

  private final Map<K, Entry<V>> stale = new HashMap<>();

  ManyLoads(
      SharedSource<K, V> source,
      ManyReads<K, V> reads,
      Map<K, Load<V>> loads,
      Source.Outcome<K, V> outcome) {
    this.source = source;
    this.reads = reads;
    this.open = new LinkedHashMap<>(loads);
    this.outcome = outcome;
  }

  void run() {
    LeaseWait wait = source.newWait();
    Map<K, ConsistencyToken> tombstones = new HashMap<>();
    do {
      Map<K, ManyReads.Found<V>> found = reads.readAll(open);
      Map<K, Load.Lease> leases = new LinkedHashMap<>();
      Map<K, Load<V>> alone = new LinkedHashMap<>();
      Map.copyOf(open)
          .forEach(
              (key, load) -> {
                ManyReads.Found<V> one = found.get(key);
                if (one == null) {
                  alone.put(key, load);
                } else if (one.failure() != null) {
                  fails(key, load, one.lease(), one.failure());
                } else if (one.answer() != null) {
                  ends(key, load, one.answer());
                } else if (one.lease() != null) {
                  leases.put(key, one.lease());
                  keepStale(key, one);
                } else if (one.held()) {
                  note(tombstones, key, one);
                } else {
                  note(tombstones, key, one);
                  alone.put(key, load);
                }
              });
      load(leases, alone, tombstones);
    } while (!open.isEmpty() && wait.goesOn());
    if (!open.isEmpty()) {
      source.counts().waitedInVain();
      load(Map.of(), Map.copyOf(open), tombstones);
    }
  }

  private void keepStale(K key, ManyReads.Found<V> one) {
    Entry<V> usable = one.stale();
    if (usable != null) {
      stale.put(key, usable);
    }
  }

  private void note(Map<K, ConsistencyToken> tombstones, K key, ManyReads.Found<V> one) {
    ConsistencyToken tombstone = one.tombstone();
    if (tombstone != null) {
      tombstones.put(key, tombstone);
    }
  }

  private void ends(K key, Load<V> load, Answer<V> answer) {
    open.remove(key);
    try {
      outcome.ended(key, load, answer);
    } catch (Throwable failure) { // the weigher, say: the others are none the worse
      outcome.failed(key, load, failure);
    }
  }

  /** One call of the loader for what this process has the lease of, and for what has none. */
  private void load(
      Map<K, Load.Lease> leases, Map<K, Load<V>> alone, Map<K, ConsistencyToken> tombstones) {
    if (leases.isEmpty() && alone.isEmpty()) {
      return;
    }
    Map<K, Load<V>> loads = new LinkedHashMap<>(alone);
    leases.keySet().forEach(key -> loads.put(key, Objects.requireNonNull(open.get(key))));
    source.counts().loadedAlone(alone.size());
    long began = source.time().nanoTime();
    Loading.Many<K, V> many;
    try {
      many = source.loading().many(Set.copyOf(loads.keySet()), seen(loads, leases, tombstones));
    } catch (Throwable failure) { // whatever it is, others wait for these loads
      loads.forEach((key, load) -> fails(key, load, leases.get(key), failure));
      return;
    }
    loads.forEach(
        (key, load) -> {
          Load.Lease lease = leases.get(key);
          Exception why = many.failures().get(key);
          if (why != null) {
            fails(key, load, lease, why);
            return;
          }
          Answer<V> answer;
          try {
            V value = many.values().get(key);
            answer = source.loaded(key, value, load, began);
            if (lease != null) {
              source.fill(key, value, load, lease, began);
            }
          } catch (Throwable failure) { // a value's tags, say: the others are none the worse
            fails(key, load, lease, failure);
            return;
          }
          ends(key, load, answer);
        });
  }

  private void fails(K key, Load<V> load, Load.@Nullable Lease lease, Throwable failure) {
    if (lease != null) {
      source.release(load, lease);
    }
    Entry<V> usable = stale.get(key);
    open.remove(key);
    if (usable == null || !(failure instanceof Exception)) {
      outcome.failed(key, load, failure);
    } else {
      outcome.ended(key, load, source.resting(usable));
    }
  }

  private @Nullable ConsistencyToken seen(
      Map<K, Load<V>> loads, Map<K, Load.Lease> leases, Map<K, ConsistencyToken> tombstones) {
    ConsistencyToken all = null;
    for (Map.Entry<K, Load<V>> one : loads.entrySet()) {
      K key = one.getKey();
      Load.Lease lease = leases.get(key);
      all = Seen.both(all, lease == null ? tombstones.get(key) : lease.read().tombstone());
      all = Seen.both(all, source.seen(one.getValue()));
    }
    return all;
  }
}
