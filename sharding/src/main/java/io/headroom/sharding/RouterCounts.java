package io.headroom.sharding;

import java.util.concurrent.atomic.LongAdder;

/** What has happened to a router's map so far, for its metrics. Thread-safe. */
final class RouterCounts implements ShardingListener {

  private final LongAdder mapsRefused = new LongAdder();
  private final LongAdder readsFailed = new LongAdder();
  private final LongAdder refreshesNewer = new LongAdder();
  private final LongAdder refreshesSame = new LongAdder();
  private volatile boolean storeLost;

  @Override
  public void onMapRefused(ShardMapException reason) {
    mapsRefused.increment();
  }

  @Override
  public void onStoreReadFailed(ShardingException cause) {
    readsFailed.increment();
  }

  @Override
  public void onStoreLost(ShardingException cause) {
    storeLost = true;
  }

  @Override
  public void onStoreBack(long lostNanos) {
    storeLost = false;
  }

  @Override
  public void onRefreshed(boolean newer) {
    (newer ? refreshesNewer : refreshesSame).increment();
  }

  long mapsRefused() {
    return mapsRefused.sum();
  }

  long readsFailed() {
    return readsFailed.sum();
  }

  long refreshes(boolean newer) {
    return (newer ? refreshesNewer : refreshesSame).sum();
  }

  boolean storeLost() {
    return storeLost;
  }
}
