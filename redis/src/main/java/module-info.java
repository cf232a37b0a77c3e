/** The way to Redis that caches and rate limits have in common. */
module io.headroom.redis {
  requires transitive io.headroom.core;
  requires transitive lettuce.core;
  requires io.netty.transport;
  requires io.github.resilience4j.circuitbreaker;
  requires org.slf4j;

  exports io.headroom.redis;
}
