package io.headroom.sharding;

/** Keys of any type, as callers of JDBC give them, on their way to a slot. */
final class RoutedKeys {

  private RoutedKeys() {}

  /**
   * The slot of a key in one map.
   *
   * @throws UnknownKeyException if no shard owns it
   * @throws IllegalArgumentException if the strategy can't route it
   */
  @SuppressWarnings("unchecked") // strategies read their keys by class and say which they take
  static int slotOf(RouterSnapshot<?> snapshot, Object key) {
    return key instanceof StandardShardingKey standard
        ? standard.slotIn(snapshot)
        : ((RouterSnapshot<Object>) snapshot).slotFor(key);
  }
}
