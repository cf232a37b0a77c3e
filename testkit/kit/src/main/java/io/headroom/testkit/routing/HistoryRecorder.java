package io.headroom.testkit.routing;

import io.headroom.testkit.routing.HistoryOperation.Kind;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes down what the clients of a test do to any replicated store, for a {@link HistoryChecker}.
 *
 * <pre>{@code
 * PendingWrite write = history.write("alice", "cart", 7);
 * try {
 *   update("update carts set version = 7 where owner = 'alice' and version < 7");
 *   write.acknowledged();
 * } catch (SQLException e) {
 *   write.unknown();
 * }
 * }</pre>
 *
 * <p>A client is whoever promises are made to: a thread, a user, everybody who carries a token on.
 * What is stored under a key is a version, from 1; the versions of a key grow, and one is written
 * after the other, so give each key one writer at a time. A write that timed out may take effect
 * late, so write in such a way that an older version never replaces a newer one.
 *
 * <p>What came before what is known by counting, not by clocks: an operation is before another if
 * it had ended when the other began, and overlapping ones may have happened in either order.
 *
 * <p>Thread-safe; about 150 bytes for each operation.
 */
public final class HistoryRecorder {

  private final AtomicLong moments = new AtomicLong();
  private final AtomicLong ids = new AtomicLong();
  private final Queue<PendingOperation> operations = new ConcurrentLinkedQueue<>();
  private final Map<String, Set<Long>> rows = new ConcurrentHashMap<>();
  private final Map<String, Long> registers = new ConcurrentHashMap<>();

  private HistoryRecorder() {}

  /**
   * Creates an empty history.
   *
   * @return a new recorder
   */
  public static HistoryRecorder create() {
    return new HistoryRecorder();
  }

  /**
   * A client is about to write. Call it before the store is called, and one of its methods after.
   *
   * @param client who writes
   * @param key what is written
   * @param version the version, at least 1, greater than every one written to the key before
   * @return to say what came of it; a write of which nothing is said has an unknown outcome
   * @throws IllegalArgumentException if the version is not positive
   */
  public PendingWrite write(String client, String key, long version) {
    if (version < 1) {
      throw new IllegalArgumentException(
          "version must be at least 1, was " + version + "; 0 is what a read finds before any");
    }
    PendingWrite write = new PendingWrite(begin(Kind.WRITE, client, key, version));
    operations.add(write.operation());
    return write;
  }

  /**
   * A client is about to read. Call it before the store is called, and one of its methods after.
   *
   * @param client who reads
   * @param key what is read
   * @return to say what came of it; a read of which nothing is said counts for nothing
   */
  public PendingRead read(String client, String key) {
    PendingRead read = new PendingRead(begin(Kind.READ, client, key, 0));
    operations.add(read.operation());
    return read;
  }

  /**
   * After all is over: the version that the primary holds for a key whose versions replace each
   * other. Whatever was acknowledged must not be newer.
   *
   * @param key the key
   * @param version its version, 0 if it holds none
   */
  public void endsWith(String key, long version) {
    registers.put(Objects.requireNonNull(key, "key must not be null"), version);
  }

  /**
   * After all is over: the versions that the primary holds for a key whose writes add rows.
   * Whatever was acknowledged must be among them, so that not one lost write escapes.
   *
   * @param key the key
   * @param versions all of them
   */
  public void endsWithAll(String key, Collection<Long> versions) {
    rows.put(Objects.requireNonNull(key, "key must not be null"), Set.copyOf(versions));
  }

  /**
   * What was recorded up to now.
   *
   * @return a copy, in the order in which operations began
   */
  public List<HistoryOperation> operations() {
    return operations.stream()
        .map(PendingOperation::toOperation)
        .sorted((one, other) -> Long.compare(one.began(), other.began()))
        .toList();
  }

  Map<String, Set<Long>> rows() {
    return new TreeMap<>(rows);
  }

  Map<String, Long> registers() {
    return new TreeMap<>(registers);
  }

  private PendingOperation begin(Kind kind, String client, String key, long version) {
    Objects.requireNonNull(client, "client must not be null");
    Objects.requireNonNull(key, "key must not be null");
    return new PendingOperation(ids.incrementAndGet(), kind, client, key, version, moments);
  }
}
