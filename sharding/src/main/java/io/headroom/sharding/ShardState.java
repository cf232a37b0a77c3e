package io.headroom.sharding;

/** Whether a shard takes slots. */
public enum ShardState {
  /** Owns its weighted share of the slots. */
  ACTIVE,
  /** Serves what it still owns, and gets nothing new: a plan moves all of its slots away. */
  DRAINING
}
