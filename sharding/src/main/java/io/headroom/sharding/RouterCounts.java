package io.headroom.sharding;

import java.util.concurrent.atomic.LongAdder;

/** What has happened to a router's map and connections so far, for its metrics. Thread-safe. */
final class RouterCounts implements ShardingListener {

  private final LongAdder mapsRefused = new LongAdder();
  private final LongAdder readsFailed = new LongAdder();
  private final LongAdder refreshesNewer = new LongAdder();
  private final LongAdder refreshesSame = new LongAdder();
  private final LongAdder fenced = new LongAdder();
  private final LongAdder stale = new LongAdder();
  private final LongAdder scatters = new LongAdder();
  private final LongAdder scatterNanos = new LongAdder();
  private final LongAdder scatterShardsFailed = new LongAdder();
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

  @Override
  public void onFenced(String shardId, int slot) {
    fenced.increment();
  }

  @Override
  public void onStale(String shardId, long mapEpoch) {
    stale.increment();
  }

  @Override
  public void onScattered(int shards, int failedShards, long nanos) {
    scatters.increment();
    scatterNanos.add(nanos);
    scatterShardsFailed.add(failedShards);
  }

  long fenced() {
    return fenced.sum();
  }

  long stale() {
    return stale.sum();
  }

  long scatters() {
    return scatters.sum();
  }

  long scatterNanos() {
    return scatterNanos.sum();
  }

  long scatterShardsFailed() {
    return scatterShardsFailed.sum();
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
