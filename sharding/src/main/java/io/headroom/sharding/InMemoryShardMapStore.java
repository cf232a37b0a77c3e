package io.headroom.sharding;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A map in memory. Observers are told on the writer's thread. */
final class InMemoryShardMapStore implements ShardMapStore {

  private final List<Registration> registrations = new CopyOnWriteArrayList<>();

  /** Volatile, so that readers never wait for a writer whose observers wait for them. */
  private volatile @Nullable ShardMap map;

  private volatile boolean closed;

  @Override
  public Optional<ShardMap> current() {
    return Optional.ofNullable(map);
  }

  @Override
  public synchronized boolean compareAndSet(long expectedEpoch, ShardMap next) {
    MapChecks.requireHigher(expectedEpoch, next);
    ShardMap before = map;
    if (expectedEpoch != (before == null ? 0 : before.epoch())) {
      return false;
    }
    map = next;
    registrations.forEach(registration -> registration.tell(next.epoch(), next));
    return true;
  }

  @Override
  public synchronized Watch watch(Observer observer) {
    if (closed) {
      throw new ShardMapStoreException(this + " is closed and cannot be watched");
    }
    Registration registration = new Registration(toString(), observer, registrations::remove);
    registrations.add(registration);
    ShardMap present = map;
    if (present != null) {
      registration.tell(present.epoch(), present);
    } else {
      registration.tell(new ShardMapStoreException(this + " is empty"));
    }
    return registration;
  }

  @Override
  public void close() {
    closed = true;
    registrations.forEach(Registration::close);
  }

  @Override
  public String toString() {
    return "in-memory shard map store";
  }
}
