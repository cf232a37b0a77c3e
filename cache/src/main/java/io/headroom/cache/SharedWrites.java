package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.TimeSource;
import io.headroom.cache.Layout.Place;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a process has all others forget, or see. What the shared tier does not confirm is told again
 * until it does; meanwhile this process does without it for that key. Thread-safe.
 */
final class SharedWrites<K, V> {

  /** So many are under way together: more would wait for each other longer than for Redis. */
  private static final int MOST_AT_ONCE = 200;

  private final SharedStore store;
  private final Coherence<K> coherence;
  private final LocalTier<K, V> local;
  private final Entries<K, V> entries;
  private final RecentInvalidations<Place> recent;
  private final Sealing<K, V> sealing;
  private final TierAnswers answers;
  private final TimeSource time;
  private final SharedCounts counts;
  private final Outgoing outgoing = new Outgoing(MOST_AT_ONCE);

  SharedWrites(
      SharedStore store,
      Coherence<K> coherence,
      LocalTier<K, V> local,
      Entries<K, V> entries,
      RecentInvalidations<Place> recent,
      Sealing<K, V> sealing,
      TierAnswers answers,
      TimeSource time,
      SharedCounts counts) {
    this.store = store;
    this.coherence = coherence;
    this.local = local;
    this.entries = entries;
    this.recent = recent;
    this.sealing = sealing;
    this.answers = answers;
    this.time = time;
    this.counts = counts;
  }

  /** A transaction is about to change keys. */
  CompletableFuture<Void> mark(Map<K, byte[]> markers, Writer writer) {
    Map<Place, byte[]> places = new LinkedHashMap<>();
    markers.forEach((key, marker) -> places.put(coherence.place(key), marker)); // all, or none
    return each(
        places.entrySet(),
        writer,
        one -> store.mark(one.getKey(), one.getValue()),
        (one, answer) -> answers.then(answer, writer, marked -> {}));
  }

  /**
   * Forgets keys: in the shared tier first, or a reader might bring them back from there. For a
   * writer who goes on they are announced first, and then forgotten here, once: what has been
   * loaded or put here since has seen the write, whether or not the shared tier has an answer yet.
   */
  CompletableFuture<Void> forget(Set<K> keys, Writer writer, byte[] marker) {
    Map<K, Place> places = new LinkedHashMap<>();
    keys.forEach(key -> places.put(key, coherence.place(key))); // all, or nothing is done
    CompletableFuture<ConsistencyToken> written = writer.seen();
    if (writer.waits()) {
      return written.thenCompose(seen -> tell(places, seen, writer, marker));
    }
    recent.announces(places.values()); // so that nobody asks the shared tier for them
    CompletableFuture<Void> told;
    try {
      keys.forEach(local::remove);
    } finally { // in any case, or they would stay announced
      told = written.thenCompose(seen -> tell(places, seen, writer, marker));
    }
    return told;
  }

  private CompletableFuture<Void> tell(
      Map<K, Place> places, ConsistencyToken seen, Writer writer, byte[] marker) {
    return each(
        places.entrySet(),
        writer,
        one -> send(one.getValue(), seen, marker, null, writer),
        (one, sent) ->
            answers.then(
                sent.done(),
                writer,
                at -> {
                  ended(sent, at, writer);
                  if (writer.waits()) {
                    local.remove(one.getKey());
                  }
                }));
  }

  /** Sends each, and deals with its answer: for one who goes on, each in its turn. */
  private <T, S> CompletableFuture<Void> each(
      Collection<T> all,
      Writer writer,
      Function<T, S> send,
      BiFunction<T, S, CompletableFuture<Void>> answered) {
    if (writer.waits()) {
      inTurns(all, send, answered);
      return CompletableFuture.completedFuture(null);
    }
    List<CompletableFuture<Void>> told = new ArrayList<>(all.size());
    for (T one : all) {
      told.add(outgoing.tell(isLate -> answered.apply(one, send.apply(one))));
    }
    return Changes.all(told);
  }

  /** Sends some, waits for their answers, and only then sends the next. */
  private static <T, S> void inTurns(
      Collection<T> all, Function<T, S> send, BiFunction<T, S, CompletableFuture<Void>> answered) {
    List<T> list = new ArrayList<>(all);
    for (int from = 0; from < list.size(); from += MOST_AT_ONCE) {
      List<T> some = list.subList(from, Math.min(list.size(), from + MOST_AT_ONCE));
      List<S> sent = some.stream().map(send).toList();
      for (int i = 0; i < sent.size(); i++) {
        var unused = answered.apply(some.get(i), sent.get(i)); // has waited
      }
    }
  }

  /** Tells of a key, which from then on need not be announced. */
  private Sent send(
      Place place,
      ConsistencyToken seen,
      byte[] marker,
      @Nullable SharedValue value,
      Writer writer) {
    long identity = Coherence.identity();
    recent.begins(place, seen, identity);
    if (!writer.waits()) {
      recent.hasTold(List.of(place));
    }
    return new Sent(
        place,
        identity,
        sent(() -> store.invalidate(place, identity, Coherence.text(seen), marker, value)));
  }

  /** What could not even be sent has no answer either: it is told again. */
  private static <A> CompletableFuture<A> sent(Supplier<CompletableFuture<A>> sending) {
    try {
      return sending.get();
    } catch (RuntimeException | Error failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** An invalidation that has no answer yet. */
  private record Sent(Place place, long identity, CompletableFuture<Position> done) {}

  /**
   * An invalidation has a number, which the writer's request is to know of.
   *
   * @param at the number; null if it is not known to have happened
   */
  private void ended(Sent sent, @Nullable Position at, Writer writer) {
    Partition partition = sent.place().partition();
    if (at == null) {
      recent.fails(sent.place(), sent.identity());
      counts.notSent();
      // Behind all epochs: another process may be in a later one already than this one knows of.
      writer
          .request()
          .observe(ConsistencyToken.of(partition.domain(), Long.MAX_VALUE, Position.UNKNOWN));
      return;
    }
    counts.sent();
    recent.ends(sent.place(), sent.identity(), at);
    writer
        .request()
        .observe(ConsistencyToken.of(partition.domain(), at.incarnation(), at.position()));
  }

  /**
   * Keeps a value: here as well before it is told, for a writer who goes on. Where too much is
   * under way to send it at once, the shared tier forgets the key instead, since a value that is
   * sent later may land after a newer invalidation.
   *
   * @param load what an entry stands on that is made now
   */
  CompletableFuture<Void> put(K key, V value, Load<V> load, Writer writer) {
    List<String> tags = entries.tags(key, value); // the user's own, which may throw
    local.reserveAnew(key, load);
    try {
      load.begins();
      ConsistencyToken seen = writer.seenAtOnce();
      SharedValue sealed = sealing.seal(key, value, 0);
      Place place = Objects.requireNonNull(load.place());
      CompletableFuture<Void> told = tell(place, seen, sealed, writer);
      Entry<V> entry = entries.loaded(value, tags, load, time.nanoTime(), 0);
      local.publishOrRemove(key, load, entry);
      load.ends(entry, Served.LOCAL);
      return told;
    } catch (RuntimeException | Error failure) {
      local.remove(key);
      load.fails(failure, true); // who has waited for it asks anew
      throw failure;
    }
  }

  private CompletableFuture<Void> tell(
      Place place, ConsistencyToken seen, @Nullable SharedValue value, Writer writer) {
    Outgoing.Tell tell =
        isLate -> {
          Sent sent = send(place, seen, SharedStore.NO_MARKER, isLate ? null : value, writer);
          return answers.then(sent.done(), writer, at -> ended(sent, at, writer));
        };
    if (writer.waits()) {
      return tell.begin(false);
    }
    recent.announces(List.of(place));
    return outgoing.tell(tell);
  }

  /** Forgets what has a tag. */
  CompletableFuture<Void> forgetTag(String tag, Writer writer) {
    return everywhere(
        writer,
        () -> local.removeTag(tag),
        (partition, seen) -> coherence.retelling().tag(partition.number(), tag, seen),
        partition -> coherence.retelling().tagLater(partition, tag));
  }

  /** Forgets everything. */
  CompletableFuture<Void> forgetAll(Writer writer) {
    return everywhere(
        writer, this::forgetAllHere, coherence::clear, coherence.retelling()::clearLater);
  }

  private void forgetAllHere() {
    for (Partition partition : coherence.partitions()) {
      partition.forgetAll(time.nanoTime());
    }
    local.clear();
  }

  /**
   * Forgets something in all partitions.
   *
   * @param here forgets it in this process
   * @param send has it forgotten in a partition; loads there are to see at least what it is given
   * @param later has a partition told again
   */
  private CompletableFuture<Void> everywhere(
      Writer writer,
      Runnable here,
      BiFunction<Partition, String, CompletableFuture<Position>> send,
      IntConsumer later) {
    CompletableFuture<ConsistencyToken> written = writer.seen();
    if (writer.waits()) {
      return written.thenCompose(seen -> tellAll(seen, writer, send, later)).thenRun(here);
    }
    recent.announcesAll(); // so that nobody asks the shared tier for anything
    CompletableFuture<Void> told;
    try {
      here.run(); // once, as of keys
    } finally {
      told =
          written
              .thenCompose(seen -> tellAll(seen, writer, send, later))
              .whenComplete((done, failure) -> recent.hasToldAll());
    }
    return told;
  }

  private CompletableFuture<Void> tellAll(
      ConsistencyToken seen,
      Writer writer,
      BiFunction<Partition, String, CompletableFuture<Position>> send,
      IntConsumer later) {
    recent.allSee(seen);
    return each(
        List.of(coherence.partitions()),
        writer,
        partition -> sent(() -> send.apply(partition, Coherence.text(seen))),
        (partition, answer) -> answers.then(answer, writer, at -> ended(partition, at, later)));
  }

  private void ended(Partition partition, @Nullable Position at, IntConsumer later) {
    if (at == null) {
      counts.notSent();
      later.accept(partition.number());
    } else {
      counts.sent();
    }
  }
}
