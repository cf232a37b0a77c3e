package io.headroom.cache;

import java.lang.ref.Cleaner;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Native contexts at rest, to be used again: making one takes several times as long as the work on
 * a small value. At most one for each processor is kept; they are freed when their owner is no
 * longer reachable. Thread-safe.
 */
final class IdleContexts<C> {

  private static final Cleaner CLEANER = Cleaner.create();

  private final Queue<C> idle =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());
  private final Supplier<C> maker;
  private final Consumer<C> freer;

  IdleContexts(Supplier<C> maker, Consumer<C> freer) {
    this.maker = maker;
    this.freer = freer;
  }

  C take() {
    C context = idle.poll();
    return context == null ? maker.get() : context;
  }

  void giveBack(C context) {
    if (!idle.offer(context)) {
      freer.accept(context);
    }
  }

  /** The owner has to stay reachable until it has given back what it took. */
  void freeWith(Object owner) {
    CLEANER.register(owner, this::free);
  }

  void free() {
    for (C context = idle.poll(); context != null; context = idle.poll()) {
      freer.accept(context);
    }
  }
}
