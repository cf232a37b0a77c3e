package io.headroom.cache;

import com.github.benmanes.caffeine.cache.Weigher;
import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
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

  private static final Duration LONGEST = Duration.ofDays(365);

  private final String name;
  private final CacheLoader<K, V> loader;
  private final List<CacheListener> listeners = new ArrayList<>();
  private final Set<String> set = new HashSet<>();

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
  private TimeSource time = TimeSource.system();

  TieredCacheBuilder(String name, CacheLoader<K, V> loader) {
    this.name = Objects.requireNonNull(name, "name must not be null");
    this.loader = Objects.requireNonNull(loader, "loader must not be null");
    if (name.isBlank()) {
      throw new IllegalArgumentException("name must not be blank: logs and metrics need it");
    }
  }

  /**
   * Bounds the cache by the number of its keys; 10,000 unless set.
   *
   * @param entries at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is below 1
   * @throws IllegalStateException if a bound is set already
   */
  public TieredCacheBuilder<K, V> maximumEntries(long entries) {
    once("maximum");
    maximum = atLeastOne("maximumEntries", entries);
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
    once("maximum");
    this.weigher = Objects.requireNonNull(weigher, "weigher must not be null");
    maximum = atLeastOne("maximumWeight", weight);
    return this;
  }

  /**
   * Sets how long a value is fresh after it was read; 60 seconds unless set.
   *
   * @param ttl from 1 ms to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> ttl(Duration ttl) {
    once("ttl");
    this.ttl = inRange("ttl", ttl, Duration.ofMillis(1));
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
    once("absentTtl");
    absentTtl = inRange("absentTtl", ttl, Duration.ZERO);
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
    once("staleFor");
    staleFor = inRange("staleFor", time, Duration.ZERO);
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
    once("ttlJitter");
    jitter = inRange("ttlJitter", part, 0.5);
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
    once("refreshAhead");
    refreshAhead = inRange("refreshAhead", eagerness, 100);
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
    once("softTimeout");
    softTimeout = inRange("softTimeout", wait, Duration.ofMillis(1));
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
    once("hardTimeout");
    hardTimeout = inRange("hardTimeout", wait, Duration.ofMillis(1));
    return this;
  }

  /**
   * Spares what the loader uses while that is under load: from {@link LoadLevel#HIGH} on, who can
   * be served a stale value is, and one load at a time goes on in the background.
   *
   * @param signal tells the level
   * @param resource what the loader uses: a pool, a cluster
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> loadSignal(LoadSignal signal, String resource) {
    once("loadSignal");
    Objects.requireNonNull(signal, "signal must not be null");
    Objects.requireNonNull(resource, "resource must not be null");
    underLoad = () -> signal.level(resource).atLeast(LoadLevel.HIGH);
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
    once("executor");
    this.executor = Objects.requireNonNull(executor, "executor must not be null");
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
   * Sets the clock; the system's unless set.
   *
   * @param time the clock
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public TieredCacheBuilder<K, V> time(TimeSource time) {
    once("time");
    this.time = Objects.requireNonNull(time, "time must not be null");
    return this;
  }

  /**
   * Builds the cache.
   *
   * @return an empty cache
   * @throws IllegalStateException if {@code softTimeout} is set without {@code staleFor}, or longer
   *     than {@code hardTimeout}
   */
  public TieredCache<K, V> build() {
    check();
    Lifetimes lifetimes =
        new Lifetimes(
            Nanos.of(ttl),
            Nanos.of(absentTtl),
            Nanos.of(staleFor),
            jitter,
            refreshAhead,
            () -> ThreadLocalRandom.current().nextDouble());
    LocalTier<K, V> local =
        new LocalTier<>(maximum, caffeinesWeigher(), lifetimes.longestNanos(), time);
    CacheCounts counts = new CacheCounts(name, listeners);
    LoadThreads threads = new LoadThreads(name, executor);
    LoadRunner<K, V> runner = new LoadRunner<>(loader, local, lifetimes, threads, time, counts);
    Patience patience = new Patience(Nanos.of(softTimeout), Nanos.of(hardTimeout));
    OwnWrites ownWrites = new OwnWrites();
    Asking<K, V> asking =
        new Asking<>(name, local, runner, ownWrites, lifetimes, patience, underLoad, time, counts);
    return new TieredCache<>(
        name, local, ownWrites, lifetimes, asking, counts, time, threads::close);
  }

  private @Nullable Weigher<K, V> caffeinesWeigher() {
    ToIntBiFunction<? super K, ? super V> given = weigher;
    return given == null ? null : given::applyAsInt;
  }

  private void check() {
    if (set.contains("softTimeout") && staleFor.isZero()) {
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

  private void once(String option) {
    if (!set.add(option)) {
      throw new IllegalStateException("cache '" + name + "': " + option + " is set twice");
    }
  }

  private static long atLeastOne(String option, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + " must be at least 1, was " + value);
    }
    return value;
  }

  private static double inRange(String option, double value, double most) {
    if (!(value >= 0 && value <= most)) {
      throw new IllegalArgumentException(option + " must be 0 to " + most + ", was " + value);
    }
    return value;
  }

  private static Duration inRange(String option, Duration value, Duration least) {
    Objects.requireNonNull(value, () -> option + " must not be null");
    if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          option + " must be " + least + " to " + LONGEST + ", was " + value);
    }
    return value;
  }
}
