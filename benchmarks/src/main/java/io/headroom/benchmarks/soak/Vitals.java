package io.headroom.benchmarks.soak;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Heap after a collection, threads, and open files and sockets, looked at when nothing fails. Flat
 * is what is in the last quarter of the run what it was in the second: the first fills caches and
 * loads classes.
 */
final class Vitals {
  /** So few tell nothing. */
  private static final int FEWEST = 12;

  private static final double HEAP_MAY_GROW = 0.03;
  private static final double BYTES_MAY_GROW = 2e6;
  private static final double THREADS_MAY_DIFFER = 2;
  private static final double FILES_MAY_GROW = 8; // a pool that opens a connection anew, or two

  /**
   * One look.
   *
   * @param bytes of the heap, after a collection
   * @param threads that live
   * @param files that are open, and sockets
   */
  private record Look(double bytes, double threads, double files) {}

  private final List<Look> looks = new ArrayList<>();

  /** Collects garbage, which takes some tens of milliseconds, and looks. */
  void look() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    double files =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
            ? (double) system.getOpenFileDescriptorCount()
            : 0;
    add(
        (double) memory.getHeapMemoryUsage().getUsed(),
        ManagementFactory.getThreadMXBean().getThreadCount(),
        files);
  }

  /** Takes down what was seen. */
  void add(double bytes, double threads, double files) {
    looks.add(new Look(bytes, threads, files));
  }

  boolean isEnough() {
    return looks.size() >= FEWEST;
  }

  /** The last look, in words. */
  String last() {
    if (looks.isEmpty()) {
      return "";
    }
    Look last = looks.get(looks.size() - 1);
    return String.format(
        Locale.ROOT,
        "heap %.1f MB  threads %.0f  files %.0f",
        last.bytes() / 1e6,
        last.threads(),
        last.files());
  }

  /** What is not flat. */
  List<String> notFlat() {
    List<String> notFlat = new ArrayList<>();
    double grown = after(Look::bytes) - before(Look::bytes);
    if (grown > Math.max(BYTES_MAY_GROW, HEAP_MAY_GROW * before(Look::bytes))) {
      notFlat.add("the heap grows: " + heap() + " MB");
    }
    if (Math.abs(after(Look::threads) - before(Look::threads)) > THREADS_MAY_DIFFER) {
      notFlat.add("threads: " + threads());
    }
    if (after(Look::files) - before(Look::files) > FILES_MAY_GROW) {
      notFlat.add("open files grow: " + files());
    }
    return notFlat;
  }

  /** Megabytes in the second quarter, and in the last. */
  String heap() {
    return range("%.1f..%.1f", before(Look::bytes) / 1e6, after(Look::bytes) / 1e6);
  }

  /** Threads in the second quarter, and in the last. */
  String threads() {
    return range("%.0f..%.0f", before(Look::threads), after(Look::threads));
  }

  /** Open files in the second quarter, and in the last. */
  String files() {
    return range("%.0f..%.0f", before(Look::files), after(Look::files));
  }

  private String range(String format, double before, double after) {
    return isEnough() ? String.format(Locale.ROOT, format, before, after) : "unknown";
  }

  private double before(ToDoubleFunction<Look> figure) {
    return median(looks.subList(looks.size() / 4, looks.size() / 2), figure);
  }

  private double after(ToDoubleFunction<Look> figure) {
    return median(looks.subList(looks.size() * 3 / 4, looks.size()), figure);
  }

  private static double median(List<Look> some, ToDoubleFunction<Look> figure) {
    double[] sorted = some.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
