package io.headroom.cache;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.Layout.Place;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What one cache asks of the tier that its processes share. Each of these is one step there, which
 * happens as a whole or not at all; a future that fails leaves open which. Thread-safe.
 */
interface SharedStore {

  /** Takes no lease. */
  byte[] NO_LEASE = {};

  /** Ends no marker. */
  byte[] NO_MARKER = {};

  /** The lease even of what is fresh, since it is of no use to the reader. */
  long ANY_CASE = -1;

  /** A lease's or a marker's id: eight bytes of chance. */
  static byte[] newId() {
    return ByteBuffer.allocate(Long.BYTES).putLong(ThreadLocalRandom.current().nextLong()).array();
  }

  /**
   * Reads an entry, and takes its lease where it is to be loaded.
   *
   * @param lease its id, eight bytes of chance, or {@link #NO_LEASE}
   * @param draw of XFetch in thousandths: a fresh value is to be loaded anew if its cost times this
   *     is more than the time it has left; or {@link #ANY_CASE}
   */
  CompletableFuture<SharedRead> read(Place place, byte[] lease, long draw);

  /** Reads entries of one partition, in their order. */
  CompletableFuture<List<SharedRead>> readAll(List<Place> places, byte[] lease, long draw);

  /**
   * Keeps what was loaded, if nothing has happened since the lease was taken.
   *
   * @param at where the partition stood then
   * @return whether it is kept
   */
  CompletableFuture<Boolean> fill(Place place, byte[] lease, Position at, SharedValue value);

  /** Gives a lease back without a value. */
  void release(Place place, byte[] lease);

  /**
   * Forgets a key for all processes.
   *
   * @param token what a load is to see at least, as text; empty if nobody knows
   * @param marker the marker that is done with that; empty if there is none
   * @param value what is there from now on; null if nobody knows
   * @return the number of this invalidation
   */
  CompletableFuture<Position> invalidate(
      Place place, long identity, String token, byte[] marker, @Nullable SharedValue value);

  /**
   * Forgets what has a tag, in one partition.
   *
   * @param token what loads of any key there are to see at least
   */
  CompletableFuture<Position> invalidateTag(int partition, long identity, String tag, String token);

  /** Says that a transaction is about to change a key. */
  CompletableFuture<Void> mark(Place place, byte[] marker);

  /**
   * Begins a new epoch in one partition.
   *
   * @param kind {@code EPOCH} or {@code ALL}
   * @param token what loads of any key there are to see at least, if it is {@code ALL}
   * @param follows the epoch that it is to follow; 0 for any
   * @param known an epoch that it is to come after, whatever the server's clock says
   */
  CompletableFuture<Position> begin(
      int partition, long identity, Invalidation.Kind kind, String token, long follows, long known);

  /**
   * Looks whether an entry is there that can be served without looking further. It changes nothing,
   * and takes no lease.
   *
   * @param known the partition's epoch, as far as the process knows
   * @param millis the time there, about
   * @param draw as of {@link #read}
   * @return {@link SharedRead#NO_USE} if there is none, or not for certain
   */
  CompletableFuture<SharedRead> peek(Place place, Position known, long millis, long draw);

  /** The same, of many, with one time for all; in the order of the places. */
  List<CompletableFuture<SharedRead>> peekAll(List<Place> places, long draw, long nowNanos);

  /**
   * Asks where a partition stands, and what has happened since: in a later epoch than the one that
   * is known, what has happened in that.
   */
  CompletableFuture<SyncAnswer> sync(int partition, Position known);

  /**
   * An answer to {@link #sync}.
   *
   * @param at where it stands
   * @param cleared the epoch in which all keys were last invalidated; 0 if never
   * @param partitions how many the cache has there; 0 if that was not asked
   * @param before where the epoch before this one ended; null if it does not know
   * @param records what has happened since, the newest first; none if some cannot be read
   * @param isGarbled whether that is so
   * @param millis the time there
   */
  record SyncAnswer(
      Position at,
      long cleared,
      int partitions,
      @Nullable Position before,
      List<Invalidation> records,
      boolean isGarbled,
      long millis) {

    /** Whether all keys were invalidated in an epoch that began since. */
    boolean hasCleared(Position known) {
      return known.incarnation() > 0 && cleared > known.incarnation();
    }

    /** Whether the server can be seen to have what was told at that place, or what includes it. */
    boolean knowsOf(Position told) {
      return hasCleared(told)
          || (told.incarnation() == at.incarnation() && told.compareTo(at) <= 0)
          || (before != null
              && told.incarnation() == before.incarnation()
              && told.compareTo(before) <= 0);
    }
  }
}
