package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.Service.Answer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * What came of the requests of an open load. Time counts from when they came.
 *
 * @param came all
 * @param inTime those that were served while their users had patience
 * @param atTheDoor those that were refused at the door, while they had
 * @param atThePool those that were refused there, while they had
 * @param served how long those took that were served, in nanoseconds, in time or not
 */
record Requests(long came, long inTime, long atTheDoor, long atThePool, Histogram served) {

  static final Requests NONE = new Requests(0, 0, 0, 0, new Histogram(3));

  long refused() {
    return atTheDoor + atThePool;
  }

  /** Those that were told nothing in time: they waited, for an answer or for an error. */
  long leftWaiting() {
    return came - inTime - refused();
  }

  double percentInTime() {
    return 100.0 * inTime / came;
  }

  Requests plus(Requests others) {
    Histogram both = served.copy();
    both.add(others.served);
    return new Requests(
        came + others.came,
        inTime + others.inTime,
        atTheDoor + others.atTheDoor,
        atThePool + others.atThePool,
        both);
  }

  /** Counts them. Thread-safe. */
  static final class Counter {

    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final long patienceNanos;
    private final LongAdder came = new LongAdder();
    private final Map<Answer, LongAdder> inTime = new EnumMap<>(Answer.class);
    private final Histogram served = new ConcurrentHistogram(LONGEST_NANOS, 3);

    Counter(Duration patience) {
      this.patienceNanos = patience.toNanos();
      for (Answer answer : Answer.values()) {
        inTime.put(answer, new LongAdder());
      }
    }

    void came() {
      came.increment();
    }

    /** Whether that was in time. */
    boolean answered(Answer answer, long nanos) {
      if (answer == Answer.SERVED) {
        served.recordValue(Math.min(nanos, LONGEST_NANOS));
      }
      boolean inTime = nanos <= patienceNanos;
      if (inTime) {
        counted(answer).increment();
      }
      return inTime;
    }

    private LongAdder counted(Answer answer) {
      return Objects.requireNonNull(inTime.get(answer));
    }

    /** What was counted; exact once nobody counts any more. */
    Requests sum() {
      return new Requests(
          came.sum(),
          counted(Answer.SERVED).sum(),
          counted(Answer.REFUSED_AT_THE_DOOR).sum(),
          counted(Answer.REFUSED_AT_THE_POOL).sum(),
          served.copy());
    }
  }
}
