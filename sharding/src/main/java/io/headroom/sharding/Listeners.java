package io.headroom.sharding;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several listeners as one, whose exceptions end here. */
final class Listeners implements ShardingListener {

  private static final Logger log = LoggerFactory.getLogger(ShardRouter.class);

  private final List<ShardingListener> all;

  Listeners(ShardingListener own, List<ShardingListener> others) {
    this.all = new CopyOnWriteArrayList<>(Stream.concat(Stream.of(own), others.stream()).toList());
  }

  /** One more from now on: a data source that is built over the router. */
  void add(ShardingListener listener) {
    all.add(listener);
  }

  void remove(ShardingListener listener) {
    all.remove(listener);
  }

  @Override
  public void onMapChanged(long fromEpoch, long toEpoch) {
    each(listener -> listener.onMapChanged(fromEpoch, toEpoch));
  }

  @Override
  public void onMapRefused(ShardMapException reason) {
    each(listener -> listener.onMapRefused(reason));
  }

  @Override
  public void onStoreReadFailed(ShardingException cause) {
    each(listener -> listener.onStoreReadFailed(cause));
  }

  @Override
  public void onStoreLost(ShardingException cause) {
    each(listener -> listener.onStoreLost(cause));
  }

  @Override
  public void onStoreBack(long lostNanos) {
    each(listener -> listener.onStoreBack(lostNanos));
  }

  @Override
  public void onRefreshed(boolean newer) {
    each(listener -> listener.onRefreshed(newer));
  }

  @Override
  public void onFenced(String shardId, int slot) {
    each(listener -> listener.onFenced(shardId, slot));
  }

  @Override
  public void onStale(String shardId, long mapEpoch) {
    each(listener -> listener.onStale(shardId, mapEpoch));
  }

  @Override
  public void onScattered(int shards, int failedShards, long nanos) {
    each(listener -> listener.onScattered(shards, failedShards, nanos));
  }

  private void each(Consumer<ShardingListener> call) {
    for (ShardingListener listener : all) {
      try {
        call.accept(listener);
      } catch (RuntimeException e) {
        log.warn("sharding listener {} threw; routing goes on", listener.getClass().getName(), e);
      }
    }
  }
}
