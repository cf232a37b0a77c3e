package io.headroom.guard.http;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request's context is made of.
 *
 * <p>Thread-safe, if the functions are.
 *
 * @param timeout null for none
 */
record RequestFacts(
    Function<? super HttpServletRequest, ? extends @Nullable Criticality> criticality,
    Function<? super HttpServletRequest, ? extends @Nullable Object> user,
    Function<? super HttpServletRequest, ? extends @Nullable String> resource,
    @Nullable Duration timeout) {

  /** Derived from the one that is attached, if any is. What is not known stays as it is. */
  RequestContext contextOf(HttpServletRequest request) {
    RequestContext.Builder context =
        RequestContext.attached().map(RequestContext::toBuilder).orElseGet(RequestContext::builder);
    Criticality howCritical = criticality.apply(request);
    if (howCritical != null) {
      context.criticality(howCritical);
    }
    Object who = user.apply(request);
    if (who != null) {
      context.cohortOf(who);
    }
    String what = resource.apply(request);
    if (what != null) {
      context.resource(what);
    }
    if (timeout != null) {
      context.timeout(timeout);
    }
    return context.build();
  }
}
