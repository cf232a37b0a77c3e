package io.headroom.cache;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of those who ask for many keys at once: each key is asked for as by {@link Asking},
 * and what is to be loaded is so with one call. Thread-safe.
 */
final class AskingMany<K, V> {

  private final Asking<K, V> asking;
  private final LocalTier<K, V> local;
  private final LoadRunner<K, V> runner;
  private final Source<K, V> source;
  private final Patience patience;
  private final TimeSource time;
  private final CacheCounts counts;

  AskingMany(
      Asking<K, V> asking,
      Source<K, V> source,
      Patience patience,
      TimeSource time,
      CacheCounts counts) {
    this.asking = asking;
    this.local = asking.local();
    this.runner = asking.runner();
    this.source = source;
    this.patience = patience;
    this.time = time;
    this.counts = counts;
  }

  /**
   * One caller's questions.
   *
   * @param answers what has been found so far
   * @param open what is being loaded, or may be
   * @param apart what this process has not heard of yet
   * @param longest how long the caller waits for a key, as of now
   * @param longestWithStale the same, where there is something stale
   */
  private record Asked<K, V>(
      ManyAnswers<K, V> answers,
      List<Question<K, V>> open,
      Set<K> apart,
      RequestContext context,
      long longest,
      long longestWithStale) {

    long longest(Question<K, V> question) {
      return question.hasStale() ? longestWithStale : longest;
    }
  }

  /** Answers one who stays until each key has its answer. */
  Map<K, V> getAll(Set<K> keys, long nowNanos) {
    Asked<K, V> asked = ask(keys, nowNanos, true);
    ManyAnswers<K, V> answers = asked.answers();
    for (K key : asked.apart()) {
      answers.ask(key, () -> asking.apart(key, asked.context()));
    }
    for (Question<K, V> question : asked.open()) {
      K key = question.key();
      answers.ask(
          key,
          () -> {
            Entry<V> answer = question.await(left(asked.longest(question), nowNanos), nowNanos);
            return answer == null
                ? asking.get(key, local.find(key), time.nanoTime())
                : answer.value();
          });
    }
    return answers.result(asking.cache());
  }

  /** What is left of the longest wait. */
  private long left(long longest, long nowNanos) {
    return longest == Patience.FOREVER
        ? longest
        : Math.max(0, longest - (time.nanoTime() - nowNanos));
  }

  /** As {@link #getAll}, without holding the caller up: whatever it throws, the future does. */
  CompletableFuture<Map<K, V>> getAllAsync(Set<K> keys, long nowNanos) {
    try {
      Asked<K, V> asked = ask(keys, nowNanos, false);
      ManyAnswers<K, V> answers = asked.answers();
      Map<K, CompletableFuture<@Nullable V>> coming = new LinkedHashMap<>();
      for (Question<K, V> question : asked.open()) {
        long left = left(asked.longest(question), nowNanos);
        coming.put(question.key(), asking.whenAnswered(question, left, nowNanos, asked.context()));
      }
      List<CompletableFuture<?>> all = new ArrayList<>(coming.values());
      CompletableFuture<@Nullable Void> apart =
          asked.apart().isEmpty()
              ? CompletableFuture.completedFuture(null)
              : runner.call(() -> askApart(asked), asked.context());
      all.add(apart);
      return whenAll(all)
          .thenApply(
              ended -> {
                apart.join(); // what is no answer to one key is none to all
                coming.forEach((key, answer) -> answers.ask(key, answer::join));
                return answers.result(asking.cache());
              });
    } catch (RuntimeException | Error failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** Done when all have ended, well or not. */
  private static CompletableFuture<@Nullable Void> whenAll(List<CompletableFuture<?>> some) {
    return CompletableFuture.allOf(some.toArray(CompletableFuture<?>[]::new))
        .exceptionally(failure -> null);
  }

  private @Nullable Void askApart(Asked<K, V> asked) {
    asked
        .apart()
        .forEach(key -> asked.answers().ask(key, () -> asking.apart(key, asked.context())));
    return null;
  }

  /**
   * Finds what is there, and has loaded what nobody else is loading.
   *
   * @param stays whether the caller's thread may load
   */
  private Asked<K, V> ask(Set<K> keys, long nowNanos, boolean stays) {
    RequestContext request = RequestContext.current();
    RequestContext context = stays ? request : runner.carried(request);
    boolean isPrivate = context.inWriteTransaction();
    ManyAnswers<K, V> answers = new ManyAnswers<>();
    Set<K> missing = new LinkedHashSet<>();
    Set<K> apart = new LinkedHashSet<>();
    List<Question<K, V>> questions = new ArrayList<>();
    for (K key : keys) {
      Entry<V> known = local.find(key);
      if (known != null && asking.hits(key, known, nowNanos, context)) {
        answers.add(key, known);
      } else if (isPrivate) {
        missing.add(key);
      } else if (source.isBehind(key, context)) {
        apart.add(key);
      } else if (context.knownToken().isEmpty()) {
        questions.add(asking.question(key, known, nowNanos));
      } else {
        questions.add(asking.question(key, local.find(key), time.nanoTime()));
      }
    }
    if (!missing.isEmpty()) {
      addPrivately(answers, missing);
    }
    long longest = patience.nanos(false, context); // as of now: what follows is part of it
    long longestWithStale = patience.nanos(true, context);
    List<Question<K, V>> open = loadAll(questions, answers, context, nowNanos, stays);
    return new Asked<>(answers, open, apart, context, longest, longestWithStale);
  }

  /** Loads with one call what nobody else is loading; returns what is to be waited for. */
  private List<Question<K, V>> loadAll(
      List<Question<K, V>> questions,
      ManyAnswers<K, V> answers,
      RequestContext context,
      long nowNanos,
      boolean stays) {
    List<Question<K, V>> open = new ArrayList<>();
    Map<K, Load<V>> own = new LinkedHashMap<>();
    boolean mayLeave = !stays;
    try {
      long asOf = context.knownToken().isEmpty() ? nowNanos : time.nanoTime();
      for (Question<K, V> question : questions) {
        Entry<V> answer = question.atOnce(asOf);
        if (answer != null) {
          answers.add(question.key(), answer);
        } else {
          open.add(question);
          mayLeave |= patience.mayLeave(question.hasStale());
          if (question.isOwn()) {
            own.put(question.key(), question.load());
          }
        }
      }
    } catch (RuntimeException | Error failure) {
      own.forEach((key, load) -> runner.abandon(key, load, failure));
      throw failure;
    }
    if (own.isEmpty()) {
      return open;
    }
    if (mayLeave) {
      runner.elsewhere(own, context);
    } else {
      runner.runAll(own);
    }
    return open;
  }

  /** As {@link Asking} does with one key, and with one call. */
  private void addPrivately(ManyAnswers<K, V> answers, Set<K> keys) {
    try {
      Loading.Many<K, V> many = runner.allPrivately(keys);
      many.values().forEach(answers::add);
      many.failures().forEach((key, why) -> answers.fails(key, asking.privatelyFailed(why)));
    } catch (Exception failure) {
      keys.forEach(key -> answers.fails(key, asking.privatelyFailed(failure)));
    }
    for (int i = answers.failed(); i < keys.size(); i++) {
      counts.served(Served.PRIVATE);
    }
  }
}
