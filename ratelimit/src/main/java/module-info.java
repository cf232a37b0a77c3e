/** Rate limits: may this caller go on, and when to come back if not. */
module io.headroom.ratelimit {
  requires transitive io.headroom.core;
  requires io.headroom.redis;
  requires org.slf4j;
  requires static micrometer.core;
  requires static jakarta.servlet;
  requires static com.zaxxer.hikari;

  exports io.headroom.guard;
  exports io.headroom.guard.http;
  exports io.headroom.ratelimit;
  exports io.headroom.ratelimit.http;
}
