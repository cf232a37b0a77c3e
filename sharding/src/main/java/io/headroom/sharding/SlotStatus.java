package io.headroom.sharding;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a map says about one slot. Immutable.
 *
 * @param state where the slot stands
 * @param owner id of the shard that owns the slot and serves it
 * @param target id of the shard that the slot is on its way to; null when it is going nowhere
 * @param version grows by one with every change of this slot's state
 * @param extra further fields of the slot, kept as they are (see {@link ShardMap#withSlotFields})
 */
public record SlotStatus(
    SlotState state,
    String owner,
    @Nullable String target,
    long version,
    Map<String, Object> extra) {

  /**
   * Creates a status.
   *
   * @param state where the slot stands
   * @param owner id of the shard that owns it
   * @param target id of the shard it is on its way to, or null
   * @param version how often its state has changed
   * @param extra further fields of the slot
   * @throws NullPointerException if anything but the target is null
   */
  public SlotStatus {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(extra, "extra");
  }
}
