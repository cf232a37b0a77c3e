/**
 * Rate limits: may this caller go on?
 *
 * <p>The entry type is {@link io.headroom.ratelimit.RateLimiter}; for one bucket alone there is
 * {@link io.headroom.ratelimit.TokenBucket}, and for how many may be at it at once {@link
 * io.headroom.ratelimit.ConcurrencyLimiter}.
 *
 * <pre>{@code
 * RateLimiter<String> perUser =
 *     RateLimiter.<String>builder("user").limit(Limit.perSecond(1000)).build();
 *
 * Decision decision = perUser.tryAcquire(userId);
 * }</pre>
 */
@NullMarked
package io.headroom.ratelimit;

import org.jspecify.annotations.NullMarked;
