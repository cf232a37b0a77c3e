package io.headroom.spring.boot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Does the same for each shard, so many at a time. */
final class EachShard {

  private EachShard() {}

  /**
   * Does something for each shard, and waits until all of it is done.
   *
   * @param parallel how many at a time, 1 or more
   * @param threads what the threads are called
   * @param work what to do with a shard, by its name; what it throws is thrown here, once all ends
   * @return what came of each, in the order of the shards
   */
  static <T> Map<String, T> run(
      Collection<String> shards, int parallel, String threads, Function<String, T> work) {
    Map<String, T> results = new LinkedHashMap<>();
    if (shards.size() <= 1) {
      shards.forEach(shard -> results.put(shard, work.apply(shard)));
      return results;
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(Math.min(parallel, shards.size()), daemons(threads));
    try {
      List<CompletableFuture<T>> begun = new ArrayList<>();
      shards.forEach(
          shard -> begun.add(CompletableFuture.supplyAsync(() -> work.apply(shard), executor)));
      CompletableFuture.allOf(begun.toArray(CompletableFuture<?>[]::new))
          .exceptionally(e -> null)
          .join();
      int index = 0;
      for (String shard : shards) {
        results.put(shard, resultOf(begun.get(index++)));
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }

  private static <T> T resultOf(CompletableFuture<T> done) {
    try {
      return done.join();
    } catch (CompletionException | CancellationException failure) {
      if (failure.getCause() instanceof RuntimeException unexpected) {
        throw unexpected;
      }
      if (failure.getCause() instanceof Error unexpected) {
        throw unexpected;
      }
      throw failure;
    }
  }

  /** As whoever waits for them: with its class loader, since code may look up resources by it. */
  private static ThreadFactory daemons(String name) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      thread.setContextClassLoader(loader);
      return thread;
    };
  }
}
