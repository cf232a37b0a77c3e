package io.headroom.routing;

import io.headroom.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log that work is refused: the first one, and from then on how many, every ten seconds
 * for as long as it lasts. Thread-safe.
 */
final class RefusalLog {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaDataSource.class);
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final String cluster;
  private final TimeSource time;
  private final LongAdder refused = new LongAdder();
  private final AtomicLong nextNanos;

  RefusalLog(String cluster, TimeSource time) {
    this.cluster = cluster;
    this.time = time;
    this.nextNanos = new AtomicLong(time.nanoTime());
  }

  void refused(RouteReason reason) {
    long now = time.nanoTime();
    long next = nextNanos.get();
    if (now - next >= 0 && nextNanos.compareAndSet(next, now + PAUSE.toNanos())) {
      long many = refused.sumThenReset() + 1; // its own, which no other can have told of
      LOG.warn(
          "{}: {} refused since the last word of this, the last for {} ({}); the exceptions say"
              + " more, and nothing is logged of the next {} s",
          cluster,
          many == 1 ? "1 read or write" : many + " reads and writes",
          reason,
          inWords(reason),
          PAUSE.toSeconds());
    } else {
      refused.increment();
    }
  }

  private static String inWords(RouteReason reason) {
    return switch (reason) {
      case REFUSED_BUDGET -> "a read: no replica is fresh enough, and primarySpill is used up";
      case REFUSED_LOAD -> "a read: no replica is fresh enough, and the primary is under load";
      case REFUSED_NO_PRIMARY -> "there is no primary";
      case REFUSED_DEADLINE -> "its request's deadline had passed";
      default -> throw new IllegalArgumentException(reason + " is no refusal");
    };
  }
}
