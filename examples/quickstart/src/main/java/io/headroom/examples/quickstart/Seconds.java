package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.report.Second;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * What came of the requests, by the second and the phase in which they were due. Latency is from
 * then until the answer was there, however often it was asked again. Thread-safe.
 */
final class Seconds {

  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);

  private static final class Cell {
    private final Histogram latencies = histogram();
    private final LongAdder errors = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile double percentLocal = Double.NaN;
    private volatile double percentShared = Double.NaN;
  }

  /** A time in which users come in one way. */
  static final class Phase {

    private final String title;
    private final long beginNanos = System.nanoTime();
    private final Histogram latencies = histogram();
    private volatile long endNanos = beginNanos;

    private Phase(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }

    void end() {
      endNanos = System.nanoTime();
    }

    /** How many of its requests were answered, in a second of it. */
    double perSecond() {
      return count() / ((endNanos - beginNanos) / 1e9);
    }

    long count() {
      return latencies.getTotalCount();
    }

    /** A percentile of latencies, in milliseconds; NaN where there is none. */
    double millis(double percentile) {
      return Seconds.millis(latencies, percentile);
    }
  }

  /** How many requests were answered, and how many not, or wrongly. */
  record Outcome(long answers, long errors) {}

  private final ConcurrentNavigableMap<Long, Cell> cells = new ConcurrentSkipListMap<>();
  private final List<Phase> phases = new CopyOnWriteArrayList<>();
  private final long beginNanos = System.nanoTime();

  private static Histogram histogram() {
    return new ConcurrentHistogram(LONGEST_NANOS, 2);
  }

  /** Begins a phase, which ends the one before. */
  Phase begin(String title) {
    Phase phase = new Phase(title);
    phases.add(phase);
    return phase;
  }

  /** How many seconds after the begin some time is. */
  double at(long nanos) {
    return (nanos - beginNanos) / 1e9;
  }

  private Cell cell(long nanos) {
    return cells.computeIfAbsent(
        TimeUnit.NANOSECONDS.toSeconds(nanos - beginNanos), second -> new Cell());
  }

  void answered(long dueNanos, long nowNanos) {
    long latency = Math.min(LONGEST_NANOS, nowNanos - dueNanos);
    cell(dueNanos).latencies.recordValue(latency);
    for (int i = phases.size() - 1; i >= 0; i--) {
      if (dueNanos - phases.get(i).beginNanos >= 0) {
        phases.get(i).latencies.recordValue(latency);
        return;
      }
    }
  }

  /** It has no answer, or a wrong one. */
  void failed(long dueNanos) {
    cell(dueNanos).errors.increment();
  }

  /** Somebody was told to come back. */
  void refused(long dueNanos) {
    cell(dueNanos).refused.increment();
  }

  /** How many of a hundred profiles came from where, in the second that is now. */
  void hits(double percentLocal, double percentShared) {
    Cell cell = cell(System.nanoTime());
    cell.percentLocal = percentLocal;
    cell.percentShared = percentShared;
  }

  long answers() {
    return cells.values().stream().mapToLong(cell -> cell.latencies.getTotalCount()).sum();
  }

  long errors() {
    return cells.values().stream().mapToLong(cell -> cell.errors.sum()).sum();
  }

  long refused() {
    return cells.values().stream().mapToLong(cell -> cell.refused.sum()).sum();
  }

  /** What has come of all that was due in a span of time, whole seconds of it. */
  Outcome outcome(long fromNanos, long toNanos) {
    Collection<Cell> span =
        cells
            .subMap(
                TimeUnit.NANOSECONDS.toSeconds(fromNanos - beginNanos),
                true,
                TimeUnit.NANOSECONDS.toSeconds(toNanos - beginNanos),
                true)
            .values();
    return new Outcome(
        span.stream().mapToLong(cell -> cell.latencies.getTotalCount()).sum(),
        span.stream().mapToLong(cell -> cell.errors.sum()).sum());
  }

  List<Phase> phases() {
    return phases;
  }

  /** Each second that there was. */
  List<Second> list() {
    return cells.entrySet().stream().map(each -> second(each.getKey(), each.getValue())).toList();
  }

  private static Second second(long at, Cell cell) {
    Histogram latencies = cell.latencies;
    return new Second(
        at,
        latencies.getTotalCount(),
        millis(latencies, 50),
        millis(latencies, 95),
        millis(latencies, 99),
        cell.errors.sum(),
        cell.refused.sum(),
        cell.percentLocal,
        cell.percentShared);
  }

  private static double millis(Histogram nanos, double percentile) {
    return nanos.getTotalCount() == 0 ? Double.NaN : nanos.getValueAtPercentile(percentile) / 1e6;
  }
}
