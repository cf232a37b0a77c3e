package io.headroom.sharding;

/**
 * What a plan means for one shard.
 *
 * @param id the shard's id
 * @param weight its weight after the plan; 0 if it is to have no slots
 * @param slotsBefore the hashed slots that it owns now
 * @param slotsAfter the hashed slots that it will own
 * @param in how many come
 * @param out how many go
 */
public record PlannedShard(
    String id, double weight, int slotsBefore, int slotsAfter, int in, int out) {}
