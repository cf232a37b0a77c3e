package io.headroom.testkit.cache;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;

/**
 * Writes down what the processes of a test do to a store and to the cache before it, for a {@link
 * CacheHistoryChecker}. Any cache will do.
 *
 * <pre>{@code
 * CacheInvalidation invalidation = history.invalidation("a", "cart"); // before the call
 * cacheOfA.invalidate("cart");
 * invalidation.returned();
 * CacheRead read = history.read("b", "cart").knowing(invalidation); // b carries its token
 * read.returned(cacheOfB.get("cart"));
 * }</pre>
 *
 * <p>What is stored under a key is a version, from 1. The versions of a key grow, and one is
 * written after the other, so give each key one writer at a time. A process is whatever has a local
 * tier of its own; several in one JVM are as good as any.
 *
 * <p>What came before what is known by counting; how long it took, by the test's clock, which may
 * stand still. Overlapping operations may have happened in either order.
 *
 * <p>Thread-safe; about 150 bytes for each operation.
 */
public final class CacheHistory {

  private final Moments moments;
  private final Queue<CacheWrite> writes = new ConcurrentLinkedQueue<>();
  private final Queue<CacheInvalidation> invalidations = new ConcurrentLinkedQueue<>();
  private final Queue<CacheRead> reads = new ConcurrentLinkedQueue<>();
  private final Queue<BusOutage> outages = new ConcurrentLinkedQueue<>();

  private CacheHistory(Moments moments) {
    this.moments = moments;
  }

  /**
   * Creates an empty history.
   *
   * @param nanoTime the one clock of all processes, in nanoseconds, for example {@code
   *     System::nanoTime} or that of a manual time; it may overflow, and must not go back
   * @return a new history
   */
  public static CacheHistory create(LongSupplier nanoTime) {
    Objects.requireNonNull(nanoTime, "nanoTime must not be null");
    return new CacheHistory(new Moments(nanoTime));
  }

  /**
   * The store is about to be given a version. Call it before the store is called.
   *
   * @param key the key
   * @param version at least 1, greater than every one of this key before
   * @return to say what came of it; one of which nothing is said may have been stored or not
   * @throws IllegalArgumentException if the version is less than 1
   */
  public CacheWrite write(String key, long version) {
    return add(writes, new CacheWrite(new Span(moments, key), version, false));
  }

  /**
   * The store is about to lose what it holds: who reads this version finds nothing.
   *
   * @param key the key
   * @param version as for a write
   * @return as for a write
   * @throws IllegalArgumentException if the version is less than 1
   */
  public CacheWrite removal(String key, long version) {
    return add(writes, new CacheWrite(new Span(moments, key), version, true));
  }

  /**
   * A process is about to invalidate a key. Call it before the cache is called. It covers all
   * versions that were committed by now.
   *
   * @param process whose cache is called
   * @param key the key
   * @return to say when it has returned; one of which that is not said promises nothing
   */
  public CacheInvalidation invalidation(String process, String key) {
    return add(invalidations, new CacheInvalidation(new Span(moments, key), process));
  }

  /**
   * A process is about to read through its cache. Call it before the cache is called.
   *
   * @param process whose cache is called
   * @param key the key
   * @return to say what it found; one of which nothing is said counts for nothing
   */
  public CacheRead read(String process, String key) {
    return add(reads, new CacheRead(new Span(moments, key), process));
  }

  /**
   * From now on a process may miss what others invalidate: what it reads has only to keep to {@code
   * maximumStaleness}. Say so before the fault.
   *
   * @param processes whose bus is down; none for all
   * @return to say when it is over: once they have caught up
   */
  public BusOutage busDown(String... processes) {
    return add(outages, new BusOutage(new Span(moments, "bus"), List.of(processes)));
  }

  List<CacheWrite> writes() {
    return List.copyOf(writes);
  }

  List<CacheInvalidation> invalidations() {
    return List.copyOf(invalidations);
  }

  List<CacheRead> reads() {
    return List.copyOf(reads);
  }

  List<BusOutage> outages() {
    return List.copyOf(outages);
  }

  private static <T> T add(Collection<T> all, T one) {
    all.add(one);
    return one;
  }
}
