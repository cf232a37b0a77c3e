package io.headroom.sharding;

/** Where a slot stands in its life: owned, on its way to another shard, or briefly closed. */
public enum SlotState {
  /** Owned by one shard, going nowhere. */
  OWNED,
  /** Owned by its source, which serves reads and writes, while its rows are copied to a target. */
  MOVING,
  /**
   * Still owned by its source, but closed for the moment of the cut-over: connections for its keys
   * are refused, for reads too, since what they are for is not known. Retry soon.
   */
  FENCED
}
