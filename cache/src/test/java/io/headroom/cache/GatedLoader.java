package io.headroom.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A database of one register per key, whose loads stop between the read and the answer until they
 * are let go. Loads run on threads of their own; whoever starts one goes on once it has read, so
 * that a test decides the order of everything.
 */
final class GatedLoader implements Executor {

  private static final ThreadLocal<Stopped> CURRENT = new ThreadLocal<>();

  /** A load that has read. */
  static final class Stopped {

    private final CountDownLatch gate = new CountDownLatch(1);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean fails;

    /** Lets it answer, and waits until whatever follows has been done. */
    void go() {
      gate.countDown();
      ended.join();
    }

    void fail() {
      fails = true;
      go();
    }
  }

  private final List<Stopped> stopped = new ArrayList<>();

  private CountDownLatch read = new CountDownLatch(0);

  /** Reads, stops, and answers what was read. */
  <V> V load(Supplier<V> register) {
    V value = register.get();
    Stopped load = CURRENT.get();
    synchronized (this) {
      stopped.add(load);
      read.countDown();
    }
    try {
      load.gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (load.fails) {
      throw new IllegalStateException("the database is down");
    }
    return value;
  }

  /** Loads that have read and have not answered, the first one first. */
  synchronized List<Stopped> stopped() {
    stopped.removeIf(load -> load.ended.isDone());
    return List.copyOf(stopped);
  }

  @Override
  public void execute(Runnable load) {
    CountDownLatch started = new CountDownLatch(1);
    synchronized (this) {
      read = started;
    }
    Thread thread =
        new Thread(
            () -> {
              Stopped self = new Stopped();
              CURRENT.set(self);
              try {
                load.run();
              } finally {
                self.ended.complete(null);
                started.countDown(); // it may not have read at all
              }
            });
    thread.setDaemon(true);
    thread.start();
    try {
      started.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
