package io.headroom.sharding;

import io.headroom.Spans;
import io.headroom.Spans.Span;
import io.headroom.Spans.Work;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a router's scatters: one for each, and below it one for each piece of work on a
 * shard. Which shard that is, is a detail of the span, and no tag of a timer: a fleet may have many
 * thousands. Thread-safe.
 */
final class ScatterSpans {

  private final Spans spans;
  private final Work scatter;
  private final String partTitle;
  private final Map<String, String> tags;

  ScatterSpans(String router, Spans spans) {
    this.spans = spans;
    this.tags = Map.of("router", router);
    this.scatter = new Work("headroom.sharding.scatter", "scatter " + router, tags);
    this.partTitle = "scatter " + router + " shard";
  }

  /** Begins that of a scatter over so many shards. */
  Span begin(int shards) {
    if (spans == Spans.NONE) {
      return Span.NONE;
    }
    Span span = spans.begin(scatter, null);
    span.detail("shards", Integer.toString(shards));
    return span;
  }

  /** Ends it: a failure is what the caller gets instead of a result. */
  static void end(Span span, int failedShards, @Nullable Throwable failure) {
    if (span != Span.NONE) {
      span.detail("failed", Integer.toString(failedShards));
      span.end(failure != null ? "failed" : failedShards > 0 ? "partial" : "answered", failure);
    }
  }

  /** Begins that of the work on a shard, on the thread that does it. */
  Span beginPart(Span of, Shard shard) {
    return of == Span.NONE
        ? Span.NONE
        : spans.begin(
            new Work(
                "headroom.sharding.scatter.shard", partTitle, tags, Map.of("shard", shard.id())),
            of);
  }
}
