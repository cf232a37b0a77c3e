package io.headroom.sharding;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

class RecordingListener implements ShardingListener {

  final List<Long> changes = new CopyOnWriteArrayList<>();
  final List<ShardMapException> refused = new CopyOnWriteArrayList<>();
  final List<ShardingException> lost = new CopyOnWriteArrayList<>();
  final List<Long> back = new CopyOnWriteArrayList<>();
  final List<Boolean> refreshes = new CopyOnWriteArrayList<>();
  final AtomicInteger readsFailed = new AtomicInteger();

  @Override
  public void onMapChanged(String router, long fromEpoch, long toEpoch) {
    changes.add(toEpoch);
  }

  @Override
  public void onMapRefused(String router, ShardMapException reason) {
    refused.add(reason);
  }

  @Override
  public void onStoreReadFailed(String router, ShardingException cause) {
    readsFailed.incrementAndGet();
  }

  @Override
  public void onStoreLost(String router, ShardingException cause) {
    lost.add(cause);
  }

  @Override
  public void onStoreBack(String router, long lostNanos) {
    back.add(lostNanos);
  }

  @Override
  public void onRefreshed(String router, boolean newer) {
    refreshes.add(newer);
  }
}
