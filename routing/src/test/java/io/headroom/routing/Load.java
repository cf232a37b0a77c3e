package io.headroom.routing;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Work that goes on while something is done to the servers: each thread writes a row, reads it back
 * within the same request, and reads without a request, over and over. Remembers every call.
 */
@SuppressWarnings("try") // scopes are opened for their effect
final class Load implements AutoCloseable {

  private static final long PAUSE_NANOS = 2_000_000;

  /** What takes longer on this idle fleet takes part in the fault. */
  private static final long SLOW_NANOS = 250_000_000;

  /** What a call was for. */
  enum Kind {
    /** A row, half of them in a transaction of its own. */
    WRITE,
    /** That row again. */
    OWN_READ,
    /** Any read, without a request. */
    READ
  }

  private record Call(Kind kind, long beganNanos, long endedNanos, @Nullable Throwable failure) {
    boolean isOutage() {
      return failure != null || endedNanos - beganNanos > SLOW_NANOS;
    }
  }

  private final Fleet fleet;
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<Long> unknown = ConcurrentHashMap.newKeySet();

  /** One after the other in all loads, so that no two write one row. */
  private static final AtomicLong ids = new AtomicLong(1_000);

  private final AtomicLong stale = new AtomicLong();
  private final AtomicLong wellDone = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  Load(Fleet fleet, int count) {
    this.fleet = fleet;
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(this::work, "load-" + i);
      threads.add(thread);
      thread.start();
    }
    awaitWellDone(20 * count);
  }

  private void work() {
    while (!over) {
      long id = ids.incrementAndGet();
      try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
        if (timed(Kind.WRITE, () -> write(id))) {
          timed(Kind.OWN_READ, () -> readBack(id));
        }
      }
      timed(Kind.READ, () -> fleet.dataSource().read(connection -> Fleet.sees(connection, 0)));
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private interface Work {
    void run() throws SQLException;
  }

  private boolean timed(Kind kind, Work work) {
    long began = System.nanoTime();
    Throwable failure = null;
    try {
      work.run();
      wellDone.incrementAndGet();
    } catch (SQLException | RuntimeException | Error e) {
      failure = e;
    }
    calls.add(new Call(kind, began, System.nanoTime(), failure));
    return failure == null;
  }

  private void write(long id) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(id % 2 == 0);
      try (PreparedStatement statement =
          connection.prepareStatement("INSERT INTO notes VALUES (?, 'load')")) {
        statement.setLong(1, id);
        statement.executeUpdate();
      }
      if (id % 2 != 0) {
        connection.commit();
      }
      acknowledged.add(id);
    } catch (UnknownOutcomeException e) {
      unknown.add(id);
      throw e;
    }
  }

  private void readBack(long id) throws SQLException {
    if (!fleet.dataSource().read(connection -> Fleet.sees(connection, id))) {
      stale.incrementAndGet();
    }
  }

  /** Waits until this many more calls went well, so that what there is to be seen was seen. */
  void awaitWellDone(int more) {
    long target = wellDone.get() + more;
    Awaitility.await().until(() -> wellDone.get() >= target);
  }

  /** Ends the threads. The calls are remembered. */
  @Override
  public void close() {
    over = true;
    for (Thread thread : threads) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(30));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (thread.isAlive()) {
        AssertionError stuck = new AssertionError(thread + " is stuck");
        stuck.setStackTrace(thread.getStackTrace());
        throw stuck;
      }
    }
  }

  /** Own writes that a read did not show. */
  long stale() {
    return stale.get();
  }

  /** Acknowledged writes that are not on the primary; to be called at the end. */
  int lost() throws SQLException {
    Set<Long> missing = new HashSet<>(acknowledged);
    try (Connection connection = fleet.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM notes")) {
      while (rows.next()) {
        missing.remove(rows.getLong(1));
      }
    }
    return missing.size();
  }

  long failed(Kind... kinds) {
    Set<Kind> wanted = Set.of(kinds);
    return calls.stream()
        .filter(call -> wanted.contains(call.kind()) && call.failure() != null)
        .count();
  }

  List<Throwable> failures() {
    return calls.stream()
        .filter(call -> call.failure() != null)
        .<Throwable>map(Call::failure)
        .toList();
  }

  long worstMillis() {
    return calls.stream()
        .mapToLong(call -> TimeUnit.NANOSECONDS.toMillis(call.endedNanos() - call.beganNanos()))
        .max()
        .orElse(0);
  }

  /** The longest time from a fault on in which no write went well. */
  long writeGapMillis(long faultNanos) {
    long last = faultNanos;
    long gap = 0;
    for (Call call : calls.stream().sorted(Comparator.comparingLong(Call::endedNanos)).toList()) {
      if (call.kind() == Kind.WRITE && call.failure() == null && call.endedNanos() > faultNanos) {
        gap = Math.max(gap, call.endedNanos() - last);
        last = call.endedNanos();
      }
    }
    return TimeUnit.NANOSECONDS.toMillis(gap);
  }

  /** From the fault until the last call that failed, or took long, had ended. */
  long recoveredMillis(long faultNanos) {
    return calls.stream()
        .filter(Call::isOutage)
        .mapToLong(call -> TimeUnit.NANOSECONDS.toMillis(call.endedNanos() - faultNanos))
        .max()
        .orElse(0);
  }

  /** One line for the record. */
  String figures(String fault, long faultNanos) {
    Map<String, Long> failures = new TreeMap<>();
    failures().forEach(failure -> failures.merge(name(failure), 1L, Long::sum));
    return "fault="
        + fault
        + " recovered_ms="
        + Math.max(0, recoveredMillis(faultNanos))
        + " calls="
        + calls.size()
        + " failed_writes="
        + failed(Kind.WRITE)
        + " failed_reads="
        + failed(Kind.READ, Kind.OWN_READ)
        + " unknown_writes="
        + unknown.size()
        + " stale_own_reads="
        + stale
        + " worst_ms="
        + worstMillis()
        + " failures="
        + failures;
  }

  private static String name(Throwable failure) {
    String state = failure instanceof SQLException sql ? "/" + sql.getSQLState() : "";
    return failure.getClass().getSimpleName() + state;
  }
}
