package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Profile;
import io.headroom.examples.quickstart.service.User;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * Judges the profiles that were shown. A version that a service has replaced must not be shown by
 * it again, at once; by the other one, not to who has done it, and not to others once the news had
 * time to come. Thread-safe.
 */
final class ProfileJudge {

  /**
   * What the news may take. Mostly they take some milliseconds; but when two cores have all these
   * servers to run, a thread may wait long for its turn.
   */
  static final Duration NEWS = Duration.ofSeconds(1);

  /**
   * A change, and a read.
   *
   * @param userId whose profile
   * @param service which service was asked
   * @param changedNanos when the change was there
   * @param readNanos when the read began
   */
  record Span(long userId, int service, long changedNanos, long readNanos) {

    Duration length() {
      return Duration.ofNanos(readNanos - changedNanos);
    }
  }

  private final List<VersionHistory> byService = new ArrayList<>();
  private final LongAdder ownReads = new LongAdder();
  private final LongAdder ownReadsElsewhere = new LongAdder();
  private final LongAdder staleOwnReads = new LongAdder();
  private final Queue<Span> staleReads = new ConcurrentLinkedQueue<>();
  private final Queue<Span> lateReads = new ConcurrentLinkedQueue<>();
  private final Queue<Span> arrivals = new ConcurrentLinkedQueue<>();

  ProfileJudge() {
    for (int i = 0; i < Services.COUNT; i++) {
      byService.add(new VersionHistory());
    }
  }

  /** Somebody has changed a profile, and has been told so. */
  void changed(Change change) {
    byService.get(change.service()).add(change);
  }

  /**
   * Somebody was shown a profile.
   *
   * @param userId whom they asked for
   * @param begunNanos when they asked
   * @return its version
   */
  long read(int service, long userId, Profile shown, long begunNanos) {
    if (shown.userId() != userId || !shown.email().equals(User.email(userId))) {
      throw new WrongAnswerException("for user " + userId + " came " + shown);
    }
    byService
        .get(service)
        .missedSince(userId, shown.version())
        .ifPresent(
            since -> {
              if (since - begunNanos < 0) {
                staleReads.add(new Span(userId, service, since, begunNanos));
              }
            });
    byService
        .get(Services.other(service))
        .missedSince(userId, shown.version())
        .ifPresent(
            since -> {
              if (begunNanos - since > NEWS.toNanos()) {
                lateReads.add(new Span(userId, service, since, begunNanos));
              }
            });
    return shown.version();
  }

  /**
   * Who has changed a profile was shown it: what its cookie says must be there, at once.
   *
   * @param written the version that it has made
   * @param elsewhere whether another service did that than the one that showed it
   */
  void readOwn(long written, long shown, boolean elsewhere) {
    ownReads.increment();
    if (elsewhere) {
      ownReadsElsewhere.increment();
    }
    if (shown < written) {
      staleOwnReads.increment();
    }
  }

  /**
   * The first read of somebody else in another service that showed a change.
   *
   * @param commitNanos when its commit began, which is what invalidates the old version
   */
  void arrived(long userId, int service, long commitNanos, long begunNanos) {
    arrivals.add(new Span(userId, service, commitNanos, begunNanos));
  }

  /** What has come out so far. */
  Findings findings() {
    return new Findings(
        ownReads.sum(),
        ownReadsElsewhere.sum(),
        staleOwnReads.sum(),
        List.copyOf(staleReads),
        List.copyOf(lateReads),
        List.copyOf(arrivals));
  }

  /**
   * What has come out.
   *
   * @param ownReads reads of what the user had written
   * @param ownReadsElsewhere those of them in another service than the one that wrote it
   * @param staleOwnReads those that missed it
   * @param staleReads reads that missed what this service had changed
   * @param lateReads reads that missed what the other had, after the time for {@link #NEWS}
   * @param arrivals the first reads of others that showed a change of the other service
   */
  record Findings(
      long ownReads,
      long ownReadsElsewhere,
      long staleOwnReads,
      List<Span> staleReads,
      List<Span> lateReads,
      List<Span> arrivals) {}
}
