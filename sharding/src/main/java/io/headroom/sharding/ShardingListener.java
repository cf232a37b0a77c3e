package io.headroom.sharding;

/**
 * Hears what happens to a router's map. Every method does nothing unless overridden.
 *
 * <p>Called on the thread where it happens, so be quick; must be thread-safe. Changes and refusals
 * of the map are told in their order and outside the router's lock, so perhaps by a thread that is
 * just telling of an earlier one; a listener may call the router. An exception thrown here is
 * logged and never reaches the router's caller.
 */
public interface ShardingListener {

  /**
   * A newer map came into force.
   *
   * @param router the router's name
   * @param fromEpoch the epoch before
   * @param toEpoch the epoch now
   */
  default void onMapChanged(String router, long fromEpoch, long toEpoch) {}

  /**
   * A map was refused; the one in force stays.
   *
   * @param router the router's name
   * @param reason what is wrong with it
   */
  default void onMapRefused(String router, ShardMapException reason) {}

  /**
   * One read of the store failed; the map in force stays. Called for each failed read.
   *
   * @param router the router's name
   * @param cause why
   */
  default void onStoreReadFailed(String router, ShardingException cause) {}

  /**
   * The store went from good to bad: unreachable, empty or with a map that was refused. Called once
   * until it is back.
   *
   * @param router the router's name
   * @param cause why
   */
  default void onStoreLost(String router, ShardingException cause) {}

  /**
   * The store went from bad to good.
   *
   * @param router the router's name
   * @param lostNanos how long it was bad
   */
  default void onStoreBack(String router, long lostNanos) {}

  /**
   * Somebody asked for a reload, as after a stale map.
   *
   * @param router the router's name
   * @param newer whether a newer map is in force now
   */
  default void onRefreshed(String router, boolean newer) {}

  /**
   * A key's slot was fenced, and a connection for it refused.
   *
   * @param router the router's name
   * @param shardId the shard that owns the slot
   * @param slot the slot
   */
  default void onFenced(String router, String shardId, int slot) {}

  /**
   * A shard turned a statement away, since the map that led there is behind.
   *
   * @param router the router's name
   * @param shardId the shard
   * @param mapEpoch the epoch of the map that led there
   */
  default void onStale(String router, String shardId, long mapEpoch) {}

  /**
   * A scatter came to its end.
   *
   * @param router the router's name
   * @param shards how many shards it asked
   * @param failedShards how many of them failed, or had not answered by the deadline
   * @param nanos how long it took
   */
  default void onScattered(String router, int shards, int failedShards, long nanos) {}
}
