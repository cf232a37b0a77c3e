package io.headroom.cache;

import com.github.benmanes.caffeine.cache.Weigher;
import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.Spans;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Says what a {@link TieredCache} keeps, for how long, and whom it holds up. Each option may be set
 * once. Not thread-safe.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class TieredCacheBuilder<K, V> {

  /** For how long loads of an invalidated key see what was written, without a shared tier. */
  private static final Duration TOMBSTONE = Duration.ofSeconds(10);

  private final String name;
  private final CacheLoader<K, V> loader;
  private final List<CacheListener> listeners = new ArrayList<>();
  private final Options options;

  private long maximum = 10_000;
  private @Nullable ToIntBiFunction<? super K, ? super V> weigher;
  private Duration ttl = Duration.ofSeconds(60);
  private Duration absentTtl = Duration.ofSeconds(5);
  private Duration staleFor = Duration.ZERO;
  private double jitter = 0.1;
  private double refreshAhead = 1;
  private Duration softTimeout = Duration.ZERO;
  private Duration hardTimeout = Duration.ZERO;
  private BooleanSupplier underLoad = () -> false;
  private @Nullable Executor executor;
  private @Nullable BiFunction<? super K, ? super V, ? extends Iterable<String>> tags;
  private @Nullable SharedTier<K, V> shared;
  private Spans spans = Spans.NONE;
  private TimeSource time = TimeSource.system();

  TieredCacheBuilder(String name, CacheLoader<K, V> loader) {
    this.name = Objects.requireNonNull(name, "name must not be null");
    this.loader = Objects.requireNonNull(loader, "loader must not be null");
    if (name.isBlank()) {
      throw new IllegalArgumentException("name must not be blank: logs and metrics need it");
    }
    this.options = new Options("cache '" + name + "'");
  }

  /**
   * Bounds the cache by the number of its keys; 10,000 unless set.
   *
   * @param entries 0 or more; with 0 this process keeps nothing, and each call asks the shared
   *     tier, if there is one, or the loader, once for all who ask meanwhile
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   * @throws IllegalStateException if a bound is set already
   */
  public TieredCacheBuilder<K, V> maximumEntries(long entries) {
    options.once("maximum");
    if (entries < 0) {
      throw new IllegalArgumentException("maximumEntries must be 0 or more, was " + entries);
    }
    maximum = entries;
    return this;
  }

  /**
   * Bounds the cache by the weight of its values, bytes say. An entry is about 150 bytes beside
   * that.
   *
   * @param weight of all values together, at least 1
   * @param weigher the weight of one, zero or more; that of an absent value is 1
   * @return this builder
   * @throws IllegalArgumentException if the weight is below 1
   * @throws IllegalStateException if a bound is set already
   */
  public TieredCacheBuilder<K, V> maximumWeight(
      long weight, ToIntBiFunction<? super K, ? super V> weigher) {
    options.once("maximum");
    this.weigher = Objects.requireNonNull(weigher, "weigher must not be null");
    if (weight < 1) {
      throw new IllegalArgumentException("maximumWeight must be at least 1, was " + weight);
    }
    maximum = weight;
    return this;
  }

  /**
   * Sets how long this process has a value at hand after it read it, from the database or the
   * shared tier; 60 seconds unless set, or as long as the {@linkplain SharedTierBuilder#ttl shared
   * tier} has it if that is shorter.
   *
   * @param ttl from 1 ms to a year; no longer than that of the shared tier
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> ttl(Duration ttl) {
    this.ttl = options.duration("ttl", ttl, Duration.ofMillis(1));
    return this;
  }

  /**
   * Sets how long it is known of a key that it has no value; 5 seconds unless set.
   *
   * @param ttl zero to ask each time, at most a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> absentTtl(Duration ttl) {
    absentTtl = options.duration("absentTtl", ttl, Duration.ZERO);
    return this;
  }

  /**
   * Allows values to be served after their TTL, for so long, where a load fails, is slow or is to
   * be spared; never, unless set. What was invalidated is not served even so.
   *
   * @param time zero to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> staleFor(Duration time) {
    staleFor = options.duration("staleFor", time, Duration.ZERO);
    return this;
  }

  /**
   * Sets what part of a TTL chance takes away, so that what was loaded together does not end
   * together; 0.1 unless set.
   *
   * @param part from 0 to 0.5
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> ttlJitter(double part) {
    jitter = options.part("ttlJitter", part, 0.5);
    return this;
  }

  /**
   * Sets how eagerly a value that is asked for is loaded anew before its end, in the background: 1,
   * which is the default, begins about as long before it as a load takes; 2 twice as long; 0 never.
   *
   * @param eagerness from 0 to 100
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> refreshAhead(double eagerness) {
    refreshAhead = options.part("refreshAhead", eagerness, 100);
    return this;
  }

  /**
   * Sets how long one who can be served a stale value waits for a load; without bound unless set.
   * The load goes on.
   *
   * @param wait from 1 ms to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> softTimeout(Duration wait) {
    softTimeout = options.duration("softTimeout", wait, Duration.ofMillis(1));
    return this;
  }

  /**
   * Sets how long anyone waits for a load; without bound unless set, but for the request's
   * deadline. The load goes on, on a thread of the executor.
   *
   * @param wait from 1 ms to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> hardTimeout(Duration wait) {
    hardTimeout = options.duration("hardTimeout", wait, Duration.ofMillis(1));
    return this;
  }

  /**
   * Spares what the loader uses while that is under load: from {@link LoadLevel#ELEVATED} on, who
   * can be served a stale value is, and one load at a time goes on in the background.
   *
   * @param signal tells the level
   * @param resource what the loader uses: a pool, a cluster
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> loadSignal(LoadSignal signal, String resource) {
    options.once("loadSignal");
    Objects.requireNonNull(signal, "signal must not be null");
    Objects.requireNonNull(resource, "resource must not be null");
    underLoad = () -> signal.level(resource).atLeast(LoadLevel.ELEVATED);
    return this;
  }

  /**
   * Sets where loads run that nobody waits for, or that callers may have to leave; at most 8
   * threads of the cache's own unless set. Where it takes no more, a caller loads for himself.
   *
   * @param executor runs loads; not closed with the cache
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> executor(Executor executor) {
    options.once("executor");
    this.executor = Objects.requireNonNull(executor, "executor must not be null");
    return this;
  }

  /**
   * Gives values tags, by which they can be {@linkplain TieredCache#invalidateTag invalidated}
   * together; none unless set.
   *
   * @param tags the tags of a value, the same each time; each has a character, and none that is NUL
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> tags(
      BiFunction<? super K, ? super V, ? extends Iterable<String>> tags) {
    options.once("tags");
    this.tags = Objects.requireNonNull(tags, "tags must not be null");
    return this;
  }

  /**
   * Puts a tier behind this process's own that all processes share.
   *
   * @param tier where, and how
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> shared(SharedTier<K, V> tier) {
    options.once("shared");
    shared = Objects.requireNonNull(tier, "tier must not be null");
    return this;
  }

  /**
   * Adds a listener.
   *
   * @param listener hears of loads
   * @return this builder
   */
  public TieredCacheBuilder<K, V> listener(CacheListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener must not be null"));
    return this;
  }

  /**
   * Has each call of the loader made a span, {@code headroom.cache.load}, which is current while
   * the loader runs and is part of what its caller was doing; none unless set.
   *
   * @param spans makes them
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> spans(Spans spans) {
    options.once("spans");
    this.spans = Objects.requireNonNull(spans, "spans must not be null");
    return this;
  }

  /**
   * Sets the clock; the system's unless set.
   *
   * @param time the clock
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> time(TimeSource time) {
    options.once("time");
    this.time = Objects.requireNonNull(time, "time must not be null");
    return this;
  }

  /**
   * Returns whether a tier that processes share was set.
   *
   * @return true if so
   */
  public boolean isShared() {
    return shared != null;
  }

  /**
   * Returns whether values may be served after their TTL.
   *
   * @return true if {@link #staleFor} was set, and not to zero
   */
  public boolean servesStale() {
    return !staleFor.isZero();
  }

  /**
   * Builds the cache.
   *
   * @return an empty cache
   * @throws IllegalArgumentException if there is a shared tier, and the cache's name cannot be part
   *     of its keys
   * @throws IllegalStateException if {@code softTimeout} is set without {@code staleFor}, or longer
   *     than {@code hardTimeout}; if {@code ttl} is longer than that of the shared tier; if there
   *     is a cache with this name and other settings on the same {@link RedisTier}, or one with
   *     another number of partitions in Redis
   */
  public TieredCache<K, V> build() {
    check();
    Lifetimes lifetimes =
        new Lifetimes(
            Nanos.of(
                shared == null || ttl.compareTo(sharedTtl(shared)) < 0 ? ttl : sharedTtl(shared)),
            Nanos.of(absentTtl),
            Nanos.of(staleFor),
            jitter,
            refreshAhead,
            () -> ThreadLocalRandom.current().nextDouble());
    LocalTags localTags = new LocalTags();
    LocalTier<K, V> local =
        new LocalTier<>(
            maximum, caffeinesWeigher(), lifetimes, localTags, time, ForkJoinPool.commonPool());
    CacheCounts counts = new CacheCounts(name, listeners);
    Entries<K, V> entries = new Entries<>(lifetimes, localTags, tags);
    Duration tombstone = shared == null ? TOMBSTONE : shared.settings().tombstone();
    LoadSpans loadSpans = new LoadSpans(name, spans);
    Loading<K, V> loading = new Loading<>(loader, tombstone, time, counts, loadSpans);
    Refresh<K, V> refresh = new Refresh<>();
    Source<K, V> source =
        shared == null
            ? new LoaderAlone<>(
                local, entries, loading, new RecentInvalidations<>(tombstone, time), time)
            : SharedWiring.source(
                name,
                shared.settings(),
                new SharedLifetimes(
                    Nanos.of(sharedTtl(shared)), Nanos.of(absentTtl), Nanos.of(staleFor), jitter),
                local,
                entries,
                loading,
                refresh,
                time);
    LoadThreads threads = new LoadThreads(name, executor);
    LoadRunner<K, V> runner =
        new LoadRunner<>(source, loading, local, lifetimes, loadSpans, threads);
    Patience patience = new Patience(Nanos.of(softTimeout), Nanos.of(hardTimeout));
    OwnWrites ownWrites = new OwnWrites();
    Asking<K, V> asking =
        new Asking<>(
            name, local, source, runner, ownWrites, lifetimes, patience, underLoad, time, counts);
    refresh.asking = asking;
    return new TieredCache<>(
        name,
        local,
        entries,
        source,
        asking,
        new AskingMany<>(asking, source, patience, time, counts),
        new Changes<>(source, ownWrites, threads),
        counts,
        time,
        threads::close);
  }

  /** The way back from the shared tier to who loads in the background. */
  private static final class Refresh<K, V> implements SharedSource.Refresher<K, V> {

    private volatile @Nullable Asking<K, V> asking;

    @Override
    public void refresh(K key, Load<V> load) {
      Asking<K, V> known = asking;
      if (known != null) {
        known.refresh(key, load);
      }
    }
  }

  private @Nullable Weigher<K, V> caffeinesWeigher() {
    ToIntBiFunction<? super K, ? super V> given = weigher;
    return given == null ? null : given::applyAsInt;
  }

  private static Duration sharedTtl(SharedTier<?, ?> tier) {
    return tier.settings().ttl();
  }

  private void check() {
    if (shared != null && options.isSet("ttl") && ttl.compareTo(sharedTtl(shared)) > 0) {
      throw new IllegalStateException(
          "cache '"
              + name
              + "': ttl, "
              + ttl
              + ", must not be longer than that of the shared tier, "
              + sharedTtl(shared)
              + ": what a process has at hand would outlive what it was read from");
    }
    if (options.isSet("softTimeout") && staleFor.isZero()) {
      throw new IllegalStateException(
          "cache '"
              + name
              + "': softTimeout has no effect without staleFor, which says how long a stale value "
              + "may be served instead; set both, or hardTimeout");
    }
    if (!hardTimeout.isZero() && softTimeout.compareTo(hardTimeout) > 0) {
      throw new IllegalStateException(
          "cache '"
              + name
              + "': softTimeout, "
              + softTimeout
              + ", must not be longer than hardTimeout, "
              + hardTimeout);
    }
  }
}
