package io.headroom.cache;

import io.headroom.RequestContext;
import io.headroom.Spans;
import io.headroom.Spans.Span;
import io.headroom.Spans.Work;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one cache's loads: one for each call of the loader, for whoever has it called. Those
 * who wait for another's load have none. Thread-safe.
 */
final class LoadSpans {

  private static final String NAME = "headroom.cache.load";

  /** Who has a load run on another thread; kept from the loader, whose own loads are others. */
  private static final RequestContext.Key<Asked> ASKED =
      RequestContext.Key.named("headroom.cache.asked");

  private static final Asked NOBODY = new Asked(null, false);

  /**
   * What a load is for.
   *
   * @param caller what it is part of; null for what is current where it runs
   * @param ahead whether nobody waits for it
   */
  private record Asked(@Nullable Span caller, boolean ahead) {}

  private final Spans spans;
  private final Work miss;
  private final Work batch;
  private final Work refresh;

  LoadSpans(String cache, Spans spans) {
    this.spans = spans;
    this.miss = work(cache, "miss");
    this.batch = work(cache, "batch");
    this.refresh = work(cache, "refresh");
  }

  private static Work work(String cache, String origin) {
    return new Work(NAME, "load " + cache, Map.of("cache", cache, "origin", origin));
  }

  /** What a request is to have attached where a load runs for it, on another thread. */
  RequestContext carriedBy(RequestContext request) {
    if (spans == Spans.NONE || asked(request).caller() != null) {
      return request;
    }
    Span caller = spans.current();
    return caller == null
        ? request
        : request.toBuilder().with(ASKED, new Asked(caller, false)).build();
  }

  private static Asked asked(RequestContext request) {
    Asked known = request.get(ASKED);
    return known == null ? NOBODY : known;
  }

  /** The same, where nobody waits for the load. */
  RequestContext carriedAhead(RequestContext request) {
    if (spans == Spans.NONE) {
      return request;
    }
    Span known = asked(request).caller();
    Asked asked = new Asked(known == null ? spans.current() : known, true);
    return request.toBuilder().with(ASKED, asked).build();
  }

  /** Begins the span of a call of the loader, here and now. */
  Span begin(int keys, RequestContext request) {
    if (spans == Spans.NONE) {
      return Span.NONE;
    }
    Asked asked = asked(request);
    Span span = spans.begin(keys > 1 ? batch : asked.ahead() ? refresh : miss, asked.caller());
    span.detail("keys", Integer.toString(keys));
    return span;
  }

  /** The context of the loader itself, which asks on its own behalf. */
  RequestContext.Builder without(RequestContext request) {
    RequestContext.Builder builder = request.toBuilder();
    return request.get(ASKED) == null ? builder : builder.with(ASKED, NOBODY);
  }
}
