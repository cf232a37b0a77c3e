package io.headroom.sharding;

import io.headroom.sharding.OrderedMerge.Source;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterators.AbstractSpliterator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The rows of many shards as one sequence, with one portion of each in memory.
 *
 * <p>Workers fetch the portions, so that a shard that hangs can't hold the consumer beyond the
 * deadline. Nothing is fetched ahead: a consumer that has enough closes connections that rest, and
 * need not cut any off. Used by one thread.
 */
final class ScatterCursor<T> extends AbstractSpliterator<T> implements AutoCloseable {

  private final ScatterPlan plan;
  private final ScatterQuery<T> query;
  private final @Nullable Comparator<? super T> order;
  private final int portion;
  private final List<ShardSession> sessions;
  private final ScatterRun run;
  private final int chunk;
  private int opened;
  private int rowsLeft;
  private @Nullable OrderedMerge<T> merge;
  private @Nullable Throwable failure;
  private boolean closed;

  ScatterCursor(
      ScatterPlan plan,
      ScatterQuery<T> query,
      @Nullable Comparator<? super T> order,
      int limit,
      int portion,
      List<ShardSession> sessions)
      throws SQLException {
    super(Long.MAX_VALUE, ORDERED);
    this.plan = plan;
    this.query = query;
    this.order = order;
    this.rowsLeft = limit;
    this.portion = portion;
    this.sessions = sessions;
    this.run = plan.start(sessions);
    this.chunk = order == null ? plan.scatter.shardsAtATime() : Math.max(1, sessions.size());
    try {
      openNext();
    } catch (SQLException | RuntimeException | Error e) {
      failure = e;
      close();
      throw e;
    }
  }

  /** One shard's rows, a portion at a time. */
  private final class Portions extends Source<T> {
    private final ShardSession session;
    private List<T> fetched = List.of();
    private @Nullable ResultSet result;
    private boolean exhausted;

    Portions(ShardSession session) {
      super(session.shard().id(), List.of());
      this.session = session;
    }

    @Override
    List<T> more() throws SQLException {
      while (fetched.isEmpty() && !exhausted) {
        run.inTurn(List.of(session), this::fetch);
      }
      List<T> rows = fetched;
      fetched = List.of();
      return rows;
    }

    /** On a worker; the run hands over what is written here. */
    private Boolean fetch(ShardSession of) throws SQLException {
      PreparedStatement statement = of.run();
      ResultSet open = result;
      if (open == null) {
        open = statement.executeQuery();
        result = open;
      }
      List<T> rows = new ArrayList<>();
      for (int looked = 0; looked < portion && !exhausted; looked++) {
        if (open.next()) {
          query.accept(of, open, rows::add);
        } else {
          exhausted = true;
        }
      }
      fetched = rows;
      of.park();
      if (exhausted) {
        of.release();
      }
      return exhausted;
    }
  }

  private void openNext() throws SQLException {
    List<ShardSession> next = sessions.subList(opened, Math.min(sessions.size(), opened + chunk));
    opened += next.size();
    run.inTurn(next, this::prepare); // in the order of the map: see ScatterQuery.stream
    Map<ShardSession, Portions> sources = new LinkedHashMap<>();
    for (ShardSession session : next) {
      sources.put(session, new Portions(session));
    }
    run.onAll(next, session -> Objects.requireNonNull(sources.get(session)).fetch(session));
    merge = new OrderedMerge<T>(List.copyOf(sources.values()), order);
  }

  private Boolean prepare(ShardSession session) throws SQLException {
    PreparedStatement statement = session.borrow(plan.sql, true, false);
    statement.setFetchSize(portion);
    plan.setParameters(statement, session);
    return true;
  }

  /** Moves to the next row; false if there is none. */
  boolean advance() throws SQLException {
    if (closed || rowsLeft == 0) {
      return false;
    }
    try {
      while (merge == null || !merge.advance()) {
        if (opened == sessions.size()) {
          rowsLeft = 0;
          return false;
        }
        openNext();
      }
      rowsLeft--;
      if (rowsLeft == 0) {
        merge.checkAhead();
      }
    } catch (SQLException | RuntimeException | Error e) {
      failure = e;
      close();
      throw e;
    }
    return true;
  }

  T current() {
    OrderedMerge<T> open = merge;
    if (open == null) {
      throw new IllegalStateException("no current row: call advance() first");
    }
    return open.current();
  }

  Stream<T> stream() {
    return StreamSupport.stream(this, false).onClose(this::close);
  }

  @Override
  public boolean tryAdvance(Consumer<? super T> consumer) {
    try {
      if (!advance()) {
        return false;
      }
    } catch (SQLException e) {
      throw new ShardingException(e.getMessage() == null ? "" : e.getMessage(), e);
    }
    consumer.accept(current());
    return true;
  }

  /** Gives the connections back: politely while there is time, else by aborting them. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    List<ShardSession> parked = sessions.stream().filter(ShardSession::isParked).toList();
    try {
      run.release(parked);
    } catch (ScatterException interrupted) {
      failure = failure == null ? interrupted : failure;
    }
    sessions.forEach(ShardSession::abandon);
    plan.scatter.finished(run, sessions.size(), failure == null ? 0 : 1, failure);
  }
}
