package io.headroom.ratelimit;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.RequestContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/** A load that a test sets, and requests that matter as much as it says. */
final class HandLoad implements LoadSignal {

  /** Resources that were asked for, each time. */
  final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  private volatile LoadLevel level = LoadLevel.NORMAL;

  @Override
  public LoadLevel level(String resource) {
    asked.add(resource);
    return level;
  }

  HandLoad set(LoadLevel to) {
    level = to;
    return this;
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  static <T> T as(Criticality criticality, Supplier<T> request) {
    RequestContext context = RequestContext.builder().criticality(criticality).build();
    try (RequestContext.Scope scope = context.attach()) {
      return request.get();
    }
  }

  static <T> T shed(Supplier<T> request) {
    return as(Criticality.SHEDDABLE, request);
  }
}
