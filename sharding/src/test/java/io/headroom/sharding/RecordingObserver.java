package io.headroom.sharding;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

class RecordingObserver implements ShardMapStore.Observer {

  final List<ShardMap> maps = new CopyOnWriteArrayList<>();
  final List<ShardingException> failures = new CopyOnWriteArrayList<>();
  final AtomicInteger unchanged = new AtomicInteger();

  @Override
  public void changed(ShardMap map) {
    maps.add(map);
  }

  @Override
  public void unchanged() {
    unchanged.incrementAndGet();
  }

  @Override
  public void failed(ShardingException cause) {
    failures.add(cause);
  }

  ShardMap last() {
    return maps.isEmpty() ? null : maps.get(maps.size() - 1);
  }
}
