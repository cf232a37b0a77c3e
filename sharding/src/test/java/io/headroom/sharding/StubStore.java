package io.headroom.sharding;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A store whose reads a test holds up, or lets fail, and whose watch the test drives. */
final class StubStore implements ShardMapStore {

  final AtomicInteger reads = new AtomicInteger();
  final AtomicInteger watchesClosed = new AtomicInteger();
  final Semaphore permits = new Semaphore(Integer.MAX_VALUE);
  volatile ShardMap map;
  volatile ShardingException failure;
  volatile Observer observer;

  StubStore(ShardMap map) {
    this.map = map;
  }

  @Override
  public Optional<ShardMap> current() {
    reads.incrementAndGet();
    permits.acquireUninterruptibly();
    permits.release();
    if (failure != null) {
      throw failure;
    }
    return Optional.ofNullable(map);
  }

  @Override
  public boolean compareAndSet(long expectedEpoch, ShardMap next) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Watch watch(Observer watching) {
    observer = watching;
    return watchesClosed::incrementAndGet;
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "stub store";
  }
}
