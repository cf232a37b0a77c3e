package io.headroom.jdbc;

/**
 * What is about to be borrowed.
 *
 * @param resource the name of the pool, as in {@code LoadSignal}; a shard's id, say
 * @param slot the slot of the shard key, -1 where none is known (a shard picked by name)
 * @param mapEpoch the epoch of the shard map that led here, 0 where none did
 * @param slotVersion the version of the slot in that map, 0 where no slot is known
 * @param readOnly whether the work was declared read-only
 */
public record BorrowTarget(
    String resource, int slot, long mapEpoch, long slotVersion, boolean readOnly) {}
