package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryShardMapStoreTest extends ShardMapStoreContract {

  private final ShardMapStore store = ShardMapStore.inMemory();

  @Override
  ShardMapStore open() {
    return store;
  }

  @Test
  void noCallStartsAfterAWatchIsClosed() {
    List<ShardMapStore.Watch> second = new ArrayList<>();
    store.watch(
        new RecordingObserver() {
          @Override
          public void changed(ShardMap map) {
            second.get(0).close();
          }
        });
    RecordingObserver closed = new RecordingObserver();
    second.add(store.watch(closed));
    store.compareAndSet(0, FIRST);
    assertThat(closed.maps).isEmpty();
  }
}
