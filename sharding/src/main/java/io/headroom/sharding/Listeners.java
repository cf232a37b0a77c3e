package io.headroom.sharding;

import io.headroom.Audience;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Tells a router's listeners, whatever they throw. */
final class Listeners {

  private final String router;
  private final Audience<ShardingListener> all;

  /** What was noted under a lock and is still to be told, in its order. */
  private final Queue<Consumer<ShardingListener>> noted = new ConcurrentLinkedQueue<>();

  /** Whether a thread is telling; it tells what others note meanwhile. */
  private final AtomicBoolean telling = new AtomicBoolean();

  Listeners(String router, ShardingListener own, List<ShardingListener> others) {
    this.router = router;
    this.all =
        Audience.of(
            ShardRouter.class,
            "router '" + router + "'",
            Stream.concat(Stream.of(own), others.stream()).toList());
  }

  /** One more from now on: a data source that is built over the router. */
  void add(ShardingListener listener) {
    all.add(listener);
  }

  void remove(ShardingListener listener) {
    all.remove(listener);
  }

  public void onMapChanged(long fromEpoch, long toEpoch) {
    all.tell(listener -> listener.onMapChanged(router, fromEpoch, toEpoch));
  }

  public void onMapRefused(ShardMapException reason) {
    all.tell(listener -> listener.onMapRefused(router, reason));
  }

  public void onStoreReadFailed(ShardingException cause) {
    all.tell(listener -> listener.onStoreReadFailed(router, cause));
  }

  public void onStoreLost(ShardingException cause) {
    all.tell(listener -> listener.onStoreLost(router, cause));
  }

  public void onStoreBack(long lostNanos) {
    all.tell(listener -> listener.onStoreBack(router, lostNanos));
  }

  public void onRefreshed(boolean newer) {
    all.tell(listener -> listener.onRefreshed(router, newer));
  }

  public void onFenced(String shardId, int slot) {
    all.tell(listener -> listener.onFenced(router, shardId, slot));
  }

  public void onStale(String shardId, long mapEpoch) {
    all.tell(listener -> listener.onStale(router, shardId, mapEpoch));
  }

  public void onScattered(int shards, int failedShards, long nanos) {
    all.tell(listener -> listener.onScattered(router, shards, failedShards, nanos));
  }

  /** Notes what happened, to be told by {@link #tellNoted} once the caller has left its lock. */
  void note(Consumer<ShardingListener> event) {
    noted.add(event);
  }

  /**
   * Tells what was noted, in order and never two at a time. Returns at once where another thread is
   * telling, or this one is within a listener: whoever is at it goes on until nothing is left.
   */
  void tellNoted() {
    while (!noted.isEmpty() && telling.compareAndSet(false, true)) {
      try {
        for (Consumer<ShardingListener> one = noted.poll(); one != null; one = noted.poll()) {
          all.tell(one);
        }
      } finally {
        telling.set(false);
      }
    }
  }
}
