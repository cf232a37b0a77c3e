package io.headroom;

import java.time.Duration;

/**
 * How far a copy may lag that serves a read of this request, whatever the read itself asks for.
 *
 * <pre>{@code
 * RequestContext load =
 *     RequestContext.current().toBuilder().with(LagLimit.KEY, Duration.ofSeconds(10)).build();
 * try (RequestContext.Scope scope = load.attach()) {
 *   return find(id); // from the primary, or from a replica that lags by 10 s at most
 * }
 * }</pre>
 *
 * <p>It is for those who keep what they read and know how old it may be at most, as a cache does:
 * they set no consistency of their own, but narrow the one that the application has chosen. What
 * was to be had from any copy is then to be had from one within the limit; a shorter bound and a
 * position that the request has seen still hold; and no stale answer takes the place of an error.
 */
public final class LagLimit {

  /**
   * The attribute of a {@link RequestContext} that limits the lag. Zero or less leaves only the
   * origin. Setting it replaces the one that the context had: keep that if it is shorter.
   */
  public static final RequestContext.Key<Duration> KEY =
      RequestContext.Key.named("headroom.lag-limit");

  private LagLimit() {}
}
