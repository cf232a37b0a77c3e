/**
 * Rate limits over HTTP: what a client is told, who it is, and a servlet filter that asks for it.
 *
 * <p>The entry type is {@link io.headroom.ratelimit.http.RateLimitFilter}. What it answers with is
 * there for other servers too: {@link io.headroom.ratelimit.http.RateLimitHeaders}, {@link
 * io.headroom.ratelimit.http.RateLimitProblem} and {@link io.headroom.ratelimit.http.ClientAddress}
 * need no servlet API.
 */
@NullMarked
package io.headroom.ratelimit.http;

import org.jspecify.annotations.NullMarked;
