package io.headroom.ratelimit;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.PoolBudget;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What the README shows, compiled. */
@SuppressWarnings("unused") // nothing here is called
abstract class ReadmeSnippets {

  interface Request {
    String address();

    @Nullable String user();
  }

  interface Response {}

  abstract Response serve(Request request);

  abstract Response tooManyRequests(Duration retryAfter);

  Response firstScreen(Request request) {
    // snippet: ratelimit-first-screen
    RateLimiter<Request> door =
        RateLimiter.<Request>builder("door")
            .policy("address", Limit.perSecond(100).burst(50), Request::address)
            .policy("user", Limit.perSecond(1000), Request::user) // null: not logged in, no limit
            .policy("all", Limit.perSecond(50_000))
            .build();

    Decision decision = door.tryAcquire(request);
    return decision.allowed() ? serve(request) : tooManyRequests(decision.retryAfter());
    // end snippet
  }

  void underLoad(ConnectionGuard guard) {
    // snippet: ratelimit-under-load
    RateLimiter<Request> door =
        RateLimiter.<Request>builder("door")
            .policy("user", Limit.perSecond(1000), Request::user)
            .loadSignal(guard.levels(), "orders") // HIGH: SHEDDABLE gets half
            .build();
    // end snippet
  }

  void shared() {
    // snippet: ratelimit-shared
    RedisLimits redis = RedisLimits.connect("redis://limits.internal");

    RateLimiter<Request> door =
        RateLimiter.<Request>builder("door")
            .policy("address", Limit.perSecond(100).burst(50), Request::address)
            .policy("user", Limit.perSecond(1000), Request::user)
            .leased("all", Limit.perSecond(50_000)) // each process takes some ahead
            .shared(redis)
            .build();
    // end snippet
  }

  void sharedOptions(RedisLimits redis) {
    // snippet: ratelimit-shared-options
    RateLimiter<Request> exports =
        RateLimiter.<Request>builder("exports")
            .policy("user", Limit.of(10, Duration.ofHours(1)), Request::user)
            .shared(redis)
            .whenAway(WhenAway.CLOSED) // rather none than too many
            .processes(8) // as long as Redis has not said how many there are
            .build();
    // end snippet
  }

  void oneBucket() {
    // snippet: ratelimit-one-bucket
    TokenBucket search = TokenBucket.of("search", Limit.of(300, Duration.ofMinutes(1)).burst(20));

    boolean goesOn = search.tryAcquire(5).allowed(); // this call costs as much as five others
    // end snippet
  }

  Response atOnce(Request request) {
    // snippet: ratelimit-at-once
    ConcurrencyLimiter<Request> connections =
        ConcurrencyLimiter.<Request>builder("connections", 20).key(Request::address).build();

    try (ConcurrencyPermit permit = connections.tryAcquire(request)) {
      return permit.decision().allowed() ? serve(request) : tooManyRequests(Duration.ZERO);
    }
    // end snippet
  }

  void liveChange(RateLimiter<Request> door, MeterRegistry registry) {
    // snippet: ratelimit-live
    door.changeLimit("user", Limit.perSecond(500)); // what was used of the old counts

    RateLimitMetrics.of(door).bindTo(registry);
    // end snippet
  }

  DataSource budget(HikariDataSource pool) {
    // snippet: ratelimit-budget
    ConnectionGuard guard =
        ConnectionGuard.builder()
            .budget(PoolBudget.of(100).processes(200)) // for all pools of this process
            .build();

    DataSource shard7 = guard.protect("shard-07", pool); // opens up to its size, as it is needed
    // end snippet
    return shard7;
  }
}
