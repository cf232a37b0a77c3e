package io.headroom.sharding;

import io.headroom.Spans;
import java.io.Serial;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What a query and an update have in common: which shards, with what parameters, for how long. */
final class ScatterPlan {

  private static final String SHARDS_TWICE =
      "scatter: the shards are set twice, by onShards or forKeys: set them once";

  final Scatter scatter;
  final String sql;
  final RouterSnapshot<?> snapshot;
  private final List<StatementBinder> binders = new ArrayList<>(1);
  private final List<Integer> slots = new ArrayList<>();
  private @Nullable Map<Integer, List<Object>> keysByOrdinal;
  private @Nullable Set<Integer> ordinals;
  private @Nullable Duration timeout;
  private boolean hasRun;

  ScatterPlan(Scatter scatter, String sql) {
    this.scatter = scatter;
    this.sql = sql;
    this.snapshot = scatter.dataSource().router().snapshot();
  }

  /** What was asked for, and whether it has begun. */
  String describe(String kind) {
    return kind + (hasRun ? "[" : "[not run yet: ") + sql + ", over " + scatter.dataSource() + "]";
  }

  void bind(StatementBinder binder) {
    binders.add(binder);
  }

  void timeout(Duration limit) {
    timeout = Scatter.checkedTimeout(Options.once("scatter", "timeout", timeout, limit));
  }

  void onShards(Collection<Shard> shards) {
    if (ordinals != null || keysByOrdinal != null) {
      throw new IllegalStateException(SHARDS_TWICE);
    }
    Set<Integer> chosen = new LinkedHashSet<>();
    for (Shard shard : shards) {
      snapshot.map().shard(shard.id()); // or UnknownShardException
      chosen.add(snapshot.map().table().ordinal(shard.id()));
    }
    ordinals = chosen;
  }

  @SuppressWarnings("unchecked")
  void forKeys(Collection<?> keys) {
    if (ordinals != null || keysByOrdinal != null) {
      throw new IllegalStateException(SHARDS_TWICE);
    }
    ShardStrategy<Object> strategy = (ShardStrategy<Object>) snapshot.strategy();
    Map<Integer, List<Object>> groups = new TreeMap<>();
    for (Object key : keys) {
      int slot = KeyReader.slotOf(snapshot, key);
      slots.add(slot);
      groups
          .computeIfAbsent(snapshot.ordinalOfSlot(slot), ordinal -> new ArrayList<>())
          .add(strategy.pinnedKey(key));
    }
    keysByOrdinal = groups;
  }

  /** A session for each shard, in the order of the map; none is open yet. To be called once. */
  List<ShardSession> sessions() throws SQLException {
    if (hasRun) {
      throw new IllegalStateException(
          "this scatter has run once: begin another with query(...) or"
              + " updateEachShardSeparately(...)");
    }
    hasRun = true;
    ShardMap map = snapshot.map();
    if (map.hasMovingSlots()) {
      for (int slot : slots) {
        scatter.dataSource().refuseIfFenced(map, slot, map.ownerOf(slot));
      }
    }
    return sessionsOn(map);
  }

  /**
   * The same for a statement that writes: without keys it can write to every slot of its shards, so
   * that none of them may be fenced. What it wrote there would be lost at the cut-over.
   */
  List<ShardSession> writingSessions() throws SQLException {
    ShardMap map = snapshot.map();
    if (keysByOrdinal == null && map.hasMovingSlots()) {
      for (int slot : map.states().inMotion()) {
        if (isMeant(map.ownerOrdinal(slot)) || isMeant(map.states().target(slot))) {
          scatter.dataSource().refuseIfFenced(map, slot, map.ownerOf(slot));
        }
      }
    }
    return sessions();
  }

  private List<ShardSession> sessionsOn(ShardMap map) {
    List<ShardSession> sessions = new ArrayList<>();
    for (int ordinal = 0; ordinal < map.shardCount(); ordinal++) {
      if (isMeant(ordinal)) {
        Shard shard = map.shardAt(ordinal);
        sessions.add(
            new ShardSession(
                shard, ordinal, scatter.dataSource().forShard(shard.id()), scatter.severer()));
      }
    }
    return sessions;
  }

  private boolean isMeant(int ordinal) {
    if (keysByOrdinal != null) {
      return keysByOrdinal.containsKey(ordinal);
    }
    return ordinals == null || ordinals.contains(ordinal);
  }

  ScatterRun start(List<ShardSession> sessions) {
    return scatter.start(timeout, sessions.size());
  }

  /** Runs a query to its end, and tells the listeners how it went. */
  <R> R observed(List<ShardSession> sessions, SqlFunction<ScatterRun, R> step) throws SQLException {
    return observed(
        sessions,
        step,
        result -> result instanceof Partial<?> partial ? partial.failures().size() : 0,
        thrown -> thrown instanceof ScatterException scattered ? scattered.failures().size() : 1);
  }

  /**
   * Runs a step to its end, and tells the listeners how it went.
   *
   * @param failed on how many shards it failed, by what it came to
   * @param lost on how many, by what it threw
   */
  @SuppressWarnings("try") // the scope is opened for its effect
  <R> R observed(
      List<ShardSession> sessions,
      SqlFunction<ScatterRun, R> step,
      ToIntFunction<R> failed,
      ToIntFunction<Throwable> lost)
      throws SQLException {
    ScatterRun run = start(sessions);
    int failures = sessions.size();
    Throwable failure = null;
    try (Spans.Scope current = run.span().enter()) {
      R result = step.apply(run);
      failures = failed.applyAsInt(result);
      return result;
    } catch (SQLException | RuntimeException | Error e) {
      failures = lost.applyAsInt(e);
      failure = e;
      throw e;
    } finally {
      scatter.finished(run, sessions.size(), failures, failure);
    }
  }

  /** Sets the parameters on one shard: its keys, then whatever the caller sets. */
  void setParameters(PreparedStatement statement, ShardSession session) throws SQLException {
    if (keysByOrdinal != null) {
      List<Object> keys = keysByOrdinal.getOrDefault(session.ordinal(), List.of());
      String type = SqlText.typeName(snapshot.strategy().keyType());
      Array array = statement.getConnection().createArrayOf(type, keys.toArray());
      try {
        statement.setArray(1, array);
      } catch (SQLException failure) {
        throw sql.contains("?") ? failure : new NoParameter(failure);
      }
    }
    for (StatementBinder binder : binders) {
      binder.bind(statement);
    }
  }

  /** The same on each shard. */
  static final class NoParameter extends SQLException {
    @Serial private static final long serialVersionUID = 1L;

    NoParameter(SQLException failure) {
      super(
          "forKeys gives each shard its keys as the first parameter, and the SQL has none: write"
              + " ... = ANY(?) where they belong",
          failure.getSQLState(),
          failure);
    }
  }

  boolean owns(ShardSession session, Object key) {
    return snapshot.ordinalOfSlot(KeyReader.slotOf(snapshot, key)) == session.ordinal();
  }
}
