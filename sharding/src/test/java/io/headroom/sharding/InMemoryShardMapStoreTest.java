package io.headroom.sharding;

class InMemoryShardMapStoreTest extends ShardMapStoreContract {

  private final ShardMapStore store = ShardMapStore.inMemory();

  @Override
  ShardMapStore open() {
    return store;
  }
}
