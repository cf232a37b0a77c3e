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
  public void onMapRefused(String router, ShardMapException reason) {
    mapsRefused.increment();
  }

  @Override
  public void onStoreReadFailed(String router, ShardingException cause) {
    readsFailed.increment();
  }

  @Override
  public void onStoreLost(String router, ShardingException cause) {
    storeLost = true;
  }

  @Override
  public void onStoreBack(String router, long lostNanos) {
    storeLost = false;
  }

  @Override
  public void onRefreshed(String router, boolean newer) {
    (newer ? refreshesNewer : refreshesSame).increment();
  }

  @Override
  public void onFenced(String router, String shardId, int slot) {
    fenced.increment();
  }

  @Override
  public void onStale(String router, String shardId, long mapEpoch) {
    stale.increment();
  }

  @Override
  public void onScattered(String router, int shards, int failedShards, long nanos) {
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
