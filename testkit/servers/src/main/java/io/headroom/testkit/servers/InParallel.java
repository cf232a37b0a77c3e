package io.headroom.testkit.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One step for each of several servers, all at the same time. */
final class InParallel {

  private InParallel() {}

  /** Runs a step for each item on a thread of its own, and waits for all of them. */
  static <T> void run(List<T> items, Consumer<T> step) {
    map(
        items,
        item -> {
          step.accept(item);
          return item;
        },
        item -> {});
  }

  /** As {@link #run}; if one step fails, what the others have made is undone. */
  static <T, R> List<R> map(List<T> items, Function<T, R> step, Consumer<R> undo) {
    if (items.isEmpty()) {
      return List.of();
    }
    ExecutorService threads = Executors.newFixedThreadPool(items.size());
    List<CompletableFuture<R>> futures =
        items.stream()
            .map(item -> CompletableFuture.supplyAsync(() -> step.apply(item), threads))
            .toList();
    threads.shutdown();
    List<R> results = new ArrayList<>();
    RuntimeException failure = null;
    for (CompletableFuture<R> future : futures) {
      try {
        results.add(future.join());
      } catch (CompletionException wrapper) {
        failure = combined(failure, Objects.requireNonNullElse(wrapper.getCause(), wrapper));
      }
    }
    if (failure != null) {
      results.forEach(undo);
      throw failure;
    }
    return List.copyOf(results);
  }

  private static RuntimeException combined(@Nullable RuntimeException first, Throwable next) {
    if (first != null) {
      first.addSuppressed(next);
      return first;
    }
    return next instanceof RuntimeException known
        ? known
        : new ServerException("A server failed: " + next, next);
  }
}
