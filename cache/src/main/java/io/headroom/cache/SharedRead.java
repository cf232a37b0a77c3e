package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import org.jspecify.annotations.Nullable;

/**
 * What the shared tier has said of a key.
 *
 * @param state of its value
 * @param lease whether the reader is to load it
 * @param freshMillis how long the value is still fresh; zero or less for how long it has been stale
 * @param costMicros how long its load took
 * @param since the partition's sequence before it was read from the database; negative if that was
 *     in another epoch
 * @param value its bytes; null if there are none
 * @param tombstone what a load is to see at least: null if nothing, {@link #WRITER_UNKNOWN} if
 *     nobody knows
 * @param at where the partition stands
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SharedRead(
    State state,
    Lease lease,
    long freshMillis,
    long costMicros,
    long since,
    byte @Nullable [] value,
    @Nullable ConsistencyToken tombstone,
    Position at) {

  /** The tombstone of a writer that had no token: only the origin is certain to have the write. */
  static final ConsistencyToken WRITER_UNKNOWN = ConsistencyToken.NONE;

  /** What a look into an entry comes to that has to be looked at more closely. */
  static final SharedRead NO_USE =
      new SharedRead(State.MISSING, Lease.NOT_WANTED, 0, 0, 0, null, null, Partition.UNKNOWN);

  /** What becomes of a value that is there or not. */
  enum State {
    MISSING,
    FRESH,
    STALE,
    /** Something is there that is no value of ours. */
    GARBAGE
  }

  /** What becomes of the wish to load it. */
  enum Lease {
    NOT_WANTED,
    TAKEN,
    /** Another process loads it. */
    HELD,
    /** Nothing is to be filled now: a transaction is about to change it, or there is no room. */
    REFUSED
  }
}
