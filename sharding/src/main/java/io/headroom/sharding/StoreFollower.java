package io.headroom.sharding;

import io.headroom.TimeSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a router's map in step with its store. Whatever the store does, the last good map stays in
 * force; each change between good and bad is logged and reported once.
 */
final class StoreFollower implements ShardMapStore.Observer, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ShardRouter.class);

  private final ShardRouter<?> router;
  private final ShardMapStore store;
  private final Listeners listeners;
  private final TimeSource time;
  private final ShardMapStore.Watch watch;

  private final Object reading = new Object();
  private final AtomicLong readsBegun = new AtomicLong();

  /** Whether the store's map is not in force. Guarded by this, as the next. */
  private boolean lost;

  private long lostAtNanos;

  /** What the watch told last: where it isn't in force, "unchanged" is no good news. */
  private volatile ShardMap told;

  StoreFollower(ShardRouter<?> router, ShardMapStore store, Listeners listeners, TimeSource time) {
    this.router = router;
    this.store = store;
    this.listeners = listeners;
    this.time = time;
    this.told = router.map();
    this.watch = store.watch(this);
  }

  /** The first map of a router, which has nothing to fall back on. */
  static ShardMap load(String router, ShardMapStore store) {
    Optional<ShardMap> first;
    try {
      first = store.current();
    } catch (ShardMapStoreException e) {
      throw new ShardMapStoreException(
          "router '"
              + router
              + "' cannot start without its first map: "
              + e.getMessage()
              + ". See that the store can be reached from here, and start again; or start with"
              + " map(...), which follows no store",
          e);
    }
    if (first.isEmpty()) {
      throw new ShardMapStoreException(
          "router '"
              + router
              + "' cannot start: "
              + store
              + " is empty. Store a first map with compareAndSet(0, map)");
    }
    return first.get();
  }

  /** Reads the store unless another caller's read, begun after this call, has done it. */
  void refresh() {
    long begunBefore = readsBegun.get();
    synchronized (reading) {
      if (readsBegun.get() != begunBefore) {
        return;
      }
      readsBegun.incrementAndGet();
      read();
    }
  }

  private void read() {
    try {
      Optional<ShardMap> stored = store.current();
      if (stored.isEmpty()) {
        throw new ShardMapStoreException(store + " has become empty");
      }
      accept(stored.get());
    } catch (ShardingException e) {
      failed(e);
    }
  }

  @Override
  public void changed(ShardMap map) {
    told = map;
    if (map.epoch() < router.map().epoch()) {
      // perhaps a refresh has overtaken this read: only a fresh one can tell
      refresh();
    } else {
      accept(map);
    }
  }

  private void accept(ShardMap map) {
    try {
      router.update(map);
    } catch (ShardMapException e) {
      bad(e);
      return;
    }
    good();
  }

  @Override
  public void unchanged() {
    if (ShardRouter.isSame(told, router.map())) {
      router.confirmed();
      good();
    }
  }

  @Override
  public void failed(ShardingException cause) {
    listeners.onStoreReadFailed(cause);
    bad(cause);
  }

  private void bad(ShardingException cause) {
    synchronized (this) {
      if (lost) {
        return;
      }
      lost = true;
      lostAtNanos = time.nanoTime();
    }
    LOG.warn(
        "router '{}' goes on with the map of epoch {}, since {} gives no better one: {}",
        router.name(),
        router.map().epoch(),
        store,
        cause.getMessage());
    listeners.onStoreLost(cause);
  }

  private void good() {
    long lostNanos;
    synchronized (this) {
      if (!lost) {
        return;
      }
      lost = false;
      lostNanos = time.nanoTime() - lostAtNanos;
    }
    LOG.info(
        "router '{}' follows {} again, at epoch {} after {} ms",
        router.name(),
        store,
        router.map().epoch(),
        lostNanos / 1_000_000);
    listeners.onStoreBack(lostNanos);
  }

  @Override
  public void close() {
    watch.close();
  }
}
