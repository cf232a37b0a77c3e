/** Read/write replica routing: a data source over one primary and its replicas. */
module io.headroom.routing {
  requires transitive io.headroom.core;
  requires transitive java.sql;
  requires transitive com.zaxxer.hikari;
  requires io.github.resilience4j.circuitbreaker;
  requires org.slf4j;
  requires static micrometer.core;

  exports io.headroom.routing;
}
