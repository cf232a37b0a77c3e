package io.headroom.routing;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.LagLimit;
import io.headroom.RequestContext;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a request has seen of this cluster: read from its token before a read, put there after a
 * commit. Thread-safe.
 */
final class Positions {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaDataSource.class);

  private final TokenDomain domain;
  private final Consistency byDefault;
  private final ReplicationProbe probe;
  private final Borrowing borrowing;
  private final BiPredicate<Node, RequestContext> again;
  private final ReadNeed nothingSeen;

  /**
   * Of one data source.
   *
   * @param again asks a node once more, on the monitor's own connection; true if it answers in the
   *     time that a request has left
   */
  Positions(
      TokenDomain domain,
      Consistency byDefault,
      ReplicationProbe probe,
      Borrowing borrowing,
      BiPredicate<Node, RequestContext> again) {
    this.again = again;
    this.borrowing = borrowing;
    this.domain = domain;
    this.byDefault = byDefault;
    this.probe = probe;
    this.nothingSeen = new ReadNeed(byDefault, null);
  }

  /** What a read in this context asks of a copy. */
  ReadNeed needOf(RequestContext context) {
    Consistency asked = context.get(Consistency.KEY);
    Consistency consistency = asked == null ? byDefault : asked;
    Duration limit = context.get(LagLimit.KEY);
    if (limit == null) {
      return needOf(context, consistency);
    }
    return limit.isZero() || limit.isNegative()
        ? new ReadNeed(consistency, null, true) // no replica is known to have everything
        : needOf(context, consistency.within(limit));
  }

  private ReadNeed needOf(RequestContext context, Consistency consistency) {
    return switch (consistency.level()) {
      case EVENTUAL, STRONG -> new ReadNeed(consistency, null);
      case BOUNDED, READ_YOUR_WRITES, MONOTONIC -> needOf(consistency, context.token());
    };
  }

  private ReadNeed needOf(Consistency consistency, ConsistencyToken token) {
    if (token.isEmpty()) {
      return consistency.equals(byDefault) ? nothingSeen : new ReadNeed(consistency, null);
    }
    Optional<Position> seen = token.position(domain.name());
    if (seen.isEmpty() && token.primaryForUnknown()) {
      return new ReadNeed(consistency, null, true);
    }
    boolean unknown = seen.isPresent() && seen.get().position() == Position.UNKNOWN;
    if (unknown && !consistency.allowsStale()) {
      return new ReadNeed(consistency, null, true); // no replica can be held against that
    }
    return new ReadNeed(consistency, seen.orElse(null));
  }

  /**
   * The timeline that a request has seen, as far as that is known without a round trip; 0 if none.
   * A token may know of a failover before any probe does.
   */
  long timelineSeen(RequestContext context) {
    ConsistencyToken known = context.knownToken();
    return known.isEmpty()
        ? 0
        : known.position(domain.name()).map(Position::incarnation).orElse(0L);
  }

  /**
   * What was visible on a replica is from now on the least that the request may be shown. Asked on
   * the connection itself, after the read: a sample from before would let the next read step back.
   *
   * @return false if the connection broke, and does not tell
   */
  boolean saw(RequestContext context, Sample before, Connection replica) {
    OptionalLong timeline = before.status().timeline();
    if (timeline.isEmpty()) {
      return true; // such a replica is never chosen for a read that asks for a position
    }
    try {
      if (!replica.getAutoCommit()) {
        replica.rollback(); // what was left open is given up, as the pool would
      }
      long position = Borrowing.ask(replica, probe::visible);
      context.observe(ConsistencyToken.of(domain.name(), timeline.getAsLong(), position));
      return true;
    } catch (SQLException broken) {
      LOG.debug("The position of a read could not be asked for", broken);
      return false;
    }
  }

  /**
   * A read is served by the primary. If the request knows a position on a timeline that has ended,
   * which no replica can be held against, it gets one on the present timeline: whatever of the old
   * one survived lies below it. Else such a request would burden the primary for ever. So would one
   * whose position could not be asked, which lies below what the primary has by now.
   */
  void readOnPrimary(
      RequestContext context, Connection connection, Sample primary, TimelineEnds ends)
      throws SQLException {
    ConsistencyToken known = context.knownToken();
    Optional<Position> seen = known.isEmpty() ? Optional.empty() : known.position(domain.name());
    if (seen.isEmpty() || primary.status().timeline().isEmpty()) {
      return;
    }
    long timeline = primary.status().timeline().getAsLong();
    if (seen.get().position() == Position.UNKNOWN && seen.get().incarnation() <= timeline) {
      Position all = Borrowing.ask(connection, probe::written); // a sample may be older than it
      context.correct(domain.name(), seen.get(), all);
      return;
    }
    if (seen.get().incarnation() < timeline
        && !ends.carriesOver(seen.get().incarnation(), seen.get().position(), timeline)) {
      context.observe(ConsistencyToken.of(domain.name(), timeline, primary.status().position()));
    }
  }

  /**
   * Something may have been committed on the primary. Where it lies costs a round trip, which is
   * made if and when the request's token is read.
   */
  void committed(RequestContext context, Node primary, Sample sample, long nowNanos) {
    context.observeLater(domain.name(), () -> written(context, primary, sample, nowNanos));
  }

  /**
   * What a read showed cannot be asked for, and there is no primary. Whoever reads the request's
   * token asks the one that there is by then. If there still is none, it is as after a commit that
   * could not be asked for: the request's next read is for the primary.
   */
  void sawUnknown(RequestContext context, Sample shown, Supplier<@Nullable Node> primaries) {
    context.observeLater(
        domain.name(),
        () -> {
          Node primary = primaries.get();
          Sample known = primary == null ? null : primary.sample();
          return primary == null || known == null
              ? unknown(shown)
              : written(context, primary, known, known.endedNanos());
        });
  }

  private ConsistencyToken unknown(Sample sample) {
    long timeline = sample.status().timeline().orElse(0);
    return ConsistencyToken.of(domain.name(), timeline, Position.UNKNOWN);
  }

  private ConsistencyToken written(
      RequestContext context, Node primary, Sample before, long committedNanos) {
    ConsistencyToken sampled = sampledSince(primary, before, committedNanos);
    if (sampled != null) {
      return sampled;
    }
    if (primary.control().isInUse()) { // by those, perhaps, who wait for this answer
      sampled = again.test(primary, context) ? sampledSince(primary, before, committedNanos) : null;
      if (sampled != null) {
        return sampled;
      }
    }
    try {
      Position position = asked(primary);
      return ConsistencyToken.of(domain.name(), position.incarnation(), position.position());
    } catch (SQLException gone) {
      LOG.debug("The position of a commit on node {} could not be asked for", primary, gone);
      sampled = again.test(primary, context) ? sampledSince(primary, before, committedNanos) : null;
      if (sampled != null) {
        return sampled; // its pool had no connection to give; the monitor has its own
      }
      // Nothing is known but that the commit lies on this timeline. The caller's next read goes to
      // the primary, and learns more.
      return unknown(before);
    }
  }

  /** By an answer that the monitor got since; null if there is none of that run of the server. */
  private @Nullable ConsistencyToken sampledSince(
      Node primary, Sample before, long committedNanos) {
    Sample since = primary.sample();
    return since != null
            && since.beganNanos() - committedNanos > 0
            && since.status().role() == NodeRole.PRIMARY
            && since.status().incarnation().equals(before.status().incarnation())
            && since.status().timeline().isPresent()
        ? ConsistencyToken.of(
            domain.name(), since.status().timeline().getAsLong(), since.status().position())
        : null;
  }

  private Position asked(Node primary) throws SQLException {
    Binding binding = borrowing.borrow(primary, BindRequest.of(false, true)).binding();
    try {
      return Borrowing.ask(binding.connection(), probe::written);
    } finally {
      binding.giveBack();
    }
  }
}
