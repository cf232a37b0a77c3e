package io.headroom.examples.quickstart;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Judges the profiles that a process was shown. A version that this process has replaced must not
 * be shown again, at once; one that the other has replaced, not to who has its token, and not to
 * others once the news had time to come. Thread-safe.
 */
final class ProfileJudge {

  /**
   * What the news may take. Mostly they take some milliseconds; but when two cores have all these
   * servers to run, a thread may wait long for its turn.
   */
  static final Duration NEWS = Duration.ofSeconds(1);

  /**
   * A change, and a read of the other process.
   *
   * @param userId whose profile
   * @param changedNanos when the change was there
   * @param readNanos when the read began
   */
  record Span(long userId, long changedNanos, long readNanos) {

    Duration length() {
      return Duration.ofNanos(readNanos - changedNanos);
    }
  }

  private static final int SHOWN = 5;

  private final VersionHistory ours = new VersionHistory();
  private final VersionHistory theirs = new VersionHistory();
  private final LongAdder ownReads = new LongAdder();
  private final LongAdder staleOwnReads = new LongAdder();
  private final LongAdder tokenReads = new LongAdder();
  private final Queue<Span> staleReads = new ConcurrentLinkedQueue<>();
  private final Queue<Span> lateReads = new ConcurrentLinkedQueue<>();
  private final Queue<Span> arrivals = new ConcurrentLinkedQueue<>();
  private final LongAdder failures = new LongAdder();
  private final Queue<String> firstFailures = new ConcurrentLinkedQueue<>();

  /** This process has changed a profile. */
  void weChanged(Change change) {
    ours.add(change);
  }

  /** The other one has, and has told. */
  void theyChanged(Change change) {
    theirs.add(change);
  }

  /**
   * Somebody was shown a profile.
   *
   * @param begunNanos when they asked
   * @return its version
   */
  long read(long userId, @Nullable Profile shown, long begunNanos) {
    long version = versionOf(userId, shown);
    ours.missedSince(userId, version)
        .ifPresent(
            since -> {
              if (since - begunNanos < 0) {
                staleReads.add(new Span(userId, since, begunNanos));
              }
            });
    theirs
        .missedSince(userId, version)
        .ifPresent(
            since -> {
              if (begunNanos - since > NEWS.toNanos()) {
                lateReads.add(new Span(userId, since, begunNanos));
              }
            });
    return version;
  }

  /** The writer itself has read what it had changed. */
  void readOwn(Change written, @Nullable Profile shown) {
    ownReads.increment();
    if (versionOf(written.userId(), shown) < written.version()) {
      staleOwnReads.increment();
    }
  }

  /** Somebody with the writer's token has read in the other process. */
  void readWithToken(Change seen, @Nullable Profile shown, long begunNanos) {
    tokenReads.increment();
    if (versionOf(seen.userId(), shown) < seen.version()) {
      staleReads.add(new Span(seen.userId(), seen.atNanos(), begunNanos));
    }
  }

  /** The first read without the token that showed a change. */
  void arrived(Change change, long begunNanos) {
    arrivals.add(new Span(change.userId(), change.atNanos(), begunNanos));
  }

  /** Somebody was shown nothing. */
  void failed(Throwable failure) {
    failures.increment();
    if (firstFailures.size() < SHOWN) {
      firstFailures.add(failure.toString());
    }
  }

  private static long versionOf(long userId, @Nullable Profile shown) {
    if (shown == null
        || shown.userId() != userId
        || !shown.email().equals(OrderBook.email(userId))) {
      throw new IllegalStateException("wrong answer: for user " + userId + " came " + shown);
    }
    return shown.version();
  }

  /** What has come out so far. */
  Findings findings() {
    return new Findings(
        ownReads.sum(),
        staleOwnReads.sum(),
        tokenReads.sum(),
        List.copyOf(staleReads),
        List.copyOf(lateReads),
        List.copyOf(arrivals),
        failures.sum(),
        List.copyOf(firstFailures));
  }

  /**
   * What has come out.
   *
   * @param ownReads reads of what the request had written
   * @param staleOwnReads those that missed it
   * @param tokenReads reads with the other process's token
   * @param staleReads reads that missed what this process had changed, or what their token said
   * @param lateReads reads without a token that missed a change after the time for {@link #NEWS}
   * @param arrivals the first reads without a token that showed a change
   * @param failures reads and changes that failed
   * @param firstFailures what some of these said
   */
  record Findings(
      long ownReads,
      long staleOwnReads,
      long tokenReads,
      List<Span> staleReads,
      List<Span> lateReads,
      List<Span> arrivals,
      long failures,
      List<String> firstFailures) {}
}
