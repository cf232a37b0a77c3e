package io.headroom.spring.boot;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How pools are guarded: those of headroom.database or, without them, the application's own.
 * Immutable.
 *
 * @param enabled whether pools are guarded
 * @param exclude pools that are not guarded, by their names: beans, or as database/b
 * @param targetDelay how long everybody may have to wait until that is a high load; 5 ms unless set
 * @param maximumWait how long a caller waits for a connection at most; 200 ms unless set
 * @param maximumWaiters how many wait for a connection of one pool at most; ten for each unless set
 * @param elevatedAt the share of connections in use at which the load is elevated; 0.85 unless set
 * @param calmBelow the share of connections in use at which elevated load ends; 0.70 unless set
 * @param stuckAfter after how long without a connection coming back the load is critical; 250 ms
 *     unless set
 * @param reserveForCritical connections of each pool that are kept for critical work; 0 unless set
 * @param adaptive whether a pool uses fewer connections while its database gets slower
 * @param reportHeldFor after how long a connection that is not closed is told of; a minute unless
 *     set
 * @param noteWhereTaken whether it is told where a connection was taken that is not closed
 * @param shadow whether the guard only looks, and lets everybody through
 * @param budget how many connections all pools together may have
 * @param http whether requests are refused at the door
 */
record GuardProperties(
    @DefaultValue("false") boolean enabled,
    @DefaultValue List<String> exclude,
    @Nullable Duration targetDelay,
    @Nullable Duration maximumWait,
    @Nullable Integer maximumWaiters,
    @Nullable Double elevatedAt,
    @Nullable Double calmBelow,
    @Nullable Duration stuckAfter,
    @Nullable Integer reserveForCritical,
    @DefaultValue("false") boolean adaptive,
    @Nullable Duration reportHeldFor,
    @DefaultValue("false") boolean noteWhereTaken,
    @DefaultValue("false") boolean shadow,
    @DefaultValue Budget budget,
    @DefaultValue Http http) {

  /**
   * One number for all pools of this process.
   *
   * @param connections how many may be open; each pool has its own size unless set
   * @param processes how many processes have this budget, for a warning if that is too much
   */
  record Budget(@Nullable Integer connections, @Nullable Integer processes) {}

  /**
   * The filter that asks the guard.
   *
   * @param enabled whether a filter asks the guard for each request
   */
  record Http(@DefaultValue("true") boolean enabled) {}
}
