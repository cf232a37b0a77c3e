package io.headroom.cache;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.SharedRead.Lease;
import io.headroom.cache.SharedRead.State;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an entry's value and markers come to, as {@code read.lua} would see it, where that is
 * certain: a value of the known epoch, without tags, which may have been invalidated, or the marker
 * of a transaction, and fresh even if the time is not exact. All else, errors too, is of {@link
 * SharedRead#NO_USE}, and a matter for the script. For one answer, by one thread.
 */
final class PeekOutput extends CommandOutput<byte[], byte[], SharedRead> {

  /** Of an entry's value, as {@code common.lua} says. */
  private static final int HEADER_BYTES = 42;

  private static final byte LAYOUT = 1;
  private static final int EPOCH_DIGITS = 19;

  /** The server's time is known to within a round trip, and what its clock was moved since. */
  private static final long CERTAINLY_FRESH_MILLIS = 1_000;

  private static final long LONGEST_FRESH_MILLIS = Duration.ofDays(2 * 365).toMillis();

  private final Position known;
  private final long millis;
  private final long draw;
  private boolean isMarker;

  /**
   * Creates one.
   *
   * @param known the partition's epoch, as far as the process knows
   * @param millis the server's time, about
   * @param draw in thousandths, as the script has it
   */
  PeekOutput(Position known, long millis, long draw) {
    super(ByteArrayCodec.INSTANCE, SharedRead.NO_USE);
    this.known = known;
    this.millis = millis;
    this.draw = draw;
  }

  @Override
  public void set(@Nullable ByteBuffer field) {
    if (isMarker) {
      output = field == null ? output : SharedRead.NO_USE;
    } else if (field != null) {
      output = value(field);
    }
    isMarker = true;
  }

  @Override
  public void setError(ByteBuffer error) {
    output = SharedRead.NO_USE;
  }

  @Override
  public void setError(String error) {
    output = SharedRead.NO_USE;
  }

  private SharedRead value(ByteBuffer entry) {
    int start = entry.position();
    if (entry.remaining() < HEADER_BYTES || entry.get(start) != LAYOUT) {
      return SharedRead.NO_USE;
    }
    long fresh = (long) entry.getDouble(start + 1) - millis;
    long since = (long) entry.getDouble(start + 9);
    long cost = entry.getInt(start + 17) & 0xFFFF_FFFFL;
    boolean isCertain =
        fresh > CERTAINLY_FRESH_MILLIS
            && fresh < LONGEST_FRESH_MILLIS
            && draw >= 0
            && draw * cost < fresh * 1_000_000
            && epoch(entry, start + 21) == known.incarnation()
            && entry.getShort(start + 40) == 0;
    if (!isCertain) {
      return SharedRead.NO_USE;
    }
    byte[] value = new byte[entry.remaining() - HEADER_BYTES];
    entry.position(start + HEADER_BYTES);
    entry.get(value);
    return new SharedRead(State.FRESH, Lease.NOT_WANTED, fresh, cost, since, value, null, known);
  }

  private static long epoch(ByteBuffer entry, int from) {
    long number = 0;
    for (int i = from; i < from + EPOCH_DIGITS; i++) {
      number = 10 * number + (entry.get(i) - '0');
    }
    return number;
  }
}
