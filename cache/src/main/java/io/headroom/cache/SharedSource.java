package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import io.headroom.cache.Layout.Place;
import io.headroom.cache.SharedRead.State;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The tier that processes share, and behind it the loader. Who finds nothing fresh there takes the
 * key's lease, loads, and fills; who finds the lease taken waits a little for that other's value.
 * Where the tier cannot be asked, or its answer cannot be relied on, the loader is asked and
 * nothing is filled. Thread-safe.
 */
final class SharedSource<K, V> implements Source<K, V> {

  private final SharedStore store;
  private final Coherence<K> coherence;
  private final Entries<K, V> entries;
  private final Lifetimes lifetimes;
  private final Loading<K, V> loading;
  private final RecentInvalidations<Place> recent;
  private final SharedSettings<K, V> settings;
  private final Sealing<K, V> sealing;
  private final TierAnswers answers;
  private final OneRead<K, V> read;
  private final ManyReads<K, V> reads;
  private final SharedWrites<K, V> writes;
  private final TimeSource time;
  private final SharedCounts counts;
  private final Refresher<K, V> refresher;
  private final Peeks peeks;
  private final Runnable onClose;

  /** Loads in the background with a lease that was taken along with a fresh value. */
  @FunctionalInterface
  interface Refresher<K, V> {
    void refresh(K key, Load<V> load);
  }

  SharedSource(
      SharedStore store,
      Coherence<K> coherence,
      LocalTier<K, V> local,
      Entries<K, V> entries,
      Loading<K, V> loading,
      RecentInvalidations<Place> recent,
      SharedSettings<K, V> settings,
      Sealing<K, V> sealing,
      TimeSource time,
      SharedCounts counts,
      Refresher<K, V> refresher,
      Peeks peeks,
      Runnable onClose) {
    this.store = store;
    this.coherence = coherence;
    this.entries = entries;
    this.lifetimes = entries.lifetimes();
    this.loading = loading;
    this.recent = recent;
    this.settings = settings;
    this.sealing = sealing;
    this.answers = new TierAnswers(settings.timeout(), counts);
    this.time = time;
    this.peeks = peeks;
    this.read = new OneRead<>(this, store, coherence, lifetimes, answers, peeks, refresher, time);
    this.reads = new ManyReads<>(this, store, coherence, lifetimes, answers, peeks, time);
    this.writes =
        new SharedWrites<>(
            store, coherence, local, entries, recent, sealing, answers, time, counts);
    this.counts = counts;
    this.refresher = refresher;
    this.onClose = onClose;
  }

  @Override
  public Load<V> newLoad(K key) {
    return newLoad(coherence.place(key), null);
  }

  Load<V> newLoad(Place place, Load.@Nullable Lease lease) {
    long tags = entries.invalidatedTags().now();
    return new Load<>(place.partition().standing(time.nanoTime()), tags, place, lease);
  }

  private static Place place(Load<?> load) {
    return Objects.requireNonNull(load.place());
  }

  @Override
  public Answer<V> load(K key, Load<V> load) throws Exception {
    Load.Lease taken = load.lease();
    return taken == null ? read.load(key, load, null) : loadAndFill(key, load, taken, null);
  }

  /**
   * What a look into an entry comes to; null if that has to be looked at more closely. The entry
   * was there in the epoch that this process knows of, and so it was not invalidated, unless a
   * server has taken over that does not know it: then the news are doubted, or it was lately.
   */
  @Nullable Answer<V> peeked(K key, Load<V> load, SharedRead read, long askedNanos) {
    Place place = place(load);
    boolean isOfUse =
        isFresh(read, place)
            && place.partition().applied().incarnation() == read.at().incarnation()
            && coherence.trusts(place);
    peeks.count(isOfUse);
    return isOfUse ? fresh(key, load, read, askedNanos) : null;
  }

  /** Until it ends, the present load is the key's only one, and what it found is not kept yet. */
  void refreshAfter(Load<V> present, K key, Load<V> next) {
    var unused = present.result().whenComplete((entry, failure) -> refresher.refresh(key, next));
  }

  /**
   * Whether there is a fresh value, and it was read after all that this process has invalidated.
   */
  boolean isFresh(SharedRead read, Place place) {
    if (read.state() == State.GARBAGE) {
      counts.garbage();
    }
    return read.state() == State.FRESH && !recent.isOutdated(place, read);
  }

  boolean isReliable(
      Place place, SharedRead read, Position before, @Nullable Position atLeast, long askedNanos) {
    if (!place.partition().saw(read.at(), before, askedNanos)) {
      coherence.forgotten(place.partition());
      return false;
    }
    return atLeast == null || place.partition().covers(read.at(), atLeast);
  }

  @Nullable Answer<V> fresh(K key, Load<V> load, SharedRead read, long askedNanos) {
    Sealing.Opened<V> opened = sealing.open(read);
    if (opened == null) {
      return null;
    }
    long took = time.nanoTime() - askedNanos;
    Entry<V> entry =
        entries.shared(
            opened.value(),
            entries.tags(key, opened.value()),
            load,
            askedNanos,
            Nanos.ofMillis(read.freshMillis()),
            took);
    return new Answer<>(entry, Served.SHARED);
  }

  /** What may be served if need be; null if there is nothing. */
  @Nullable Entry<V> stale(K key, Load<V> load, SharedRead read, long askedNanos) {
    if (read.state() != State.STALE
        || !lifetimes.allowsStale(Nanos.ofMillis(-read.freshMillis()))
        || seen(load) != null
        || (read.since() < 0 && knowsOf(load, RequestContext.current()))) {
      return null;
    }
    Sealing.Opened<V> opened = sealing.open(read);
    if (opened == null) {
      return null;
    }
    return entries.shared(
        opened.value(),
        entries.tags(key, opened.value()),
        load,
        askedNanos,
        Math.min(0, Nanos.ofMillis(read.freshMillis())),
        0);
  }

  /**
   * Whether the one who asks may know of an invalidation there, which came in an epoch that has
   * ended: what is left of that may be older.
   */
  private static boolean knowsOf(Load<?> load, RequestContext caller) {
    return seen(place(load).partition(), caller) != null;
  }

  /** Asks the loader, and keeps nothing in the shared tier. */
  Answer<V> alone(K key, Load<V> load, @Nullable ConsistencyToken tombstone) throws Exception {
    counts.loadedAlone(1);
    long began = time.nanoTime();
    V value = loading.one(key, Seen.both(seen(load), tombstone));
    return loaded(key, value, load, began);
  }

  Answer<V> loaded(K key, @Nullable V value, Load<V> load, long beganNanos) {
    long took = time.nanoTime() - beganNanos;
    return new Answer<>(
        entries.loaded(value, entries.tags(key, value), load, beganNanos, took), Served.LOADED);
  }

  /**
   * Asks the loader, and fills the entry whose lease this process has.
   *
   * @param stale what is served if that fails; null if there is nothing
   */
  Answer<V> loadAndFill(K key, Load<V> load, Load.Lease lease, @Nullable Entry<V> stale)
      throws Exception {
    long began = time.nanoTime();
    V value;
    try {
      value = loading.one(key, Seen.both(seen(load), lease.read().tombstone()));
    } catch (Exception failure) {
      store.release(place(load), lease.id());
      if (stale == null || failure instanceof InterruptedException) {
        throw failure;
      }
      return resting(stale);
    } catch (Throwable failure) {
      store.release(place(load), lease.id());
      throw failure;
    }
    fill(key, value, load, lease, began);
    return loaded(key, value, load, began);
  }

  /** A stale value, since its load has failed. */
  Answer<V> resting(Entry<V> stale) {
    return new Answer<>(
        stale.restingUntil(time.nanoTime() + Lifetimes.REST_NANOS), Served.STALE_FAILED);
  }

  void release(Load<V> load, Load.Lease lease) {
    store.release(place(load), lease.id());
  }

  // What many loads ask

  Loading<K, V> loading() {
    return loading;
  }

  /** What has been invalidated lately, as far as is known here: what a load is to see at least. */
  @Nullable ConsistencyToken seen(Load<V> load) {
    return recent.seen(place(load));
  }

  SharedCounts counts() {
    return counts;
  }

  TimeSource time() {
    return time;
  }

  LeaseWait newWait() {
    return new LeaseWait(settings.leaseWaitNanos(), time);
  }

  /** Nobody waits for it: whether it arrives or not, what the caller gets is the same. */
  void fill(K key, @Nullable V value, Load<V> load, Load.Lease lease, long beganNanos) {
    SharedValue sealed = sealing.seal(key, value, time.nanoTime() - beganNanos);
    if (sealed == null) {
      store.release(place(load), lease.id());
      return;
    }
    var unused =
        store
            .fill(place(load), lease.id(), lease.read().at(), sealed)
            .whenComplete((kept, failure) -> counts.filled(kept, failure));
  }

  @Override
  public void loadAll(Map<K, Load<V>> loads, Outcome<K, V> outcome) {
    new ManyLoads<>(this, reads, loads, outcome).run();
  }

  @Override
  public void abandoned(Load<V> load) {
    Load.Lease lease = load.lease();
    if (lease != null) {
      store.release(place(load), lease.id());
    }
  }

  @Override
  public Answer<V> loadApart(K key, RequestContext caller) throws Exception {
    Load<V> load = newLoad(key);
    Partition partition = place(load).partition();
    Position seen = seen(partition, caller);
    if (seen != null && seen.incarnation() == Long.MAX_VALUE) {
      return alone(key, load, null); // no answer of the shared tier would do
    }
    return read.load(key, load, seen == null ? partition.applied() : seen);
  }

  @Override
  public boolean isBehind(Standing standing, RequestContext caller) {
    Partition partition = standing.partition();
    return partition != null && !caller.knownToken().isEmpty() && isBehind(partition, caller);
  }

  @Override
  public boolean isBehind(K key, RequestContext caller) {
    return !caller.knownToken().isEmpty() && isBehind(coherence.place(key).partition(), caller);
  }

  private static boolean isBehind(Partition partition, RequestContext caller) {
    Position seen = seen(partition, caller);
    return seen != null && !partition.hasApplied(seen);
  }

  /** What the caller has seen of a partition; {@link Position#UNKNOWN} if nobody knows. */
  private static @Nullable Position seen(Partition partition, RequestContext caller) {
    ConsistencyToken token = caller.knownToken();
    Position seen = token.position(partition.domain()).orElse(null);
    return seen == null && token.primaryForUnknown()
        ? new Position(Long.MAX_VALUE, Position.UNKNOWN)
        : seen;
  }

  @Override
  public CompletableFuture<Void> mark(Map<K, byte[]> markers, Writer writer) {
    return writes.mark(markers, writer);
  }

  @Override
  public CompletableFuture<Void> forget(Set<K> keys, Writer writer, byte[] marker) {
    return writes.forget(keys, writer, marker);
  }

  @Override
  public CompletableFuture<Void> put(K key, V value, Writer writer) {
    return writes.put(key, value, newLoad(key), writer);
  }

  @Override
  public CompletableFuture<Void> forgetTag(String tag, Writer writer) {
    return writes.forgetTag(tag, writer);
  }

  @Override
  public CompletableFuture<Void> forgetAll(Writer writer) {
    return writes.forgetAll(writer);
  }

  @Override
  public SharedStats stats() {
    return counts.stats(coherence.suspectNanos(time.nanoTime()), recent.open());
  }

  @Override
  public void close() {
    onClose.run();
  }
}
