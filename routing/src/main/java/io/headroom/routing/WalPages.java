package io.headroom.routing;

/**
 * Brings a position in the write-ahead log to the form in which a replica reports it.
 *
 * <p>A record that ends where a page does is followed by the header of the next page: its end is
 * the boundary, while the insert position is where the next record would begin, past the header. A
 * replica's replay position stays at the boundary until there is a next record, so on an idle
 * primary it would never reach the other. Source: PostgreSQL, src/backend/access/transam/xlog.c,
 * {@code XLogBytePosToRecPtr} and {@code XLogBytePosToEndRecPtr}.
 */
final class WalPages {

  /** {@code SizeOfXLogShortPHD}: before every page. */
  private static final int SHORT_HEADER = 24;

  /** {@code SizeOfXLogLongPHD}: before the first page of a segment. */
  private static final int LONG_HEADER = 40;

  private WalPages() {}

  /**
   * Takes a position that is just past a page's header back to the page's beginning. No record ends
   * there, since none is continued by nothing, so any other position stays what it is.
   *
   * @param position an insert position
   * @param pageBytes {@code wal_block_size}
   * @param segmentBytes {@code wal_segment_size}
   */
  static long endOfRecord(long position, int pageBytes, long segmentBytes) {
    if (position % segmentBytes == LONG_HEADER) {
      return position - LONG_HEADER;
    }
    boolean pastHeader = position % pageBytes == SHORT_HEADER;
    return pastHeader && position % segmentBytes > pageBytes ? position - SHORT_HEADER : position;
  }
}
