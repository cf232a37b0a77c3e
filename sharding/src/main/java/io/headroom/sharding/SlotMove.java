package io.headroom.sharding;

import java.util.Objects;

/**
 * One slot that goes from one shard to another.
 *
 * @param slot the slot's number
 * @param from id of the shard that owns it
 * @param to id of the shard that shall own it
 */
public record SlotMove(int slot, String from, String to) {

  /**
   * Creates a move.
   *
   * @param slot the slot's number
   * @param from id of the shard that owns it
   * @param to id of the shard that shall own it
   * @throws NullPointerException if an id is null
   */
  public SlotMove {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
  }
}
