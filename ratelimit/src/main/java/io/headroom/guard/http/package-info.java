/**
 * The connection guard over HTTP: a servlet filter that asks it for each request, and answers for
 * those that are refused.
 *
 * <p>The entry type is {@link io.headroom.guard.http.AdmissionFilter}. What it answers with is
 * there for other servers too: {@link io.headroom.guard.http.CapacityProblem} needs no servlet API,
 * nor does {@link io.headroom.ratelimit.http.RateLimitHeaders#retryAfter}.
 *
 * <pre>{@code
 * Filter filter = AdmissionFilter.builder(guard).user(HttpServletRequest::getRemoteUser).build();
 * }</pre>
 */
@NullMarked
package io.headroom.guard.http;

import org.jspecify.annotations.NullMarked;
