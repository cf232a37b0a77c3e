package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A process by itself: behind its tier there is the loader. Thread-safe. */
final class LoaderAlone<K, V> implements Source<K, V> {

  private volatile Standing standing;
  private final LocalTier<K, V> local;
  private final Entries<K, V> entries;
  private final Loading<K, V> loading;
  private final RecentInvalidations<K> recent;
  private final TimeSource time;

  LoaderAlone(
      LocalTier<K, V> local,
      Entries<K, V> entries,
      Loading<K, V> loading,
      RecentInvalidations<K> recent,
      TimeSource time) {
    this.standing = Standing.alone(time.nanoTime());
    this.local = local;
    this.entries = entries;
    this.loading = loading;
    this.recent = recent;
    this.time = time;
  }

  @Override
  public Load<V> newLoad(K key) {
    return new Load<>(standing, entries.invalidatedTags().now(), null, null);
  }

  @Override
  public Answer<V> load(K key, Load<V> load) throws Exception {
    long began = time.nanoTime();
    V value = loading.one(key, recent.seen(key));
    return answer(key, value, load, began);
  }

  @Override
  public void loadAll(Map<K, Load<V>> loads, Outcome<K, V> outcome) {
    long began = time.nanoTime();
    Loading.Many<K, V> many;
    try {
      many = loading.many(Set.copyOf(loads.keySet()), seen(loads.keySet()));
    } catch (Throwable failure) { // whatever it is, others wait for these loads
      loads.forEach((key, load) -> outcome.failed(key, load, failure));
      return;
    }
    loads.forEach(
        (key, load) -> {
          Exception why = many.failures().get(key);
          if (why != null) {
            outcome.failed(key, load, why);
            return;
          }
          try {
            outcome.ended(key, load, answer(key, many.values().get(key), load, began));
          } catch (Throwable failure) { // a value's tags, say: the others are none the worse
            outcome.failed(key, load, failure);
          }
        });
  }

  private @Nullable ConsistencyToken seen(Collection<K> keys) {
    ConsistencyToken all = null;
    for (K key : keys) {
      all = Seen.both(all, recent.seen(key));
    }
    return all;
  }

  private Answer<V> answer(K key, @Nullable V value, Load<V> load, long beganNanos) {
    List<String> tags = entries.tags(key, value);
    long took = time.nanoTime() - beganNanos;
    return new Answer<>(entries.loaded(value, tags, load, beganNanos, took), Served.LOADED);
  }

  @Override
  public void abandoned(Load<V> load) {
    // nothing was taken anywhere
  }

  @Override
  public Answer<V> loadApart(K key, RequestContext caller) throws Exception {
    return load(key, newLoad(key));
  }

  @Override
  public boolean isBehind(Standing on, RequestContext caller) {
    return false;
  }

  @Override
  public boolean isBehind(K key, RequestContext caller) {
    return false;
  }

  @Override
  public CompletableFuture<Void> mark(Map<K, byte[]> markers, Writer writer) {
    return CompletableFuture.completedFuture(null); // nobody else is there to be told
  }

  @Override
  public CompletableFuture<Void> forget(Set<K> keys, Writer writer, byte[] marker) {
    CompletableFuture<ConsistencyToken> written = writer.seen();
    if (written.isDone()) {
      see(keys, written.join());
      keys.forEach(local::remove);
      return CompletableFuture.completedFuture(null);
    }
    recent.announces(keys);
    CompletableFuture<Void> told;
    try {
      keys.forEach(local::remove); // once: what is loaded or put from now on has seen the write
    } finally { // in any case, or they would stay announced
      told =
          written
              .thenAccept(seen -> see(keys, seen))
              .whenComplete((done, failure) -> recent.hasTold(keys));
    }
    return told;
  }

  /** From now on loads of these see what was written. */
  private void see(Set<K> keys, ConsistencyToken seen) {
    for (K key : keys) {
      long identity = Coherence.identity();
      recent.begins(key, seen, identity);
      recent.ends(key, identity, null);
    }
  }

  @Override
  public CompletableFuture<Void> put(K key, V value, Writer writer) {
    Load<V> load = newLoad(key);
    List<String> tags = entries.tags(key, value);
    Entry<V> entry = entries.loaded(value, tags, load, time.nanoTime(), 0);
    local.reserveAnew(key, load);
    try {
      local.publishOrRemove(key, load, entry);
    } finally {
      load.ends(entry, Served.LOCAL); // somebody may have come to wait for it
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> forgetTag(String tag, Writer writer) {
    return allSee(writer, () -> local.removeTag(tag));
  }

  @Override
  public CompletableFuture<Void> forgetAll(Writer writer) {
    return allSee(writer, this::forgetAll);
  }

  private synchronized void forgetAll() {
    // A load that is being kept at this very moment may slip past the clearing: it stands on what
    // ends here.
    Standing before = standing;
    long now = time.nanoTime();
    standing = Standing.alone(now);
    before.end(now, true);
    local.clear();
  }

  /** From now on loads see what was written, and then what was read before is forgotten. */
  private CompletableFuture<Void> allSee(Writer writer, Runnable removal) {
    CompletableFuture<ConsistencyToken> written = writer.seen();
    if (written.isDone()) {
      recent.allSee(written.join());
      removal.run();
      return CompletableFuture.completedFuture(null);
    }
    recent.announcesAll();
    CompletableFuture<Void> told;
    try {
      removal.run();
    } finally {
      told =
          written.thenAccept(recent::allSee).whenComplete((done, failure) -> recent.hasToldAll());
    }
    return told;
  }

  @Override
  public @Nullable SharedStats stats() {
    return null;
  }

  @Override
  public void close() {
    // nothing was begun
  }
}
