package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The work of a campaign: writers hand their tokens to readers on other threads, which must see
 * what was written; monotonic readers must never see less than before. It counts what it did, and
 * what went wrong.
 */
@SuppressWarnings("try") // scopes are opened for their effect
final class CampaignLoad implements AutoCloseable {

  private static final int WRITERS = 2;
  private static final int READERS = 2;
  private static final int MONOTONIC = 1;

  private record Written(long id, String token) {}

  private final Fleet fleet;
  private final BlockingQueue<Written> handedOn = new ArrayBlockingQueue<>(64);
  private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong ownReads = new AtomicLong();
  private final AtomicLong stale = new AtomicLong();
  private final AtomicLong monotonicReads = new AtomicLong();
  private final AtomicLong stepsBack = new AtomicLong();
  private final AtomicLong stepsBackOnPrimary = new AtomicLong();
  private final AtomicLong worstNanos = new AtomicLong();
  private final ConcurrentMap<String, Long> failures = new ConcurrentHashMap<>();
  private final List<Throwable> broken = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  CampaignLoad(Fleet fleet) {
    this.fleet = fleet;
    for (int i = 0; i < WRITERS; i++) {
      long first = 1L + i;
      threads.add(start("writer-" + i, () -> write(first)));
    }
    for (int i = 0; i < READERS; i++) {
      threads.add(start("reader-" + i, this::readHandedOn));
    }
    for (int i = 0; i < MONOTONIC; i++) {
      threads.add(start("monotonic-" + i, this::readMonotonically));
    }
  }

  private Thread start(String name, Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (RuntimeException | Error e) {
                synchronized (broken) {
                  broken.add(e);
                }
              }
            },
            name);
    thread.start();
    return thread;
  }

  private void write(long first) {
    for (long id = first; !over; id += WRITERS) {
      long now = id;
      try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
        boolean written =
            timed(
                () -> {
                  try (Connection connection = fleet.dataSource().getConnection();
                      PreparedStatement insert =
                          connection.prepareStatement("INSERT INTO notes VALUES (?, 'w')")) {
                    connection.setAutoCommit(now % 4 < 2);
                    insert.setLong(1, now);
                    insert.executeUpdate();
                    if (now % 4 >= 2) {
                      connection.commit();
                    }
                  }
                });
        if (written) {
          acknowledged.add(now);
          writes.incrementAndGet();
          handedOn.offer(new Written(now, RequestContext.current().token().toString()));
        }
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  private void readHandedOn() {
    while (!over) {
      Written written;
      try {
        written = handedOn.poll(100, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
      if (written == null) {
        continue;
      }
      RequestContext request = RequestContext.builder().build();
      request.observe(ConsistencyToken.parse(written.token()));
      try (RequestContext.Scope scope = request.attach()) {
        timed(
            () -> {
              boolean seen =
                  fleet.dataSource().read(connection -> Fleet.sees(connection, written.id()));
              ownReads.incrementAndGet();
              if (!seen) {
                stale.incrementAndGet();
                System.out.println("stale: " + written + ", nodes " + fleet.dataSource().nodes());
              }
            });
      }
    }
  }

  private void readMonotonically() {
    while (!over) {
      long[] most = {-1};
      try (RequestContext.Scope scope =
          RequestContext.builder().with(Consistency.KEY, Consistency.MONOTONIC).build().attach()) {
        for (int i = 0; i < 20 && !over; i++) {
          timed(() -> readOnce(most));
        }
      }
    }
  }

  private void readOnce(long[] most) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setReadOnly(true);
      long count;
      boolean primaryServed;
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT count(*), pg_is_in_recovery() FROM notes")) {
        row.next();
        count = row.getLong(1);
        primaryServed = !row.getBoolean(2);
      }
      monotonicReads.incrementAndGet();
      if (count < most[0]) {
        // the primary may not show yet what waits for a synchronous replica, which shows it
        (primaryServed ? stepsBackOnPrimary : stepsBack).incrementAndGet();
      }
      most[0] = Math.max(most[0], count);
    }
  }

  private interface Work {
    void run() throws SQLException;
  }

  private boolean timed(Work work) {
    long began = System.nanoTime();
    try {
      work.run();
      return true;
    } catch (UnknownOutcomeException e) {
      unknown.incrementAndGet();
      return false;
    } catch (SQLException e) {
      failures.merge(e.getClass().getSimpleName() + "/" + e.getSQLState(), 1L, Long::sum);
      return false;
    } finally {
      worstNanos.accumulateAndGet(System.nanoTime() - began, Math::max);
    }
  }

  /** Waits until as many more writes went well. */
  void awaitWrites(int more) {
    long target = writes.get() + more;
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> writes.get() >= target);
  }

  /** Ends the work, and makes sure that nothing is stuck. */
  void end() throws InterruptedException {
    over = true;
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(30));
      assertThat(thread.isAlive()).as(thread + " is stuck").isFalse();
    }
  }

  @Override
  public void close() {
    over = true;
  }

  /** What was reported as done and is not there. */
  Set<Long> lost() throws SQLException {
    Set<Long> missing = new HashSet<>(acknowledged);
    try (Connection connection = fleet.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM notes")) {
      while (rows.next()) {
        missing.remove(rows.getLong(1));
      }
    }
    return missing;
  }

  String figures() {
    return "writes=%d unknown=%d own_reads=%d stale_reads=%d monotonic_reads=%d steps_back=%d"
            .formatted(
                writes.get(),
                unknown.get(),
                ownReads.get(),
                stale.get(),
                monotonicReads.get(),
                stepsBack.get())
        + " steps_back_on_primary=%d worst_call_ms=%d failures=%s"
            .formatted(
                stepsBackOnPrimary.get(),
                TimeUnit.NANOSECONDS.toMillis(worstNanos.get()),
                new TreeMap<>(failures));
  }

  void requireNothingWrong() {
    @Nullable Throwable first = broken.isEmpty() ? null : broken.get(0);
    assertThat(first).as("what ended a thread").isNull();
    assertThat(stale).as("stale reads after own writes").hasValue(0);
    assertThat(stepsBack).as("monotonic reads that stepped back among replicas").hasValue(0);
    assertThat(Duration.ofNanos(worstNanos.get())).isLessThan(Fleet.BOUND);
  }
}
