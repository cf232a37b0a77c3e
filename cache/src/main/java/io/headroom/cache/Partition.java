package io.headroom.cache;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.SharedStore.SyncAnswer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of one part of the keys: which invalidations it has applied, and what its
 * entries stand on. Each invalidation in the shared tier has a number, so that one that was missed
 * shows as a gap, and an identity, so that a server that failed over and gives a number out again
 * is found out.
 *
 * <p>Thread-safe.
 */
final class Partition {

  /** Where nothing is known yet. */
  static final Position UNKNOWN = new Position(0, 0);

  /** So many of the last invalidations are told from others with their number. */
  private static final int REMEMBERED = 64;

  private static final long MILLI = 1_000_000;
  private static final long CLOCK_UNKNOWN = Long.MIN_VALUE;

  private final int number;
  private final String domain;
  private final long maximumStalenessNanos;
  private final long retoldNanos;
  private final long[] identities = new long[REMEMBERED];

  /** Written before {@link #applied} goes on to another epoch, and read after it. */
  private volatile EpochEnds ends = EpochEnds.NONE;

  private volatile Position applied = UNKNOWN;
  private volatile boolean verified;
  private volatile Standing standing;

  /** What is loaded while the news do not come in: it is trusted for a time from its own read. */
  private volatile Standing unheard;

  /** How often nothing was trusted any more. */
  private int era;

  /** What was loaded in an era before this one is gone. */
  private volatile int goneBefore;

  private volatile long heardNanos;

  /** The shared tier's time, in milliseconds, when this process's own clock said zero. */
  private volatile long clockMillis = CLOCK_UNKNOWN;

  /** How far the shared tier was seen to be ahead of what was applied; null if it is not. */
  private @Nullable Position ahead;

  private long aheadSinceNanos;

  /**
   * Where this process was when it heard of the present epoch's begin; null once that is judged.
   */
  private @Nullable Position left;

  /** How often the news were doubted. */
  private int doubts;

  /**
   * What was known when the shared tier was asked where it stands.
   *
   * @param applied what had been applied
   * @param nanos when that was
   * @param doubts how often the news had been doubted
   */
  record Asked(Position applied, long nanos, int doubts) {}

  /**
   * Creates one of which nothing is known.
   *
   * @param domain its name in tokens
   * @param maximumStalenessNanos how long entries are trusted without news
   * @param retoldNanos for how long those who have invalidated something tell it again, should the
   *     shared tier forget it
   */
  Partition(
      int number, String domain, long maximumStalenessNanos, long retoldNanos, long nowNanos) {
    this.number = number;
    this.domain = domain;
    this.maximumStalenessNanos = maximumStalenessNanos;
    this.retoldNanos = retoldNanos;
    this.standing = new Standing(this, era, Nanos.MOST, nowNanos - 1);
    this.unheard = unheard(nowNanos);
    this.heardNanos = nowNanos;
  }

  private Standing unheard(long nowNanos) {
    return new Standing(this, era, maximumStalenessNanos, nowNanos + Nanos.MOST);
  }

  int number() {
    return number;
  }

  /** Its name in tokens. */
  String domain() {
    return domain;
  }

  /** Up to where every invalidation has been applied here. */
  Position applied() {
    return applied;
  }

  /** Whether it is known where the shared tier stands, so that what it says can be judged. */
  boolean isVerified() {
    return verified;
  }

  /** What an entry stands on that begins to be loaded now. */
  Standing standing(long nowNanos) {
    Standing known = standing;
    return known.trustedNanos(nowNanos) > 0 ? known : unheard;
  }

  /** Whether what was loaded in an era may have been invalidated since. */
  boolean isGone(int since) {
    return since < goneBefore;
  }

  /** Whether it is still to be found out what an epoch had at its end. */
  synchronized boolean isToJudge() {
    return left != null;
  }

  /** Whether everything has been applied here that somebody has seen. */
  boolean hasApplied(Position seen) {
    return covers(applied, seen);
  }

  /**
   * Whether everything that somebody has seen has happened where this is known; what a server has
   * done that was replaced and did not know it has not.
   */
  boolean covers(Position known, Position seen) {
    if (known.incarnation() <= seen.incarnation()) {
      return known.compareTo(seen) >= 0;
    }
    Position here = applied;
    return (here.incarnation() < known.incarnation() ? ends.with(here) : ends).cover(seen);
  }

  /** The shared tier says where the epoch before the present one ended. */
  synchronized void learns(@Nullable Position end) {
    ends = ends.with(end);
  }

  /** The shared tier has told the time, somewhere between these two. */
  void tells(long millis, long fromNanos, long toNanos) {
    clockMillis = millis - Math.floorDiv(fromNanos + (toNanos - fromNanos) / 2, MILLI);
  }

  /** Whether it is known what time the shared tier has. */
  boolean knowsTime() {
    return clockMillis != CLOCK_UNKNOWN;
  }

  /** What time the shared tier has, in milliseconds, about. */
  long millis(long nowNanos) {
    return clockMillis + Math.floorDiv(nowNanos, MILLI);
  }

  /** When it was last certain that nothing was missed. */
  long heardNanos() {
    return heardNanos;
  }

  /** For how long it has been known that something is missing; 0 if nothing is. */
  synchronized long aheadForNanos(long nowNanos) {
    return ahead == null ? 0 : Math.max(1, nowNanos - aheadSinceNanos);
  }

  /** The connection that brings the news may have missed some: ask before trusting them again. */
  synchronized void doubt() {
    verified = false;
    doubts++;
  }

  /** The shared tier is being asked where it stands. */
  synchronized Asked asks(long nowNanos) {
    return new Asked(applied, nowNanos, doubts);
  }

  /** All news up to then have come in. */
  synchronized void confirm(long asOfNanos) {
    if (verified && ahead == null && asOfNanos - heardNanos > 0) {
      heardNanos = asOfNanos;
      standing.trustUntil(asOfNanos + maximumStalenessNanos);
    }
  }

  /**
   * Somebody tells of an invalidation, which the caller has applied.
   *
   * @return false if some before it are missing, or it is not what was expected: ask
   */
  synchronized boolean hears(Invalidation news, long nowNanos) {
    Position at = news.at();
    Position known = applied;
    if (at.incarnation() > known.incarnation() && news.beginsAnew() && verified) {
      boolean isMissing = left != null || (ahead != null && !isOf(ahead, at));
      raise(nowNanos, news.kind() == Invalidation.Kind.ALL || isMissing);
      adopt(at, nowNanos, List.of(news));
      left = news.kind() == Invalidation.Kind.EPOCH ? known : null;
      return true;
    }
    if (at.incarnation() == known.incarnation() && verified) {
      if (at.position() == known.position() + 1) {
        advance(at, news.identity());
        return true;
      }
      if (at.position() <= known.position()) {
        long identity = identity(at.position());
        if (identity != 0 && identity != news.identity()) {
          verified = false; // another one has its number: it is asked until it has said why
        }
        return identity == news.identity();
      }
    }
    isAhead(at, nowNanos);
    return false;
  }

  /** The shared tier has done what was not heard of, or not in time. */
  private void isAhead(Position at, long nowNanos) {
    if (ahead == null && at.compareTo(applied) > 0) {
      ahead = at;
      aheadSinceNanos = nowNanos;
    }
  }

  /**
   * The shared tier has answered a read, and said where it stands.
   *
   * @param before what was applied when it was asked
   * @return false if it has forgotten what it had: its answer counts for nothing
   */
  synchronized boolean saw(Position at, Position before, long nowNanos) {
    if (at.compareTo(before) < 0) {
      verified = false;
      return false;
    }
    isAhead(at, nowNanos);
    return true;
  }

  /** What an answer to {@code sync} comes to. */
  enum Synced {
    /** More has been heard since it was asked: ask again. */
    OUTDATED,
    /** All that was missed is in it, and is to be applied. */
    CONTINUED,
    /** Nothing was known before. */
    FIRST,
    /** Too much was missed: what was loaded before is gone. */
    GAP,
    /** All numbers have begun anew. */
    NEW_EPOCH,
    /** The shared tier has forgotten what it had: it is to begin anew. */
    FORGOTTEN
  }

  /**
   * The shared tier has told where it stands; the caller has applied what it told. Where it is not
   * known what was missed, that may be any entry, and none of them is even to be served as stale.
   *
   * @param answer its records go down to the last that was applied, or to the epoch's first
   * @param asked what was known then
   * @param forgetLoads has nobody join a load that has begun, where what was missed is not known
   */
  synchronized Synced syncs(SyncAnswer answer, Asked asked, Runnable forgetLoads) {
    Position before = asked.applied();
    Position at = answer.at();
    List<Invalidation> records = answer.records();
    if (before.incarnation() < applied.incarnation() && at.compareTo(applied) < 0) {
      return Synced.OUTDATED;
    }
    boolean isRetold = asked.nanos() - heardNanos <= retoldNanos;
    boolean isMissing = left != null || (ahead != null && isOf(ahead, before));
    if (at.compareTo(before) < 0 || !Continuity.isSame(answer, before, this::identity)) {
      raise(
          asked.nanos(),
          isMissing || !isRetold || !Continuity.isPartOf(answer, before, this::identity));
      forgetLoads.run();
      verified = false;
      return Synced.FORGOTTEN;
    }
    if (at.incarnation() > before.incarnation() || !Continuity.reaches(answer, before)) {
      raise(asked.nanos(), isMissing || !Continuity.tellsAll(answer, before, isRetold));
      forgetLoads.run();
      adopt(at, asked.nanos(), records);
      verified = asked.doubts() == doubts;
      return before.incarnation() == 0
          ? Synced.FIRST
          : at.incarnation() > before.incarnation() ? Synced.NEW_EPOCH : Synced.GAP;
    }
    for (int i = records.size() - 1; i >= 0; i--) {
      Invalidation record = records.get(i);
      if (record.at().compareTo(applied) > 0) {
        advance(record.at(), record.identity());
      }
    }
    verified = asked.doubts() == doubts; // else something may have been missed after it answered
    if (left != null && asked.applied().incarnation() == applied.incarnation()) {
      Position end = answer.before();
      if (end != null && end.compareTo(left) > 0) {
        raise(asked.nanos(), true); // the last of that epoch, or all of one since, was not heard
        forgetLoads.run();
        standing.trustUntil(heardNanos + maximumStalenessNanos);
        left = null;
        return Synced.GAP;
      }
      left = null;
    }
    if (ahead != null && (applied.compareTo(ahead) >= 0 || asked.nanos() - aheadSinceNanos > 0)) {
      ahead = null;
    }
    return Synced.CONTINUED;
  }

  private static boolean isOf(Position one, Position other) {
    return one.incarnation() == other.incarnation();
  }

  private void adopt(Position at, long asOfNanos, List<Invalidation> records) {
    Arrays.fill(identities, 0);
    if (at.incarnation() != applied.incarnation()) {
      ends = ends.with(applied);
    }
    applied = at;
    ahead = null;
    left = null;
    verified = true;
    for (Invalidation record : records) {
      if (record.at().position() == at.position()) {
        identities[index(at.position())] = record.identity();
      }
    }
    heardNanos = asOfNanos;
    standing.trustUntil(asOfNanos + maximumStalenessNanos);
  }

  /** Nothing that was loaded before now is trusted any more. */
  private void raise(long nowNanos, boolean forgotten) {
    Standing before = standing;
    Standing beside = unheard;
    era++;
    if (forgotten) {
      goneBefore = era; // what an earlier raise has left as stale goes as well
    }
    standing = new Standing(this, era, Nanos.MOST, nowNanos - 1);
    unheard = unheard(nowNanos);
    before.end(nowNanos, false); // by its era it is gone, if it is
    beside.end(nowNanos, false);
  }

  /** Nothing that was loaded before now counts, as far as this process can tell. */
  synchronized void forgetAll(long nowNanos) {
    raise(nowNanos, true);
    if (verified) {
      standing.trustUntil(heardNanos + maximumStalenessNanos);
    }
  }

  private void advance(Position at, long identity) {
    applied = at;
    identities[index(at.position())] = identity;
    if (ahead != null && at.compareTo(ahead) >= 0) {
      ahead = null;
    }
  }

  /** 0 if it is not known. */
  private long identity(long position) {
    return applied.position() - position < REMEMBERED ? identities[index(position)] : 0;
  }

  private static int index(long position) {
    return (int) (position & (REMEMBERED - 1));
  }

  @Override
  public String toString() {
    return "Partition[" + domain + ", " + applied + (verified ? "]" : ", not verified]");
  }
}
