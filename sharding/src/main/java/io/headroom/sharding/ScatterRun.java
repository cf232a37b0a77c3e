package io.headroom.sharding;

import io.headroom.RequestContext;
import io.headroom.Spans;
import io.headroom.Spans.Span;
import java.io.Serial;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of one scatter on workers, so many shards at a time, until its deadline.
 *
 * <p>Whatever can block is done on a worker; the calling thread only waits, and never longer than
 * the deadline. Used by one thread.
 */
final class ScatterRun {

  /**
   * What came of the work on one shard: a value, or else a failure, or a bug, which is an unchecked
   * exception of the caller's own code.
   */
  record Outcome<R>(
      int index,
      ShardSession session,
      @Nullable R value,
      @Nullable SQLException failure,
      @Nullable Throwable bug) {}

  private static final int MAX_NAMES = 5;

  // SQLSTATEs that do not depend on the shard.
  private static final String READ_ONLY = "25006";
  private static final String SYNTAX_ERROR = "42601";

  private final Executor executor;
  private final int shardsAtATime;
  private final ScatterDeadline deadline;
  private final ScatterSpans spans;
  private final Span span;
  private final RequestContext context = RequestContext.current();

  ScatterRun(
      Executor executor,
      int shardsAtATime,
      ScatterDeadline deadline,
      ScatterSpans spans,
      int shards) {
    this.executor = executor;
    this.shardsAtATime = shardsAtATime;
    this.deadline = deadline;
    this.spans = spans;
    this.span = spans.begin(shards);
  }

  /** That of the whole scatter; {@link Scatter#finished} ends it. */
  Span span() {
    return span;
  }

  ScatterDeadline deadline() {
    return deadline;
  }

  /**
   * Does the work on every session, which it releases or parks; fails as soon as one of them does,
   * and cuts the others off.
   */
  <R> List<R> onAll(List<ShardSession> sessions, SqlFunction<ShardSession, R> work)
      throws ScatterException {
    List<R> values = new ArrayList<>(sessions.size());
    List<Outcome<R>> outcomes = run(sessions, spanned(work), shardsAtATime, true);
    throwIfFailed(outcomes);
    outcomes.forEach(outcome -> values.add(valueOf(outcome)));
    return values;
  }

  /** The same, one session after the other. */
  <R> void inTurn(List<ShardSession> sessions, SqlFunction<ShardSession, R> work)
      throws ScatterException {
    throwIfFailed(run(sessions, spanned(work), 1, true));
  }

  /** Does the work on every session, whatever becomes of the others. */
  <R> List<Outcome<R>> onEach(List<ShardSession> sessions, SqlFunction<ShardSession, R> work)
      throws ScatterException {
    return run(sessions, spanned(work), shardsAtATime, false);
  }

  /** Gives back what is parked; that is nothing that a shard is asked. */
  void release(List<ShardSession> parked) throws ScatterException {
    SqlFunction<ShardSession, Boolean> release =
        session -> {
          session.release();
          return true;
        };
    run(parked, release, shardsAtATime, false);
  }

  /** The work on each shard with a span around it, on the thread that does it. */
  @SuppressWarnings("try") // the scope is opened for its effect
  private <R> SqlFunction<ShardSession, R> spanned(SqlFunction<ShardSession, R> work) {
    if (span == Span.NONE) {
      return work;
    }
    return session -> {
      Span part = spans.beginPart(span, session.shard());
      R result;
      try (Spans.Scope current = part.enter()) {
        result = work.apply(session);
      } catch (SQLException | RuntimeException | Error failure) {
        part.end(session.isCut() ? "cut_off" : "failed", failure);
        throw failure;
      }
      part.end("answered", null);
      return result;
    };
  }

  @SuppressWarnings("NullAway") // no failure, so a value, of whatever type R says
  static <R> R valueOf(Outcome<R> outcome) {
    return outcome.value();
  }

  private <R> List<Outcome<R>> run(
      List<ShardSession> sessions, SqlFunction<ShardSession, R> work, int atATime, boolean failFast)
      throws ScatterException {
    int count = sessions.size();
    List<@Nullable Outcome<R>> outcomes = new ArrayList<>(Collections.nCopies(count, null));
    BlockingQueue<Outcome<R>> done = new LinkedBlockingQueue<>();
    int next = 0;
    int running = 0;
    boolean goOn = true;
    boolean inTime = true;
    while (goOn && (next < count || running > 0)) {
      while (next < count && running < atATime && deadline.nanosLeft() > 0) {
        submit(sessions.get(next), next, work, done);
        next++;
        running++;
      }
      Outcome<R> one = await(done, sessions);
      inTime = one != null;
      goOn = inTime;
      if (one != null) {
        running--;
        keep(one, outcomes, sessions);
        goOn = !failFast || one.failure == null;
      }
    }
    if (!goOn) {
      cutOff(sessions, outcomes, done, inTime);
    }
    List<Outcome<R>> all = new ArrayList<>(count);
    outcomes.forEach(all::add);
    return all;
  }

  private <R> void submit(
      ShardSession session,
      int index,
      SqlFunction<ShardSession, R> work,
      BlockingQueue<Outcome<R>> done) {
    try {
      executor.execute(context.wrap((Runnable) () -> done.add(perform(session, index, work))));
    } catch (RejectedExecutionException e) {
      SQLException failure =
          new SQLTransientException(
              "the scatter's executor has no thread for shard '" + session.shard().id() + "'",
              "53000",
              e);
      done.add(new Outcome<>(index, session, null, failure, null));
    }
  }

  private static <R> Outcome<R> perform(
      ShardSession session, int index, SqlFunction<ShardSession, R> work) {
    SQLException failure = null;
    Throwable bug = null;
    try {
      return new Outcome<>(index, session, work.apply(session), null, null);
    } catch (SQLException e) {
      failure = e;
      session.releaseQuietly(e);
    } catch (RuntimeException | Error e) {
      bug = e;
      session.releaseQuietly(e);
    }
    return new Outcome<>(index, session, null, failure, bug);
  }

  /** The next one that is done; null once the deadline has passed. */
  private <R> @Nullable Outcome<R> await(
      BlockingQueue<Outcome<R>> done, List<ShardSession> sessions) throws ScatterException {
    try {
      long left = deadline.nanosLeft();
      return left > 0 ? done.poll(left, TimeUnit.NANOSECONDS) : done.poll();
    } catch (InterruptedException e) {
      sessions.forEach(ShardSession::cut);
      Thread.currentThread().interrupt();
      SQLException failure = new SQLException("the calling thread was interrupted", "57014", e);
      throw new ScatterException(
          "a scatter was given up, since the calling thread was interrupted",
          Map.of(sessions.get(0).shard().id(), failure));
    }
  }

  private static <R> void keep(
      Outcome<R> one, List<@Nullable Outcome<R>> outcomes, List<ShardSession> sessions) {
    outcomes.set(one.index, one);
    Throwable bug = one.bug;
    if (bug != null) {
      sessions.forEach(ShardSession::cut);
      if (bug instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) bug;
    }
  }

  private <R> void cutOff(
      List<ShardSession> sessions,
      List<@Nullable Outcome<R>> outcomes,
      BlockingQueue<Outcome<R>> done,
      boolean inTime) {
    for (int i = 0; i < sessions.size(); i++) {
      if (outcomes.get(i) == null) {
        sessions.get(i).cut();
      }
    }
    List<@Nullable Throwable> afterwards =
        new ArrayList<>(Collections.nCopies(sessions.size(), null));
    for (Outcome<R> late = done.poll(); late != null; late = done.poll()) {
      Throwable failure = late.bug == null ? late.failure : late.bug;
      if (failure == null || isTheServersOwn(failure)) {
        outcomes.set(late.index, late); // it was done before the cut
      } else {
        afterwards.set(late.index, failure); // as likely as not it comes of the cut
      }
    }
    for (int i = 0; i < sessions.size(); i++) {
      if (outcomes.get(i) == null) {
        ShardSession session = sessions.get(i);
        String what = "shard '" + session.shard().id() + "' has not answered";
        SQLException failure = inTime ? new CutOff(what) : deadline.passed(what);
        Throwable after = afterwards.get(i);
        if (after != null) {
          failure.addSuppressed(after);
        }
        outcomes.set(i, new Outcome<>(i, session, null, failure, null));
      }
    }
  }

  /** Whether a failure says something about the statement, as no cancel and no abort does. */
  private static boolean isTheServersOwn(Throwable failure) {
    if (!(failure instanceof SQLException said)) {
      return false;
    }
    String state = said.getSQLState();
    return state != null && !state.startsWith("08") && !state.equals(CutOff.SQL_STATE);
  }

  /** Of a shard that was not waited for, since another had failed. */
  private static final class CutOff extends SQLTransientException {
    private static final String SQL_STATE = "57014";

    @Serial private static final long serialVersionUID = 1L;

    CutOff(String what) {
      super(what + ": another shard failed first", SQL_STATE);
    }
  }

  private <R> void throwIfFailed(List<Outcome<R>> outcomes) throws ScatterException {
    Map<String, SQLException> failures = failuresIn(outcomes);
    if (!failures.isEmpty()) {
      throw failed(failures, outcomes.size());
    }
  }

  /**
   * Failures by shard id: what shards said comes first, then what the deadline cut off; and what
   * was only cut off because of them is left out.
   */
  static <R> Map<String, SQLException> failuresIn(List<Outcome<R>> outcomes) {
    Map<String, SQLException> said = new LinkedHashMap<>();
    Map<String, SQLException> late = new LinkedHashMap<>();
    Map<String, SQLException> cut = new LinkedHashMap<>();
    for (Outcome<R> outcome : outcomes) {
      SQLException failure = outcome.failure();
      if (failure != null) {
        // by class: a server's own statement_timeout has the SQLSTATE of our cancel
        Map<String, SQLException> kind =
            failure instanceof CutOff ? cut : failure instanceof SQLTimeoutException ? late : said;
        kind.put(outcome.session().shard().id(), failure);
      }
    }
    said.putAll(late);
    return said.isEmpty() ? cut : said;
  }

  private ScatterException failed(Map<String, SQLException> failures, int shards) {
    if (deadline.nanosLeft() <= 0
        && failures.values().stream().allMatch(SQLTimeoutException.class::isInstance)) {
      return late(failures, shards);
    }
    Map.Entry<String, SQLException> first = failures.entrySet().iterator().next();
    String message = String.valueOf(first.getValue().getMessage());
    String reason = message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    return new ScatterException(
        "shard '"
            + first.getKey()
            + "' failed in a scatter over "
            + shards
            + (shards == 1 ? " shard: " : " shards: ")
            + reason
            + (failures.size() == 1 ? "" : " (without an answer: " + names(failures) + ")")
            + mend(first.getValue()),
        failures);
  }

  /**
   * What no shard can read, or do, is so on all of them, whichever has said so. A table that is
   * missing, a permission, or a value that cannot be reckoned with may be so on one of them only.
   */
  private static String mend(SQLException failure) {
    String state = String.valueOf(failure.getSQLState());
    if (state.equals(READ_ONLY)) {
      return ". A query only reads: updateEachShardSeparately(...) writes";
    }
    return state.equals(SYNTAX_ERROR) || failure instanceof ScatterPlan.NoParameter
        ? ""
        : ". toPartialList() and reducePartially() make do with the shards that answer";
  }

  private ScatterException late(Map<String, SQLException> failures, int shards) {
    return new ScatterException(
        failures.size()
            + " of "
            + shards
            + (shards == 1 ? " shard" : " shards")
            + " had not answered when "
            + deadline.whatPassed()
            + ": "
            + names(failures)
            + ". "
            + deadline.mend()
            + ", or ask fewer shards by forKeys(...) or onShards(...); toPartialList() and"
            + " reducePartially() make do with the shards that answer in time",
        failures);
  }

  /** The shards, as many as a message can hold. */
  private static String names(Map<String, SQLException> failures) {
    String some =
        failures.keySet().stream()
            .limit(MAX_NAMES)
            .map(id -> "'" + id + "'")
            .collect(Collectors.joining(", "));
    int more = failures.size() - MAX_NAMES;
    return more > 0 ? some + " and " + more + " more" : some;
  }
}
