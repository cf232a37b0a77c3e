package io.headroom.cache;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * What the shared tier is to be told until it has said that it has heard. What is added while it is
 * being told is told once more, since the first telling may have come before the reason for the
 * second. Thread-safe.
 */
final class Untold<T> {

  private final ConcurrentMap<T, Long> open = new ConcurrentHashMap<>();
  private final Set<T> underway = ConcurrentHashMap.newKeySet();
  private final AtomicLong added = new AtomicLong();

  /** It is to be told, from now on. */
  void add(T one) {
    open.put(one, added.incrementAndGet());
  }

  /** Whether it has not been told yet, or is being told. */
  boolean contains(T one) {
    return open.containsKey(one);
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  int size() {
    return open.size();
  }

  /**
   * Tells what is not being told already.
   *
   * @param how tells one; what it returns fails if that is to be done again
   * @param most how many may be under way
   */
  void tell(Function<T, CompletableFuture<?>> how, int most) {
    open.forEach(
        (one, time) -> {
          if (underway.size() < most && underway.add(one)) {
            var unused =
                how.apply(one)
                    .whenComplete(
                        (done, failure) -> {
                          if (failure == null) {
                            open.remove(one, time);
                          }
                          underway.remove(one);
                        });
          }
        });
  }
}
