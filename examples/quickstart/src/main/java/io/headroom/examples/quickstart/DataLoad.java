package io.headroom.examples.quickstart;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardedIds;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/**
 * Loads users and their orders through the sharded data source: a batch of users is grouped by
 * shard, and each group is one transaction on its shard, users and orders together.
 */
final class DataLoad {

  private static final int BATCH = 4_000;
  private static final int LOADERS = 2;

  private static final String USERS =
      "INSERT INTO users SELECT id, 'user-' || id || '@example.org' FROM unnest(?) AS id";

  private static final String ORDERS =
      """
      INSERT INTO orders
      SELECT user_id, order_id, placed, 100 + order_id % 90000
      FROM unnest(?, ?, ?) AS o (user_id, order_id, placed)
      """;

  private final Fleet fleet;
  private final ShardedIds ids;
  private final AtomicLong ticks;
  private final int users;
  private final AtomicInteger nextBatch = new AtomicInteger();
  private final LongAdder rows = new LongAdder();

  /** The load is one request, so its token tells where every shard stood when all was written. */
  private final RequestContext request = RequestContext.builder().build();

  /**
   * A load that has not begun.
   *
   * @param users how many, from 1 on
   * @param ticks the order of events
   */
  DataLoad(Fleet fleet, int users, AtomicLong ticks) {
    this.fleet = fleet;
    this.ids = ShardedIds.of(fleet.sharded());
    this.ticks = ticks;
    this.users = users;
  }

  /** Loads everything; returns the number of rows written. */
  long run(Screen screen) throws InterruptedException, ExecutionException {
    long started = System.nanoTime();
    ExecutorService loaders = Executors.newFixedThreadPool(LOADERS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < LOADERS; i++) {
        running.add(
            loaders.submit(
                request.wrap(
                    () -> {
                      loadBatches(screen, started);
                      return rows;
                    })));
      }
      for (Future<?> loader : running) {
        loader.get();
      }
    } finally {
      loaders.shutdownNow();
    }
    return rows.sum();
  }

  /** What a read has to have seen so as not to miss what was loaded, on whatever copy. */
  ConsistencyToken written() {
    return request.token();
  }

  private void loadBatches(Screen screen, long started) throws SQLException {
    int batches = (users + BATCH - 1) / BATCH;
    for (int batch = nextBatch.getAndIncrement();
        batch < batches;
        batch = nextBatch.getAndIncrement()) {
      long first = 1L + (long) batch * BATCH;
      long last = Math.min(users, first + BATCH - 1);
      List<Long> batchUsers = LongStream.rangeClosed(first, last).boxed().toList();
      for (Map.Entry<Shard, List<Long>> group : fleet.router().group(batchUsers).entrySet()) {
        rows.add(loadOnShard(group.getKey(), group.getValue()));
      }
      double seconds = (System.nanoTime() - started) / 1e9;
      double share = (double) rows.sum() / ((1L + Options.ORDERS_PER_USER) * users);
      screen.progress(
          "loading",
          share,
          "%s rows, %s rows/s"
              .formatted(Screen.count(rows.sum()), Screen.count((long) (rows.sum() / seconds))));
    }
  }

  private int loadOnShard(Shard shard, List<Long> itsUsers) throws SQLException {
    int orders = itsUsers.size() * Options.ORDERS_PER_USER;
    Long[] userIds = new Long[orders];
    Long[] orderIds = new Long[orders];
    Long[] placed = new Long[orders];
    for (int i = 0; i < orders; i++) {
      long user = itsUsers.get(i / Options.ORDERS_PER_USER);
      userIds[i] = user;
      orderIds[i] = ids.nextIdFor(user);
      placed[i] = ticks.incrementAndGet();
    }
    try (Connection connection = fleet.sharded().forShard(shard.id()).getConnection()) {
      connection.setAutoCommit(false);
      insert(connection, USERS, (Object[]) itsUsers.toArray(Long[]::new));
      insert(connection, ORDERS, userIds, orderIds, placed);
      connection.commit();
    }
    return itsUsers.size() + orders;
  }

  private static void insert(Connection connection, String sql, Object[]... columns)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < columns.length; i++) {
        Array column = connection.createArrayOf("bigint", columns[i]);
        statement.setArray(i + 1, column);
      }
      statement.executeUpdate();
    }
  }
}
