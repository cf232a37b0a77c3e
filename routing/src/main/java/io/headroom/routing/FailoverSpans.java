package io.headroom.routing;

import io.headroom.Spans;
import io.headroom.Spans.Span;
import io.headroom.Spans.Work;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a data source's failovers: from when the primary is found to be gone until there is
 * one again. They are current on no thread, since no thread does the work. Thread-safe.
 */
final class FailoverSpans implements Consumer<Topology>, AutoCloseable {

  private final Spans spans;
  private final Work failover;
  private @Nullable Node primary;
  private @Nullable Span open;
  private boolean closed;

  FailoverSpans(String cluster, Spans spans) {
    this.spans = spans;
    this.failover =
        new Work("headroom.routing.failover", "failover of " + cluster, Map.of("cluster", cluster));
  }

  /** Called in the order of the versions, one call at a time. */
  @Override
  @SuppressWarnings("ReferenceEquality") // a node is one object
  public synchronized void accept(Topology now) {
    Node before = primary;
    Node after = now.primary();
    if (closed || spans == Spans.NONE || (before == null && after == null)) {
      return;
    }
    if (before != null && before != after && open == null) {
      open = begin(before, now);
    }
    if (after != null) {
      end(after == before ? "returned" : "promoted", after, now);
      primary = after;
    }
  }

  private Span begin(Node lost, Topology now) {
    Span span = spans.begin(failover, null);
    span.detail("from", lost.name());
    if (now.trouble() != null) {
      span.detail("trouble", now.trouble());
    }
    return span;
  }

  private void end(String outcome, Node found, Topology now) {
    Span span = open;
    open = null;
    if (span != null) {
      span.detail("to", found.name());
      span.detail("timeline", Long.toString(now.timeline()));
      span.end(outcome, null);
    }
  }

  /** One that is going on has come to no end that anybody here will see. */
  @Override
  public synchronized void close() {
    closed = true;
    Span span = open;
    open = null;
    if (span != null) {
      span.end("unfinished", null);
    }
  }
}
