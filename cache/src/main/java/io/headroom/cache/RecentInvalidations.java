package io.headroom.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was invalidated lately, as far as this process knows: what loads of it are to see at least,
 * which of it the shared tier has not confirmed, and what to tell that again should it forget.
 * Thread-safe, and bounded: of what there is no room for, all loads are to see what was written.
 */
final class RecentInvalidations<K> {

  private static final int MOST_OPEN = 10_000;
  private static final int MOST = 100_000;

  /**
   * One of them.
   *
   * @param seen what a load is to see at least; {@link SharedRead#WRITER_UNKNOWN} if nobody knows
   * @param identity a number of chance
   * @param at its number in the shared tier; null while that has not said so
   * @param failed whether the shared tier has failed to: it is to be told again
   * @param own whether it was this process
   */
  record Recent(
      ConsistencyToken seen, long identity, @Nullable Position at, boolean failed, boolean own) {

    /** The same, done, with what is known of one before or after it. */
    Recent with(@Nullable Recent other) {
      if (other == null) {
        return this;
      }
      boolean isLater = at == null || (other.at != null && other.at.compareTo(at) > 0);
      return new Recent(
          Objects.requireNonNull(Seen.both(seen, other.seen)),
          identity,
          isLater ? other.at : at,
          false,
          own || other.own);
    }
  }

  /** What loads of any key are to see at least, for a while. */
  private record Floor(ConsistencyToken seen, long untilNanos) {}

  private final Cache<K, Recent> done;

  /**
   * This process's own, for as long as it may take to notice that the shared tier has forgotten.
   */
  private final Cache<K, Recent> own;

  private final ConcurrentMap<K, Recent> open = new ConcurrentHashMap<>();

  /** What is to be told as soon as it is known what was written, and how many times. */
  private final ConcurrentMap<K, Integer> announced = new ConcurrentHashMap<>();

  private final AtomicInteger allAnnounced = new AtomicInteger();
  private final long windowNanos;
  private final long retoldNanos;
  private final TimeSource time;
  private volatile @Nullable Floor floor;
  private volatile boolean overflowed;

  /**
   * Creates an empty one.
   *
   * @param window for how long an invalidation matters
   */
  RecentInvalidations(Duration window, TimeSource time) {
    this(window, window, time, MOST);
  }

  /**
   * Creates one that remembers some longer.
   *
   * @param retold for how long they are told again should the shared tier forget them
   */
  RecentInvalidations(Duration window, Duration retold, TimeSource time) {
    this(window, retold, time, MOST);
  }

  /** Creates one that remembers fewer. */
  RecentInvalidations(Duration window, Duration retold, TimeSource time, int most) {
    this.windowNanos = Nanos.of(window);
    this.retoldNanos = Nanos.of(retold);
    this.time = time;
    this.own =
        Caffeine.newBuilder()
            .maximumSize(most)
            .expireAfterWrite(retold)
            .ticker(time::nanoTime)
            .executor(Runnable::run)
            .build();
    this.done =
        Caffeine.newBuilder()
            .maximumSize(most)
            .expireAfterWrite(window)
            .ticker(time::nanoTime)
            .executor(Runnable::run)
            .evictionListener(this::evicted)
            .build();
  }

  /** For how long one matters. */
  long windowNanos() {
    return windowNanos;
  }

  /** For how long one of this process's is told again should the shared tier forget it. */
  long retoldNanos() {
    return retoldNanos;
  }

  private void evicted(@Nullable K key, @Nullable Recent recent, RemovalCause cause) {
    if (recent != null && cause == RemovalCause.SIZE) {
      allSee(recent.seen());
    }
  }

  /** Of any key, something was written that loads are to see: which keys, nobody can tell. */
  synchronized void allSee(ConsistencyToken seen) {
    ConsistencyToken all = Objects.requireNonNull(Seen.both(seen, ofAll()));
    floor = new Floor(all, time.nanoTime() + windowNanos);
  }

  private @Nullable ConsistencyToken ofAll() {
    Floor known = floor;
    return known == null || known.untilNanos() - time.nanoTime() <= 0 ? null : known.seen();
  }

  /**
   * They are to be invalidated, and it is not known yet what was written, or there are too many to
   * tell of them at once: until that is done they are as if nobody knew, and nobody had been told.
   */
  void announces(Collection<K> keys) {
    keys.forEach(key -> announced.merge(key, 1, Integer::sum));
  }

  /** What was announced has been done. */
  void hasTold(Collection<K> keys) {
    keys.forEach(
        key -> announced.computeIfPresent(key, (same, times) -> times == 1 ? null : times - 1));
  }

  /** The same, of any key. */
  void announcesAll() {
    allAnnounced.incrementAndGet();
  }

  /** The same, of any key. */
  void hasToldAll() {
    allAnnounced.decrementAndGet();
  }

  private boolean isAnnounced(K key) {
    return allAnnounced.get() > 0 || (!announced.isEmpty() && announced.containsKey(key));
  }

  /** It is being invalidated. */
  void begins(K key, ConsistencyToken seen, long identity) {
    if (open.size() >= MOST_OPEN) {
      allSee(seen);
      overflowed = true;
      return;
    }
    // what others have written of it lately is to be seen as well
    Recent ended = done.getIfPresent(key);
    ConsistencyToken both =
        Objects.requireNonNull(Seen.both(seen, ended == null ? null : ended.seen()));
    open.compute(
        key,
        (same, known) ->
            new Recent(
                known == null ? both : Objects.requireNonNull(Seen.both(both, known.seen())),
                identity,
                null,
                false,
                true));
  }

  /** The shared tier, or where there is none this process, has done it. */
  void ends(K key, long identity, @Nullable Position at) {
    Recent known = open.get(key);
    if (known != null && known.identity() == identity) {
      keep(key, new Recent(known.seen(), identity, at, false, true));
      open.remove(key, known);
    }
  }

  /** The shared tier has not said that it has. */
  void fails(K key, long identity) {
    open.computeIfPresent(
        key,
        (same, known) ->
            known.identity() == identity
                ? new Recent(known.seen(), identity, null, true, true)
                : known);
  }

  /** What a load is to see at least; null if nothing in particular. */
  @Nullable ConsistencyToken seen(K key) {
    if (isAnnounced(key)) {
      return SharedRead.WRITER_UNKNOWN;
    }
    Recent begun = open.isEmpty() ? null : open.get(key);
    Recent ended = done.getIfPresent(key);
    ConsistencyToken ofKey =
        Seen.both(begun == null ? null : begun.seen(), ended == null ? null : ended.seen());
    return floor == null ? ofKey : Seen.both(ofKey, ofAll());
  }

  /** Whether the shared tier may still have what was invalidated here. */
  boolean isOpen(K key) {
    return overflowed || isAnnounced(key) || (!open.isEmpty() && open.containsKey(key));
  }

  /** Whether what the shared tier has was read before it was invalidated here. */
  boolean isOutdated(K key, SharedRead read) {
    Recent recent = done.getIfPresent(key);
    Position at = recent == null ? null : recent.at();
    return at != null
        && at.incarnation() == read.at().incarnation()
        && read.since() < at.position();
  }

  /** Those that failed. */
  void forEachFailed(BiConsumer<K, Recent> action) {
    open.forEach(
        (key, recent) -> {
          if (recent.failed()) {
            action.accept(key, recent);
          }
        });
  }

  /** It is being told again. */
  void retries(K key, Recent failed) {
    open.replace(key, failed, new Recent(failed.seen(), failed.identity(), null, false, true));
  }

  /** The shared tier may have forgotten them: they are to be told again. */
  void reopen(Predicate<K> which) {
    for (Map.Entry<K, Recent> known : own.asMap().entrySet()) {
      if (which.test(known.getKey())) {
        Recent recent = known.getValue();
        open.putIfAbsent(
            known.getKey(), new Recent(recent.seen(), recent.identity(), null, true, true));
      }
    }
  }

  /** How many the shared tier has not confirmed. */
  int open() {
    return open.size();
  }

  /** There were too many to remember them all: everything is to be forgotten instead. */
  boolean hasOverflowed() {
    return overflowed;
  }

  /** Everything has been forgotten instead. */
  void overflowMended() {
    overflowed = false;
  }

  /** Another process has invalidated it, or the bus says that this one has. */
  void hears(K key, Invalidation news, boolean own) {
    if (own) {
      ends(key, news.identity(), news.at());
    } else {
      keep(key, new Recent(news.seen(), news.identity(), news.at(), false, false));
    }
  }

  private void keep(K key, Recent recent) {
    if (recent.own()) {
      own.put(key, recent);
    }
    done.asMap().merge(key, recent, (known, latest) -> latest.with(known));
  }
}
