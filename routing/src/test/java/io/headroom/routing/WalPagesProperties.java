package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/**
 * Against a model of how PostgreSQL lays records out: bytes of records fill what the headers leave
 * of each page (xlog.c, {@code XLogBytePosToRecPtr} and {@code XLogBytePosToEndRecPtr}).
 */
class WalPagesProperties {

  private static final int SHORT = 24;
  private static final int LONG = 40;

  @Property
  void theInsertPositionComesBackToWhereTheLastRecordEnds(
      @ForAll @LongRange(min = 1, max = 1L << 40) long usableWords,
      @ForAll @IntRange(min = 0, max = 4) int pageShift,
      @ForAll @IntRange(min = 0, max = 6) int segmentShift) {
    int page = 4096 << pageShift;
    long segment = (1L << 20) << segmentShift;
    long usable = 8 * usableWords; // records are aligned
    assertThat(WalPages.endOfRecord(startOfNext(usable, page, segment), page, segment))
        .isEqualTo(endOfLast(usable, page, segment));
  }

  @Property
  void theEndOfARecordStaysWhatItIs(
      @ForAll @LongRange(min = 1, max = 1L << 40) long usableWords,
      @ForAll @IntRange(min = 0, max = 4) int pageShift,
      @ForAll @IntRange(min = 0, max = 6) int segmentShift) {
    int page = 4096 << pageShift;
    long segment = (1L << 20) << segmentShift;
    long end = endOfLast(8 * usableWords, page, segment);
    assertThat(WalPages.endOfRecord(end, page, segment)).isEqualTo(end);
  }

  @Property
  void aRecordThatFillsItsPageEndsAtTheBoundary(
      @ForAll @LongRange(min = 0, max = 1L << 20) long segments,
      @ForAll @IntRange(min = 1, max = 2047) int pages) {
    int page = 8192;
    long segment = 16L << 20;
    long boundary = segments * segment + (long) pages * page;
    assertThat(WalPages.endOfRecord(boundary + SHORT, page, segment)).isEqualTo(boundary);
    assertThat(WalPages.endOfRecord(segments * segment + LONG, page, segment))
        .isEqualTo(segments * segment);
  }

  /** {@code XLogBytePosToRecPtr}: where the next record begins. */
  private static long startOfNext(long usable, int page, long segment) {
    return place(usable, page, segment, false);
  }

  /** {@code XLogBytePosToEndRecPtr}: where the last record ends. */
  private static long endOfLast(long usable, int page, long segment) {
    return place(usable, page, segment, true);
  }

  private static long place(long usable, int page, long segment, boolean end) {
    long usablePage = (long) page - SHORT;
    long usableSegment = segment / page * usablePage - (LONG - SHORT);
    long segments = usable / usableSegment;
    long left = usable % usableSegment;
    long inSegment;
    if (left < page - LONG) {
      inSegment = end && left == 0 ? 0 : LONG + left;
    } else {
      left -= page - LONG;
      long pages = left / usablePage;
      long inPage = left % usablePage;
      inSegment = page + pages * page + (end && inPage == 0 ? 0 : SHORT + inPage);
    }
    return segments * segment + inSegment;
  }
}
