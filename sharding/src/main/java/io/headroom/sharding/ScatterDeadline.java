package io.headroom.sharding;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.SQLTimeoutException;
import java.time.Duration;

/** The one deadline of a scatter: its timeout, or the request's if that comes first. */
final class ScatterDeadline {

  /** As much as two readings can be apart and still compare by subtraction. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

  private final TimeSource time;
  private final long startNanos;
  private final long timeoutNanos;
  private final boolean ofTheRequest;

  ScatterDeadline(TimeSource time, Duration timeout) {
    this.time = time;
    this.startNanos = time.nanoTime();
    Duration left = RequestContext.current().remaining().orElse(LONGEST);
    this.ofTheRequest = left.compareTo(timeout) < 0;
    Duration shorter = ofTheRequest ? left : timeout;
    this.timeoutNanos = (shorter.compareTo(LONGEST) < 0 ? shorter : LONGEST).toNanos();
  }

  long nanosLeft() {
    return timeoutNanos - elapsedNanos();
  }

  long elapsedNanos() {
    return time.nanoTime() - startNanos;
  }

  SQLTimeoutException passed(String what) {
    return new SQLTimeoutException(what + ": " + whatPassed(), "57014");
  }

  String whatPassed() {
    return (ofTheRequest ? "the request's deadline passed " : "the scatter's timeout passed ")
        + Duration.ofNanos(timeoutNanos).toMillis()
        + " ms after its start";
  }

  String mend() {
    return ofTheRequest ? "Give the request more time" : "Give it a longer timeout(...)";
  }
}
