package io.headroom.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.headroom.ConsistencyToken.Position;
import io.headroom.TimeSource;
import io.headroom.cache.Layout.Place;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What this process has invalidated, and the shared tier has not confirmed, or has forgotten since:
 * that is told again until it has. Until then, what the shared tier has of it is not to be relied
 * on. Thread-safe, and bounded: too many keys become all keys, and so do too many tags.
 */
final class Retelling {

  /** Of tags, each in each partition: more become all keys. */
  private static final int MOST_TAGS = 50_000;

  /** Of tags, each in each partition. */
  private static final int MOST_REMEMBERED = 100_000;

  /** Few keys, or tags, at a time: all at once would come late, and be told again for that. */
  private static final int MOST_AT_ONCE = 1_000;

  /** Of what is told again for all keys: the origin has it. */
  private static final String WRITER_UNKNOWN = Coherence.text(SharedRead.WRITER_UNKNOWN);

  private final SharedStore store;
  private final RecentInvalidations<Place> recent;
  private final SharedCounts counts;
  private final int partitions;
  private final IntFunction<CompletableFuture<Position>> clear;

  /** Partitions of which everything is to be forgotten. */
  private final Untold<Integer> toClear = new Untold<>();

  private final Untold<TagOf> toTag = new Untold<>();

  /** Keys that are being told again. */
  private final AtomicInteger underWay = new AtomicInteger();

  /** What was told of tags and of all keys lately, and where it was confirmed. */
  private final Cache<Told, Position> told;

  /** A tag in one partition. */
  private record TagOf(int partition, String tag) {}

  /** The same, or all keys of a partition where the tag is null. */
  private record Told(int partition, @Nullable String tag) {}

  /**
   * Creates one with nothing to tell.
   *
   * @param partitions how many there are
   * @param clear has everything in one of them forgotten
   */
  Retelling(
      SharedStore store,
      RecentInvalidations<Place> recent,
      SharedCounts counts,
      TimeSource time,
      int partitions,
      IntFunction<CompletableFuture<Position>> clear) {
    this.store = store;
    this.recent = recent;
    this.counts = counts;
    this.partitions = partitions;
    this.clear = clear;
    this.told =
        Caffeine.newBuilder()
            .expireAfterWrite(Duration.ofNanos(recent.retoldNanos()))
            .maximumSize(2L * MOST_REMEMBERED) // it never is full
            .ticker(time::nanoTime)
            .executor(Runnable::run)
            .build();
  }

  /** Everything in a partition has been forgotten there, at that place in its history. */
  void cleared(int partition, Position at) {
    told.put(new Told(partition, null), at);
  }

  /**
   * Has what has a tag forgotten in a partition.
   *
   * @param seen what loads are to see at least
   */
  CompletableFuture<Position> tag(int partition, String tag, String seen) {
    return store
        .invalidateTag(partition, Coherence.identity(), tag, seen)
        .thenApply(
            at -> {
              boolean isRoom = told.estimatedSize() < MOST_REMEMBERED;
              told.put(new Told(partition, isRoom ? tag : null), at); // else all stands for it
              return at;
            });
  }

  /**
   * The shared tier may have forgotten what was told lately of tags and of all keys.
   *
   * @param isLost whether it has, of what it confirmed at a place
   */
  void reopen(int partition, Predicate<Position> isLost) {
    told.asMap()
        .forEach(
            (one, at) -> {
              if (one.partition() == partition && isLost.test(at)) {
                if (one.tag() == null) {
                  clearLater(partition);
                } else {
                  tagLater(partition, one.tag());
                }
              }
            });
  }

  /** Whether the shared tier may have something of a key that was invalidated here. */
  boolean isOpen(Place place) {
    return recent.isOpen(place)
        || (!toClear.isEmpty() && toClear.contains(place.partition().number()))
        || !toTag.isEmpty();
  }

  /** Everything in a partition is to be forgotten, and the shared tier did not say that it was. */
  void clearLater(int partition) {
    toClear.add(partition);
  }

  /** A tag could not be told. */
  void tagLater(int partition, String tag) {
    if (toTag.size() < MOST_TAGS) {
      toTag.add(new TagOf(partition, tag));
    } else {
      toClear.add(partition);
    }
  }

  /** Tells what is to be told; several times a second, while the shared tier is there. */
  void tick() {
    if (recent.hasOverflowed()) {
      for (int i = 0; i < partitions; i++) {
        toClear.add(i);
      }
      recent.overflowMended(); // not sooner: until it is cleared, what is there is not trusted
    }
    toClear.tell(partition -> counted(clear.apply(partition)), MOST_AT_ONCE);
    toTag.tell(tag -> counted(tag(tag.partition(), tag.tag(), WRITER_UNKNOWN)), MOST_AT_ONCE);
    recent.forEachFailed(this::again);
  }

  private CompletableFuture<Position> counted(CompletableFuture<Position> telling) {
    return telling.thenApply(
        at -> {
          counts.sentAgain();
          return at;
        });
  }

  private void again(Place place, RecentInvalidations.Recent failed) {
    if (underWay.get() >= MOST_AT_ONCE) {
      return;
    }
    underWay.incrementAndGet();
    recent.retries(place, failed);
    String token = Coherence.text(failed.seen());
    var unused =
        store
            .invalidate(place, failed.identity(), token, SharedStore.NO_MARKER, null)
            .whenComplete(
                (at, failure) -> {
                  underWay.decrementAndGet();
                  if (failure == null) {
                    counts.sentAgain();
                    recent.ends(place, failed.identity(), at);
                  } else {
                    recent.fails(place, failed.identity());
                  }
                });
  }
}
