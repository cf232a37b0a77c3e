package io.headroom.sharding;

import io.headroom.SetOnce;
import io.headroom.sharding.OrderedMerge.Source;
import io.headroom.sharding.ScatterRun.Outcome;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One query on many shards, made by {@link Scatter#query}: options, then one of the methods that
 * run it.
 *
 * <pre>{@code
 * List<Order> newest =
 *     scatter
 *         .query("SELECT ... FROM orders WHERE state = ? ORDER BY placed_at DESC LIMIT 20", Order::read)
 *         .bind(statement -> statement.setString(1, "OPEN"))
 *         .ordered(comparing(Order::placedAt).reversed())
 *         .limit(20)
 *         .toList();
 * }</pre>
 *
 * <p>{@link #toList}, {@link #reduce}, {@link #forEach} and {@link #stream} want every shard's
 * answer and fail as soon as one shard does; {@link #toPartialList} and {@link #reducePartially}
 * make do with those that answer. Without {@link #ordered}, rows come shard by shard, in the order
 * of the map.
 *
 * <p>Each shard's statement runs in a read-only transaction of its own, so that one that writes
 * fails with SQLSTATE 25006 and leaves nothing behind: what writes belongs in {@link
 * Scatter#updateEachShardSeparately}. Without a fetch size the driver reads a shard's rows at once;
 * with one, and in streams, it reads them in portions from a cursor.
 *
 * <p>Not thread-safe; runs once.
 *
 * @param <T> what is made of a row
 */
public final class ScatterQuery<T> {

  static final int DEFAULT_FETCH_SIZE = 500;

  private final ScatterPlan plan;
  private final RowReader<? extends T> reader;
  private @Nullable Comparator<? super T> order;
  private @Nullable Function<? super T, ?> keyOfRow;
  private int limit = Integer.MAX_VALUE;
  private int fetchSize;

  ScatterQuery(ScatterPlan plan, RowReader<? extends T> reader) {
    this.plan = plan;
    this.reader = reader;
  }

  /**
   * Sets parameters, on each shard.
   *
   * @param binder sets them; may be given more than once
   * @return this
   */
  public ScatterQuery<T> bind(StatementBinder binder) {
    plan.bind(Objects.requireNonNull(binder, "binder must not be null"));
    return this;
  }

  /**
   * Asks each shard for its own keys only, which become an array in the first parameter: {@code
   * WHERE user_id = ANY(?)}. Shards that own none of the keys are not asked.
   *
   * @param keys shard keys; none at all gives no rows
   * @return this
   * @throws UnknownKeyException if no shard owns one of them
   * @throws IllegalArgumentException if the router can't route one of them
   * @throws IllegalStateException if the shards are set already
   */
  public ScatterQuery<T> forKeys(Collection<?> keys) {
    plan.forKeys(keys);
    return this;
  }

  /**
   * Asks these shards only; those of {@link ShardRouter#shardsBetween}, say.
   *
   * @param shards some shards of the map
   * @return this
   * @throws UnknownShardException if the map has not got one of them
   * @throws IllegalStateException if the shards are set already
   */
  public ScatterQuery<T> onShards(Collection<Shard> shards) {
    plan.onShards(shards);
    return this;
  }

  /**
   * Merges the shards' rows by a comparator, the same order as the query's ORDER BY. A shard whose
   * rows come in another order (by a collation, say) is an error that names it; every row that was
   * read is looked at, beyond a {@link #limit} too.
   *
   * @param comparator the order; rows that are equal in it come in the order of their shards
   * @return this
   * @throws IllegalStateException if it is set already
   */
  public ScatterQuery<T> ordered(Comparator<? super T> comparator) {
    SetOnce.refuseSecond("scatter", "ordered", order != null);
    order = Objects.requireNonNull(comparator, "comparator must not be null");
    return this;
  }

  /**
   * Ends after so many rows of all shards together, and reads no more than that of any. A LIMIT in
   * the query helps the server too, except together with {@link #ownedBy}, which comes after it.
   *
   * @param rows how many, 1 or more
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   * @throws IllegalStateException if it is set already
   */
  public ScatterQuery<T> limit(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException(
          "limit must be 1 or more, was " + rows + "; leave it out to get every row");
    }
    SetOnce.refuseSecond("scatter", "limit", limit != Integer.MAX_VALUE);
    limit = rows;
    return this;
  }

  /**
   * Keeps a row only from the shard that owns its key, by one map for all shards: while a slot is
   * being moved its rows are on two shards, and would be there twice.
   *
   * @param shardKey the shard key of a row
   * @return this
   * @throws IllegalStateException if it is set already
   */
  public ScatterQuery<T> ownedBy(Function<? super T, ?> shardKey) {
    SetOnce.refuseSecond("scatter", "ownedBy", keyOfRow != null);
    keyOfRow = Objects.requireNonNull(shardKey, "shardKey must not be null");
    return this;
  }

  /**
   * Reads rows in portions, from a cursor in a transaction.
   *
   * @param rows how many at a time, 1 or more; {@value #DEFAULT_FETCH_SIZE} in streams unless set
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   * @throws IllegalStateException if it is set already
   */
  public ScatterQuery<T> fetchSize(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException(
          "fetchSize must be 1 or more, was " + rows + "; leave it out to read all at once");
    }
    SetOnce.refuseSecond("scatter", "fetchSize", fetchSize != 0);
    fetchSize = rows;
    return this;
  }

  /**
   * Sets the deadline of this query, where the request has no earlier one.
   *
   * @param timeout from the start of the query; the scatter's own unless set
   * @return this
   * @throws IllegalArgumentException if it is not more than zero
   * @throws IllegalStateException if it is set already
   */
  public ScatterQuery<T> timeout(Duration timeout) {
    plan.timeout(timeout);
    return this;
  }

  /**
   * Reads all rows into memory. With {@link #limit} and {@link #ordered} each shard gives so many
   * rows at most, which are then merged.
   *
   * @return the rows
   * @throws ScatterException if a shard failed, or the deadline passed; the rest was cancelled
   * @throws SQLException if a shard's rows come in another order, or a key's slot is fenced
   */
  public List<T> toList() throws SQLException {
    List<ShardSession> sessions = plan.sessions();
    return plan.observed(sessions, run -> merged(sessions, run.onAll(sessions, this::readAll)));
  }

  /**
   * Reads what the shards give that answer in time.
   *
   * @return the rows, and why the other shards have none
   * @throws SQLException if a shard's rows come in another order, a key's slot is fenced, or the
   *     calling thread is interrupted
   */
  public Partial<List<T>> toPartialList() throws SQLException {
    List<ShardSession> sessions = plan.sessions();
    return plan.observed(
        sessions,
        run -> {
          List<Outcome<List<T>>> outcomes = run.onEach(sessions, this::readAll);
          List<ShardSession> answered = new ArrayList<>();
          List<List<T>> rows = new ArrayList<>();
          for (Outcome<List<T>> outcome : outcomes) {
            if (outcome.failure() == null) {
              answered.add(outcome.session());
              rows.add(ScatterRun.valueOf(outcome));
            }
          }
          return new Partial<>(merged(answered, rows), ScatterRun.failuresIn(outcomes));
        });
  }

  /**
   * Combines all rows into one: on each shard's worker as they come, then over the shards. With
   * {@link #ordered} or {@link #limit} the rows of {@link #toList} are combined, in their order.
   *
   * @param identity the result where there are no rows
   * @param operator combines two; associative
   * @return the combination
   * @throws ScatterException if a shard failed, or the deadline passed; the rest was cancelled
   * @throws SQLException if a key's slot is fenced
   */
  public T reduce(T identity, BinaryOperator<T> operator) throws SQLException {
    if (dependsOnTheMerge()) {
      return toList().stream().reduce(identity, operator);
    }
    List<ShardSession> sessions = plan.sessions();
    List<T> values =
        plan.observed(
            sessions, run -> run.onAll(sessions, session -> reduceOn(session, identity, operator)));
    return values.stream().reduce(identity, operator);
  }

  /**
   * Combines the rows of the shards that answer in time, those of {@link #toPartialList} with
   * {@link #ordered} or {@link #limit}.
   *
   * @param identity the result where there are no rows
   * @param operator combines two; associative
   * @return the combination, and why the other shards have no part in it
   * @throws SQLException if a key's slot is fenced, or the calling thread is interrupted
   */
  public Partial<T> reducePartially(T identity, BinaryOperator<T> operator) throws SQLException {
    if (dependsOnTheMerge()) {
      Partial<List<T>> rows = toPartialList();
      return new Partial<>(rows.value().stream().reduce(identity, operator), rows.failures());
    }
    List<ShardSession> sessions = plan.sessions();
    return plan.observed(
        sessions,
        run -> {
          List<Outcome<T>> outcomes =
              run.onEach(sessions, session -> reduceOn(session, identity, operator));
          T value = identity;
          for (Outcome<T> outcome : outcomes) {
            if (outcome.failure() == null) {
              value = operator.apply(value, ScatterRun.valueOf(outcome));
            }
          }
          return new Partial<>(value, ScatterRun.failuresIn(outcomes));
        });
  }

  /** Whether it matters which shard's row comes first, so that shards can't be combined alone. */
  private boolean dependsOnTheMerge() {
    return order != null || limit < Integer.MAX_VALUE;
  }

  /**
   * Hands each row to a consumer on this thread, with one portion of each shard in memory. See
   * {@link #stream} for what it holds on to meanwhile.
   *
   * @param consumer gets the rows
   * @throws ScatterException if a shard failed, or the deadline passed; rows may have been consumed
   * @throws SQLException if a shard's rows come in another order, or a key's slot is fenced
   */
  public void forEach(Consumer<? super T> consumer) throws SQLException {
    try (ScatterCursor<T> cursor = openCursor()) {
      while (cursor.advance()) {
        consumer.accept(cursor.current());
      }
    }
  }

  /**
   * Streams the rows, with one portion of each shard in memory. The stream must be closed, best
   * with try-with-resources. The deadline holds until then.
   *
   * <p>With {@link #ordered}, a connection to every shard is held until the stream is closed; they
   * are taken in the order of the map, so that two streams can't wait for each other's. Without, it
   * is as many as the scatter asks at a time.
   *
   * @return a sequential stream; a failure comes out of it as a {@link ShardingException} with the
   *     {@link ScatterException} as its cause
   * @throws ScatterException if a shard failed to begin, or the deadline passed
   * @throws SQLException if a key's slot is fenced
   */
  public Stream<T> stream() throws SQLException {
    return openCursor().stream();
  }

  private ScatterCursor<T> openCursor() throws SQLException {
    List<ShardSession> sessions = plan.sessions();
    int portion = fetchSize == 0 ? DEFAULT_FETCH_SIZE : fetchSize;
    if (keyOfRow == null) {
      portion = Math.min(portion, limit); // every row counts, so more is never needed of one shard
    }
    return new ScatterCursor<>(plan, this, order, limit, portion, sessions);
  }

  private List<T> merged(List<ShardSession> sessions, List<List<T>> rows) throws SQLException {
    List<Source<T>> sources = new ArrayList<>(rows.size());
    int total = 0;
    for (int i = 0; i < rows.size(); i++) {
      sources.add(new Source<>(sessions.get(i).shard().id(), rows.get(i)));
      total += rows.get(i).size();
    }
    List<T> merged = new ArrayList<>(Math.min(total, limit));
    OrderedMerge<T> merge = new OrderedMerge<>(sources, order);
    while (merged.size() < limit && merge.advance()) {
      merged.add(merge.current());
    }
    merge.checkAhead();
    return merged;
  }

  /** Reads one shard's rows, on a worker. */
  private List<T> readAll(ShardSession session) throws SQLException {
    List<T> rows = new ArrayList<>();
    read(session, rows::add);
    return rows;
  }

  @SuppressWarnings("NullAway") // as null as the identity or what the operator makes
  private T reduceOn(ShardSession session, T identity, BinaryOperator<T> operator)
      throws SQLException {
    AtomicReference<T> value = new AtomicReference<>(identity);
    read(session, row -> value.accumulateAndGet(row, operator));
    return value.get();
  }

  private void read(ShardSession session, Consumer<? super T> consumer) throws SQLException {
    boolean limited = limit < Integer.MAX_VALUE;
    boolean inPortions = fetchSize > 0 || (limited && keyOfRow != null);
    PreparedStatement statement = session.borrow(plan.sql, true, false);
    if (inPortions) {
      statement.setFetchSize(fetchSize == 0 ? DEFAULT_FETCH_SIZE : fetchSize);
    } else if (limited) {
      statement.setMaxRows(limit);
    }
    plan.setParameters(statement, session);
    session.run();
    try (ResultSet result = statement.executeQuery()) {
      int count = 0;
      while (count < limit && result.next()) {
        if (accept(session, result, consumer)) {
          count++;
        }
      }
    }
    session.park();
    session.release();
  }

  @Override
  public String toString() {
    return plan.describe("ScatterQuery");
  }

  /** Hands the row that a result stands on to a consumer, if it is this shard's to give. */
  boolean accept(ShardSession session, ResultSet result, Consumer<? super T> consumer)
      throws SQLException {
    T row = reader.read(result);
    if (keyOfRow != null) {
      Object key = Objects.requireNonNull(keyOfRow.apply(row), "ownedBy gave null for a row's key");
      if (!plan.owns(session, key)) {
        return false;
      }
    }
    consumer.accept(row);
    return true;
  }
}
