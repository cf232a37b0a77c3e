package io.headroom.sharding;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

class RecordingListener implements ShardingListener {

  final List<Long> changes = new CopyOnWriteArrayList<>();
  final List<ShardMapException> refused = new CopyOnWriteArrayList<>();
  final List<ShardingException> lost = new CopyOnWriteArrayList<>();
  final List<Long> back = new CopyOnWriteArrayList<>();
  final List<Boolean> refreshes = new CopyOnWriteArrayList<>();
  final AtomicInteger readsFailed = new AtomicInteger();

  /** Which routers were told of. */
  final Set<String> toldOf = ConcurrentHashMap.newKeySet();

  @Override
  public void onMapChanged(String router, long fromEpoch, long toEpoch) {
    toldOf.add(router);
    changes.add(toEpoch);
  }

  @Override
  public void onMapRefused(String router, ShardMapException reason) {
    toldOf.add(router);
    refused.add(reason);
  }

  @Override
  public void onStoreReadFailed(String router, ShardingException cause) {
    toldOf.add(router);
    readsFailed.incrementAndGet();
  }

  @Override
  public void onStoreLost(String router, ShardingException cause) {
    toldOf.add(router);
    lost.add(cause);
  }

  @Override
  public void onStoreBack(String router, long lostNanos) {
    toldOf.add(router);
    back.add(lostNanos);
  }

  @Override
  public void onRefreshed(String router, boolean newer) {
    toldOf.add(router);
    refreshes.add(newer);
  }
}
