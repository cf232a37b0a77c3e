package io.headroom.sharding;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A map in memory. Observers are told on the writer's thread. */
final class InMemoryShardMapStore implements ShardMapStore {

  private static final Logger log = LoggerFactory.getLogger(ShardMapStore.class);

  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

  /** Volatile, so that readers never wait for a writer whose observers wait for them. */
  private volatile @Nullable ShardMap map;

  private volatile boolean closed;

  @Override
  public Optional<ShardMap> current() {
    return Optional.ofNullable(map);
  }

  @Override
  public synchronized boolean compareAndSet(long expectedEpoch, ShardMap next) {
    MapChecks.requireHigher(expectedEpoch, next);
    ShardMap before = map;
    if (expectedEpoch != (before == null ? 0 : before.epoch())) {
      return false;
    }
    map = next;
    subscriptions.forEach(subscription -> subscription.tell(next));
    return true;
  }

  @Override
  public synchronized Watch watch(Observer observer) {
    if (closed) {
      throw new ShardMapStoreException(this + " is closed and cannot be watched");
    }
    Subscription subscription = new Subscription(observer);
    subscriptions.add(subscription);
    ShardMap present = map;
    if (present != null) {
      subscription.tell(present);
    } else {
      subscription.tellEmpty();
    }
    return subscription;
  }

  @Override
  public void close() {
    closed = true;
    subscriptions.forEach(Subscription::close);
  }

  @Override
  public String toString() {
    return "in-memory shard map store";
  }

  private final class Subscription implements Watch {

    private final Observer observer;
    private volatile boolean ended;

    private Subscription(Observer observer) {
      this.observer = Objects.requireNonNull(observer, "observer must not be null");
    }

    private void tell(ShardMap next) {
      guarded(() -> observer.changed(next));
    }

    private void tellEmpty() {
      guarded(
          () ->
              observer.failed(
                  new ShardMapStoreException(InMemoryShardMapStore.this + " is empty")));
    }

    private synchronized void guarded(Runnable call) {
      if (ended) {
        return;
      }
      try {
        call.run();
      } catch (RuntimeException e) {
        log.warn("an observer of the in-memory store threw; the watch goes on", e);
      }
    }

    @Override
    public void close() {
      ended = true;
      subscriptions.remove(this);
      synchronized (this) {
        // a call under way is over now, unless it is this thread's own: then none starts after it
      }
    }
  }
}
