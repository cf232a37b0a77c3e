package io.headroom.benchmarks.soak;

import io.headroom.benchmarks.probe.Heap;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Heap after a collection and threads, looked at when nothing fails. Flat is what is in the last
 * quarter of the run no more than in the second: the first fills caches and loads classes.
 */
final class Vitals {
  /** So few tell nothing. */
  private static final int FEWEST = 8;

  private static final double HEAP_MAY_GROW = 0.03;
  private static final double BYTES_MAY_GROW = 2e6;
  private static final double THREADS_MAY_GROW = 1;

  /**
   * One look.
   *
   * @param bytes of the heap, after a collection
   * @param threads that live
   */
  private record Look(double bytes, double threads) {}

  private final List<Look> looks = new ArrayList<>();

  /** Collects garbage, which takes some tens of milliseconds, and looks. */
  void look() {
    add((double) Heap.usedAfterGc(), ManagementFactory.getThreadMXBean().getThreadCount());
  }

  /** Takes down what was seen. */
  void add(double bytes, double threads) {
    looks.add(new Look(bytes, threads));
  }

  boolean isEnough() {
    return looks.size() >= FEWEST;
  }

  double bytes() {
    return looks.isEmpty() ? Double.NaN : looks.get(looks.size() - 1).bytes();
  }

  int threads() {
    return looks.isEmpty() ? 0 : (int) looks.get(looks.size() - 1).threads();
  }

  boolean isHeapFlat() {
    double before = before(Look::bytes);
    double after = after(Look::bytes);
    return after - before <= Math.max(BYTES_MAY_GROW, HEAP_MAY_GROW * before);
  }

  boolean areThreadsFlat() {
    return after(Look::threads) - before(Look::threads) <= THREADS_MAY_GROW;
  }

  /** Megabytes in the second quarter, and in the last. */
  String heap() {
    return String.format(
        Locale.ROOT, "%.1f..%.1f", before(Look::bytes) / 1e6, after(Look::bytes) / 1e6);
  }

  /** Threads in the second quarter, and in the last. */
  String liveThreads() {
    return String.format(Locale.ROOT, "%.0f..%.0f", before(Look::threads), after(Look::threads));
  }

  private double before(ToDoubleFunction<Look> figure) {
    return median(looks.subList(looks.size() / 4, looks.size() / 2), figure);
  }

  private double after(ToDoubleFunction<Look> figure) {
    return median(looks.subList(looks.size() * 3 / 4, looks.size()), figure);
  }

  private static double median(List<Look> some, ToDoubleFunction<Look> figure) {
    double[] sorted = some.stream().mapToDouble(figure).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }
}
