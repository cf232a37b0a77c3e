package io.headroom.benchmarks.report;

import java.util.Locale;

/** What a {@link Sample} counts, how its column is headed, and how a value of it is printed. */
public enum Metric {
  /** Nanoseconds an operation. */
  TIME("time") {
    @Override
    public String print(double nanos) {
      if (nanos < 1_000) {
        return figure(nanos) + " ns";
      }
      if (nanos < 1_000_000) {
        return figure(nanos / 1_000) + " µs";
      }
      return nanos < 1e9 ? figure(nanos / 1e6) + " ms" : figure(nanos / 1e9) + " s";
    }
  },
  /** Bytes allocated an operation, by JMH's gc profiler. */
  ALLOCATED("B/op") {
    @Override
    public String print(double bytes) {
      // The profiler spreads the harness's own few bytes over all operations.
      return bytes < 0.5 ? "0" : count(bytes);
    }
  },
  /** Nanoseconds from main to the first row read, in a fresh JVM. */
  START("start to first row") {
    @Override
    public String print(double nanos) {
      return TIME.print(nanos);
    }
  },
  /** Jars on the class path. */
  JARS("jars"),
  /** Bytes of the jars on the class path. */
  JAR_BYTES("bytes of jars") {
    @Override
    public String print(double bytes) {
      return kilobytes(bytes);
    }
  },
  /** Bytes of heap in use after garbage collection. */
  HEAP("heap after GC") {
    @Override
    public String print(double bytes) {
      return kilobytes(bytes);
    }
  },
  /** Classes loaded by the JVM. */
  CLASSES("classes loaded"),
  /** Slots that a plan moves. */
  MOVES("slots moved"),
  /** Round trips to the server an operation. */
  ROUND_TRIPS("round trips") {
    @Override
    public String print(double trips) {
      return String.format(Locale.ROOT, "%.2f", trips);
    }
  },
  /** Commands sent to the servers an operation. */
  COMMANDS("commands") {
    @Override
    public String print(double commands) {
      return ROUND_TRIPS.print(commands);
    }
  },
  /** Times that a value was loaded from its source. */
  LOADS("loads"),
  /** Callers that got an error. */
  FAILURES("callers that failed"),
  /** Nanoseconds that 99 of 100 operations took at most. */
  P99("99th percentile") {
    @Override
    public String print(double nanos) {
      return TIME.print(nanos);
    }
  },
  /** Operations a second. */
  RATE("reads a second"),
  /** Decisions a second, of all threads. */
  DECISIONS("decisions a second"),
  /** Extra time over the hand-picked pool, as a fraction: 0.02 is two per cent. */
  OVERHEAD("over hand-picked, paired") {
    @Override
    public String print(double fraction) {
      return String.format(Locale.ROOT, "%+.2f %%", 100 * fraction);
    }

    @Override
    String printError(double fraction) {
      return String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
    }
  },
  /** Extra time over what has nothing around it, as a fraction: 0.02 is two per cent. */
  OVER_BARE("over bare, paired") {
    @Override
    public String print(double fraction) {
      return OVERHEAD.print(fraction);
    }

    @Override
    String printError(double fraction) {
      return OVERHEAD.printError(fraction);
    }
  };

  private final String heading;

  Metric(String heading) {
    this.heading = heading;
  }

  /**
   * The heading of this metric's column.
   *
   * @return a word or two
   */
  public String heading() {
    return heading;
  }

  /**
   * Prints one value with its unit, to three significant digits or so.
   *
   * @param value the value, in the metric's base unit
   * @return the text of a table cell
   */
  public String print(double value) {
    return count(value);
  }

  /** Prints half the width of an interval. */
  String printError(double error) {
    return print(error);
  }

  private static String count(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  }

  private static String kilobytes(double bytes) {
    return bytes < 1e6 ? figure(bytes / 1e3) + " KB" : figure(bytes / 1e6) + " MB";
  }
}
