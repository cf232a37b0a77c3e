package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.TimeSource;
import io.headroom.cache.Layout.Place;
import io.headroom.cache.SharedStore.SyncAnswer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one cache's own tier in step with the shared one: applies what other processes invalidate,
 * finds out what was missed, and tells again what may not have arrived.
 *
 * <p>Every invalidation has a number in its partition. They come in by the bus, in order; a gap, a
 * number twice, a new connection or a long silence are a reason to ask the partition's log. If that
 * does not go back far enough, or tells another history, all that the partition has here is gone;
 * if the numbers have begun anew, and all of the new ones are there, what is left is stale. If the
 * server has forgotten what it had, the partition begins anew.
 *
 * <p>Thread-safe. What comes in by the bus is applied on the connection's own thread.
 */
final class Coherence<K> {

  /** What was seen in the shared tier and has not come in by the bus may be on its way so long. */
  private static final long ON_ITS_WAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** What loads are to see after that nobody knows; the origin has it. */
  private static final String NO_TOKEN = text(SharedRead.WRITER_UNKNOWN);

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);

  private final String cache;
  private final SharedStore store;
  private final Layout layout;
  private final Partition[] partitions;
  private final CacheKeys<K> keys;
  private final LocalTier<K, ?> local;
  private final RecentInvalidations<Place> recent;
  private final Forgetting<K> forgetting;
  private final Retelling retelling;
  private final SharedCounts counts;
  private final TimeSource time;
  private final long self;
  private final long silenceNanos;
  private final AtomicIntegerArray asking;
  private final long[] dueNanos;

  private volatile boolean refused;
  private volatile boolean closed;

  /**
   * Creates it; nothing is known before the first {@link #tick}.
   *
   * @param self what this process's own invalidations say of their sender
   * @param silence after how long without news a partition is asked for
   */
  Coherence(
      String cache,
      SharedStore store,
      Layout layout,
      CacheKeys<K> keys,
      LocalTier<K, ?> local,
      RecentInvalidations<Place> recent,
      SharedCounts counts,
      TimeSource time,
      long self,
      Duration silence,
      Duration maximumStaleness) {
    this.cache = cache;
    this.store = store;
    this.layout = layout;
    this.keys = keys;
    this.local = local;
    this.recent = recent;
    this.counts = counts;
    this.time = time;
    this.self = self;
    this.silenceNanos = Nanos.of(silence);
    this.partitions = new Partition[layout.partitions()];
    this.asking = new AtomicIntegerArray(partitions.length);
    this.dueNanos = new long[partitions.length];
    this.forgetting = new Forgetting<>(layout, keys, local, recent, counts, self);
    this.retelling =
        new Retelling(
            store,
            recent,
            counts,
            time,
            partitions.length,
            number -> clear(partitions[number], NO_TOKEN));
    long now = time.nanoTime();
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] =
          new Partition(i, layout.domain(i), Nanos.of(maximumStaleness), recent.windowNanos(), now);
      dueNanos[i] = silence(now);
    }
  }

  /** Where a key lies. */
  Place place(K key) {
    return layout.place(partitions, keys.text(key));
  }

  Partition[] partitions() {
    return partitions;
  }

  Retelling retelling() {
    return retelling;
  }

  /** Whether what the shared tier says of a key can be relied on now. */
  boolean trusts(Place place) {
    return !refused && !closed && place.partition().isVerified() && !retelling.isOpen(place);
  }

  // What comes in

  /** A message of the bus. */
  void message(byte[] message) {
    if (closed) {
      return;
    }
    try {
      Replies.message(
          message,
          (number, news) -> {
            if (number < partitions.length) {
              hears(partitions[number], news);
            }
            return news;
          });
    } catch (RuntimeException garbage) {
      counts.garbage();
      LOG.debug("cache '{}': a message on its channel is none of ours", cache, garbage);
    }
  }

  private void hears(Partition partition, Invalidation news) {
    counts.heard();
    forgetting.apply(partition, news);
    if (partition.hears(news, time.nanoTime())) {
      if (news.beginsAnew() && news.sender() != self) {
        recent.reopen(place -> place.partition() == partition);
        if (news.kind() == Invalidation.Kind.EPOCH) {
          ask(partition); // where the epoch before it ended
        }
      }
    } else {
      ask(partition);
    }
  }

  // What is asked for

  /**
   * Waits a little until it is known where the shared tier stands, so that the first callers have
   * it behind them; where that takes longer, they do without.
   *
   * @param subscribed done once news come in
   */
  void begin(CompletableFuture<Void> subscribed, Duration limit) {
    long end = time.nanoTime() + Nanos.of(limit);
    while (time.nanoTime() - end < 0 && !refused && !Thread.currentThread().isInterrupted()) {
      if (subscribed.isDone()) {
        tick(time.nanoTime(), true);
        if (Arrays.stream(partitions).allMatch(Partition::isVerified)) {
          return;
        }
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** The news may have missed something. */
  void doubt() {
    for (Partition partition : partitions) {
      partition.doubt();
    }
  }

  /** All news up to then have come in. */
  void confirm(long asOfNanos) {
    for (Partition partition : partitions) {
      partition.confirm(asOfNanos);
    }
  }

  /** The shared tier has turned out to have forgotten something. */
  void forgotten(Partition partition) {
    ask(partition);
  }

  /** Asks what is to be asked, and tells what is to be told; several times a second. */
  void tick(long nowNanos, boolean isUp) {
    if (closed || refused || !isUp) {
      return;
    }
    for (Partition partition : partitions) {
      int number = partition.number();
      boolean behind = partition.aheadForNanos(nowNanos) > ON_ITS_WAY_NANOS;
      boolean silent = nowNanos - dueNanos[number] >= 0;
      if (!partition.isVerified() || partition.isToJudge() || behind || silent) {
        dueNanos[number] = silence(nowNanos);
        ask(partition);
      }
    }
    retelling.tick();
  }

  private long silence(long nowNanos) {
    return nowNanos
        + silenceNanos / 2
        + ThreadLocalRandom.current().nextLong(Math.max(1, silenceNanos));
  }

  private void ask(Partition partition) {
    if (closed || refused || !asking.compareAndSet(partition.number(), 0, 1)) {
      return;
    }
    Partition.Asked asked = partition.asks(time.nanoTime());
    when(
        store.sync(partition.number(), asked.applied()),
        (answer, failure) -> {
          asking.set(partition.number(), 0);
          if (failure == null) {
            synced(partition, answer, asked);
          }
        });
  }

  private void synced(Partition partition, SyncAnswer answer, Partition.Asked asked) {
    if (refuseOthers(answer)) {
      return;
    }
    if (answer.isGarbled()) {
      counts.garbage();
    }
    Position applied = partition.applied();
    int repaired = 0;
    for (Invalidation record : answer.records()) {
      if (record.at().compareTo(applied) > 0 && applied.incarnation() > 0) {
        forgetting.apply(partition, record);
        repaired++;
      }
    }
    partition.learns(answer.before());
    partition.tells(answer.millis(), asked.nanos(), time.nanoTime());
    boolean judges = partition.isToJudge();
    Partition.Synced synced = partition.syncs(answer, asked, local::forgetLoads);
    if (judges && !partition.isToJudge()) {
      retelling.reopen(partition.number(), told -> !answer.knowsOf(told));
    }
    switch (synced) {
      case OUTDATED -> ask(partition);
      case CONTINUED -> {
        partition.confirm(asked.nanos());
        if (repaired > 0) {
          counts.repaired(repaired);
          LOG.debug("cache '{}': {} invalidations were missed, and are applied", cache, repaired);
        }
      }
      case FIRST -> {}
      case GAP -> {
        counts.raised();
        LOG.info(
            "cache '{}': {} missed more than its log has: all of it is forgotten here",
            cache,
            partition);
      }
      case NEW_EPOCH -> {
        counts.raised();
        recent.reopen(place -> place.partition() == partition);
        retelling.reopen(partition.number(), told -> !answer.knowsOf(told));
      }
      case FORGOTTEN -> {
        counts.raised();
        counts.forgotten();
        when(
            begin(partition, Invalidation.Kind.EPOCH, NO_TOKEN, answer.at().incarnation()),
            (at, failure) -> {}); // else it is found out again
      }
    }
  }

  /**
   * Another process has given this cache another number of partitions: neither would hear of the
   * other's invalidations.
   */
  private boolean refuseOthers(SyncAnswer answer) {
    if (answer.partitions() != 0 && answer.partitions() != partitions.length && !refused) {
      refused = true;
      LOG.error(
          "cache '{}' has {} partitions here and {} in the shared tier, so that processes would not"
              + " hear of each other: it does without that tier. Give it the same number"
              + " everywhere, or another name",
          cache,
          partitions.length,
          answer.partitions());
    }
    return refused;
  }

  /** What is done with an answer must not fail unheard. */
  private <T> void when(CompletableFuture<T> answer, BiConsumer<T, @Nullable Throwable> action) {
    var unused =
        answer.whenComplete(
            (value, failure) -> {
              try {
                action.accept(value, failure);
              } catch (RuntimeException bug) {
                LOG.warn("cache '{}': an answer of the shared tier was not dealt with", cache, bug);
              }
            });
  }

  // What is told

  /**
   * Has everything in a partition forgotten.
   *
   * @param token what loads are to see at least
   * @return done when this process knows of the new epoch, too
   */
  CompletableFuture<Position> clear(Partition partition, String token) {
    return begin(partition, Invalidation.Kind.ALL, token, 0)
        .thenApply(
            at -> {
              retelling.cleared(partition.number(), at);
              return at;
            });
  }

  private CompletableFuture<Position> begin(
      Partition partition, Invalidation.Kind kind, String token, long follows) {
    long identity = identity();
    long known = partition.applied().incarnation();
    return store
        .begin(partition.number(), identity, kind, token, follows, known)
        .thenApply(
            at -> {
              partition.hears(
                  new Invalidation(at, identity, self, kind, SharedRead.WRITER_UNKNOWN, ""),
                  time.nanoTime());
              if (kind == Invalidation.Kind.EPOCH) {
                recent.reopen(place -> place.partition() == partition);
              }
              ask(partition);
              return at;
            });
  }

  /** A number of chance for an invalidation. */
  static long identity() {
    long chance;
    do {
      chance = ThreadLocalRandom.current().nextLong();
    } while (chance == 0);
    return chance;
  }

  /** A token as a tombstone has it. */
  static String text(ConsistencyToken seen) {
    return seen.isEmpty() ? "" : seen.toString();
  }

  /** For how long the least certain partition has had no news; what is here may be as old. */
  long suspectNanos(long nowNanos) {
    long longest = 0;
    for (Partition partition : partitions) {
      longest = Math.max(longest, nowNanos - partition.heardNanos());
    }
    return longest;
  }

  boolean isRefused() {
    return refused;
  }

  void close() {
    closed = true;
  }
}
