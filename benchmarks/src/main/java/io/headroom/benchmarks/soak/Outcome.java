package io.headroom.benchmarks.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a run has come to, and whether that is good.
 *
 * @param seconds how long the load went on
 * @param expected how many requests should have come
 * @param arrivals how many came
 * @param answers how many were answered, in time
 * @param errorsInCalm of those that were not, those that failed when nothing else did
 * @param errorsByFault and the others, by what failed
 * @param bugs failures that no server's fault explains
 * @param stale readers that were shown too little
 * @param lost acknowledged writes that are not there
 * @param faults how many faults there were
 * @param calm the part of the time outside of all faults, from 0 to 1
 * @param stalled the part of the time in which the machine stood still, from 0 to 1
 * @param vitals heap, threads and files
 */
record Outcome(
    long seconds,
    double expected,
    long arrivals,
    long answers,
    long errorsInCalm,
    Map<String, Long> errorsByFault,
    long bugs,
    long stale,
    long lost,
    int faults,
    double calm,
    double stalled,
    Vitals vitals) {

  /** From here on a run must tell whether heap and threads are flat. */
  private static final long LONG = 300;

  private static final double MOST_STALLED = 0.02;
  private static final double LEAST_CALM = 0.25;
  private static final double ARRIVALS_MAY_DIFFER = 0.05;

  /** What is wrong; empty if all is well. */
  List<String> wrong() {
    List<String> wrong = new ArrayList<>();
    note(wrong, bugs > 0, "failures that no fault explains: " + bugs);
    note(wrong, stale > 0, "stale reads: " + stale);
    note(wrong, lost > 0, "lost writes: " + lost);
    note(wrong, errorsInCalm > 0, "errors though all was calm: " + errorsInCalm);
    errorsByFault.forEach(
        (fault, errors) ->
            note(
                wrong,
                fault.startsWith("Redis") && errors > 0,
                "errors though only Redis failed: " + errors + ", " + fault));
    note(
        wrong,
        Math.abs(arrivals - expected) > ARRIVALS_MAY_DIFFER * expected + 3 * Math.sqrt(expected),
        "requests that came: " + arrivals + " of " + Math.round(expected));
    long failed = errorsInCalm + bugs + sum(errorsByFault);
    note(
        wrong,
        arrivals != answers + failed,
        "requests of which nothing is known: " + (arrivals - answers - failed));
    if (vitals.isEnough()) {
      wrong.addAll(vitals.notFlat());
    } else {
      note(wrong, seconds >= LONG, "heap and threads were not looked at often enough");
    }
    if (seconds >= LONG) {
      note(wrong, faults == 0, "there were no faults");
      note(wrong, calm < LEAST_CALM, "it was hardly ever calm");
    }
    return wrong;
  }

  /**
   * Whether the machine stood still for so long that errors tell nothing. What a stall excuses is
   * that requests came or were answered late, and no more than that.
   */
  boolean isUnknown() {
    return stalled > MOST_STALLED
        && bugs == 0
        && stale == 0
        && lost == 0
        && (!vitals.isEnough() || vitals.notFlat().isEmpty());
  }

  private static void note(List<String> wrong, boolean is, String what) {
    if (is) {
      wrong.add(what);
    }
  }

  private static long sum(Map<String, Long> errors) {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }
}
