package io.headroom.sharding;

import io.headroom.sharding.ScatterRun.Outcome;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One statement that writes on many shards, each for itself, made by {@link
 * Scatter#updateEachShardSeparately}.
 *
 * <pre>{@code
 * Map<String, ShardOutcome> outcomes =
 *     scatter
 *         .updateEachShardSeparately("DELETE FROM sessions WHERE expires_at < now()")
 *         .run();
 * }</pre>
 *
 * <p><b>This is no transaction.</b> Each shard commits on its own, and one that fails undoes
 * nothing on another; so look at the outcome of each. An idempotent statement can be sent again.
 * Nothing is sent before {@link #run}.
 *
 * <p>Not thread-safe; runs once.
 */
public final class ScatterUpdate {

  private final ScatterPlan plan;

  ScatterUpdate(ScatterPlan plan) {
    this.plan = plan;
  }

  /**
   * Sets parameters, on each shard.
   *
   * @param binder sets them; may be given more than once
   * @return this
   */
  @CheckReturnValue
  public ScatterUpdate bind(StatementBinder binder) {
    plan.bind(Objects.requireNonNull(binder, "binder must not be null"));
    return this;
  }

  /**
   * Sends each shard its own keys only, as an array in the first parameter: {@code WHERE user_id =
   * ANY(?)}. Shards that own none of the keys are left alone.
   *
   * @param keys shard keys
   * @return this
   * @throws UnknownKeyException if no shard owns one of them
   * @throws IllegalArgumentException if the router can't route one of them
   * @throws IllegalStateException if the shards are set already
   */
  @CheckReturnValue
  public ScatterUpdate forKeys(Collection<?> keys) {
    plan.forKeys(keys);
    return this;
  }

  /**
   * Sends it to these shards only.
   *
   * @param shards some shards of the map
   * @return this
   * @throws UnknownShardException if the map has not got one of them
   * @throws IllegalStateException if the shards are set already
   */
  @CheckReturnValue
  public ScatterUpdate onShards(Collection<Shard> shards) {
    plan.onShards(shards);
    return this;
  }

  /**
   * Sets the deadline of this update, where the request has no earlier one.
   *
   * @param timeout from the start; the scatter's own unless set
   * @return this
   * @throws IllegalArgumentException if it is not more than zero
   * @throws IllegalStateException if it is set already
   */
  @CheckReturnValue
  public ScatterUpdate timeout(Duration timeout) {
    plan.timeout(timeout);
    return this;
  }

  /**
   * Runs it, on every shard whatever becomes of the others, until the deadline.
   *
   * @return the outcome by shard id, in the order of the map
   * @throws SlotFencedException if a key's slot is fenced, or without keys any slot of these
   *     shards; nothing was sent
   * @throws SQLException if the calling thread is interrupted; what became of it is not known
   */
  public Map<String, ShardOutcome> run() throws SQLException {
    List<ShardSession> sessions = plan.writingSessions();
    return plan.observed(
        sessions,
        run -> outcomes(run.onEach(sessions, this::update)),
        ScatterUpdate::notDone,
        thrown -> sessions.size()); // given up by an interrupt: what became of any is not known
  }

  private static int notDone(Map<String, ShardOutcome> outcomes) {
    return (int) outcomes.values().stream().filter(outcome -> !outcome.isDone()).count();
  }

  @Override
  public String toString() {
    return plan.describe("ScatterUpdate");
  }

  private static Map<String, ShardOutcome> outcomes(List<Outcome<Long>> done) {
    Map<String, ShardOutcome> outcomes = new LinkedHashMap<>();
    for (Outcome<Long> outcome : done) {
      String id = outcome.session().shard().id();
      SQLException failure = outcome.failure();
      outcomes.put(
          id,
          failure == null
              ? ShardOutcome.done(id, ScatterRun.valueOf(outcome))
              : ShardOutcome.notDone(
                  id, outcome.session().hasRun() && !saysRolledBack(failure), failure));
    }
    return outcomes;
  }

  private Long update(ShardSession session) throws SQLException {
    PreparedStatement statement = session.borrow(plan.sql, false, true);
    plan.setParameters(statement, session);
    session.run();
    long rows = statement.executeLargeUpdate();
    session.park();
    try {
      session.release();
    } catch (SQLException committedAllTheSame) {
      return rows;
    }
    return rows;
  }

  /**
   * Whether the server itself said that the statement failed. It did not where the connection was
   * lost (class 08), the server went down (57P01 and the like), or the deadline cut it off.
   */
  private static boolean saysRolledBack(SQLException failure) {
    String state = failure.getSQLState();
    return state != null
        && !state.startsWith("08")
        && !state.startsWith("57P")
        && !state.equals("57014");
  }
}
