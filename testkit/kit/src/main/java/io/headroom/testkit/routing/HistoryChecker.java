package io.headroom.testkit.routing;

import io.headroom.testkit.routing.HistoryOperation.Kind;
import io.headroom.testkit.routing.HistoryOperation.Outcome;
import io.headroom.testkit.routing.HistoryViolation.Promise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Judges a recorded history: read-your-writes and monotonic reads of each client on each key, no
 * acknowledged write lost, no version read that nobody wrote.
 *
 * <pre>{@code
 * history.endsWith("cart", primary.versionOf("cart"));
 * HistoryChecker.of(history).verify();
 * }</pre>
 *
 * <p>The two session guarantees are those of D. Terry et al., "Session Guarantees for Weakly
 * Consistent Replicated Data" (doi:10.1109/PDIS.1994.331722), for versions that grow. A violation
 * that it reports is one: operations that overlap are given the benefit of the doubt. It takes O(n
 * log n).
 *
 * <p>Immutable and thread-safe.
 */
public final class HistoryChecker {

  private static final int REPORTED = 10;

  private final List<HistoryOperation> operations;
  private final Map<String, Set<Long>> rows;
  private final Map<String, Long> registers;

  private HistoryChecker(HistoryRecorder history) {
    this.operations = history.operations();
    this.rows = history.rows();
    this.registers = history.registers();
  }

  /**
   * Takes what was recorded up to now.
   *
   * @param history the record
   * @return a checker of it
   */
  public static HistoryChecker of(HistoryRecorder history) {
    return new HistoryChecker(history);
  }

  /**
   * Lists what is wrong.
   *
   * @return every violation, in the order of what broke the promise; empty if all were kept
   * @throws IllegalStateException if writes of one key overlap or do not grow, so that nobody could
   *     say which version is the newer one
   */
  public List<HistoryViolation> violations() {
    Map<String, Map<Long, HistoryOperation>> writes = writes();
    List<HistoryViolation> violations = new ArrayList<>();
    Map<Session, List<HistoryOperation>> sessions = new HashMap<>();
    for (HistoryOperation operation : operations) {
      if (operation.outcome() == Outcome.OK) {
        sessions
            .computeIfAbsent(
                new Session(operation.client(), operation.key()), session -> new ArrayList<>())
            .add(operation);
        if (operation.kind() == Kind.READ) {
          invented(operation, writes.getOrDefault(operation.key(), Map.of()))
              .ifPresent(violations::add);
        }
      }
    }
    sessions.values().forEach(session -> inSession(session, violations));
    violations.sort(
        Comparator.comparingLong(
            violation -> violation.later().map(HistoryOperation::ended).orElse(Long.MAX_VALUE)));
    writes.forEach((key, ofKey) -> lost(key, ofKey.values(), violations));
    return List.copyOf(violations);
  }

  /**
   * Asserts that nothing is wrong.
   *
   * @throws AssertionError if a promise was broken; it names the operations, of the first ten
   * @throws IllegalStateException as {@link #violations}
   */
  public void verify() {
    List<HistoryViolation> violations = violations();
    if (!violations.isEmpty()) {
      StringBuilder report = new StringBuilder();
      report.append(violations.size()).append(" broken promises in ").append(operations.size());
      report.append(" operations (in brackets: when each began and ended, counted)");
      violations.stream()
          .limit(REPORTED)
          .forEach(violation -> report.append("\n  ").append(violation));
      if (violations.size() > REPORTED) {
        report.append("\n  and ").append(violations.size() - REPORTED).append(" more");
      }
      throw new AssertionError(report.toString());
    }
  }

  /** A client and a key. */
  private record Session(String client, String key) {}

  /** By key and version, in the order in which they were written. */
  private Map<String, Map<Long, HistoryOperation>> writes() {
    Map<String, Map<Long, HistoryOperation>> writes = new TreeMap<>();
    Map<String, HistoryOperation> newest = new HashMap<>();
    for (HistoryOperation operation : operations) {
      if (operation.kind() == Kind.WRITE) {
        HistoryOperation before = newest.put(operation.key(), operation);
        if (before != null
            && (before.version() >= operation.version() || !ended(before, operation))) {
          throw new IllegalStateException(
              "the history cannot be judged: "
                  + before
                  + " and "
                  + operation
                  + "; give a key one writer at a time, and versions that grow");
        }
        writes
            .computeIfAbsent(operation.key(), key -> new HashMap<>())
            .put(operation.version(), operation);
      }
    }
    return writes;
  }

  /** A write that was abandoned, and never ended, may overlap whatever comes after it. */
  private static boolean ended(HistoryOperation before, HistoryOperation operation) {
    return before.ended() == Long.MAX_VALUE || before.isBefore(operation);
  }

  private static Optional<HistoryViolation> invented(
      HistoryOperation read, Map<Long, HistoryOperation> writes) {
    if (read.version() == 0) {
      return Optional.empty();
    }
    HistoryOperation write = writes.get(read.version());
    if (write != null && write.outcome() != Outcome.FAILED && write.began() < read.ended()) {
      return Optional.empty();
    }
    return Optional.of(
        new HistoryViolation(
            Promise.NO_INVENTED_VERSION,
            Optional.ofNullable(write),
            Optional.of(read),
            read.version()));
  }

  /** One client's successful operations on one key, in the order in which they began. */
  private static void inSession(List<HistoryOperation> session, List<HistoryViolation> violations) {
    PriorityQueue<HistoryOperation> open =
        new PriorityQueue<>(Comparator.comparingLong(HistoryOperation::ended));
    HistoryOperation written = null;
    HistoryOperation read = null;
    for (HistoryOperation operation : session) {
      while (!open.isEmpty() && open.element().isBefore(operation)) {
        HistoryOperation over = open.remove();
        if (over.kind() == Kind.WRITE) {
          written = newer(written, over);
        } else {
          read = newer(read, over);
        }
      }
      if (operation.kind() == Kind.READ) {
        breaks(Promise.READ_YOUR_WRITES, written, operation).ifPresent(violations::add);
        breaks(Promise.MONOTONIC_READS, read, operation).ifPresent(violations::add);
      }
      open.add(operation);
    }
  }

  private static HistoryOperation newer(@Nullable HistoryOperation one, HistoryOperation other) {
    return one == null || other.version() > one.version() ? other : one;
  }

  private static Optional<HistoryViolation> breaks(
      Promise promise, @Nullable HistoryOperation earlier, HistoryOperation read) {
    return earlier == null || read.version() >= earlier.version()
        ? Optional.empty()
        : Optional.of(
            new HistoryViolation(promise, Optional.of(earlier), Optional.of(read), read.version()));
  }

  private void lost(
      String key, Iterable<HistoryOperation> writes, List<HistoryViolation> violations) {
    Long last = registers.get(key);
    Set<Long> left = rows.get(key);
    List<HistoryViolation> ofKey = new ArrayList<>();
    for (HistoryOperation write : writes) {
      boolean older = last != null && write.version() > last;
      boolean missing = left != null && !left.contains(write.version());
      if (write.outcome() == Outcome.OK && (older || missing)) {
        ofKey.add(
            new HistoryViolation(
                Promise.NO_LOST_WRITE,
                Optional.of(write),
                Optional.empty(),
                older && last != null ? last : 0));
      }
    }
    ofKey.sort(
        Comparator.comparingLong(
            violation -> violation.earlier().map(HistoryOperation::version).orElse(0L)));
    violations.addAll(ofKey);
  }
}
