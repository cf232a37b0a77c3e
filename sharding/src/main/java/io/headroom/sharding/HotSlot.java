package io.headroom.sharding;

/**
 * A slot that takes a large share of recent use. Immutable.
 *
 * @param slot the slot, pinned ones included
 * @param shard the shard that owns it
 * @param share its estimated share of the recent uses, 0 to 1; never below the true share of what
 *     was counted
 * @param error how much of {@code share} may be other slots', so that at least {@code share -
 *     error} is its own
 */
public record HotSlot(int slot, Shard shard, double share, double error) {}
