/** Core of Headroom: one of everything that its libraries share. */
module io.headroom.core {
  requires transitive java.sql;
  requires transitive org.jspecify;
  requires org.slf4j;
  // RequestContextAccessor is not provided here but in META-INF/services: a module that provides a
  // service doesn't start where the service's module is absent.
  requires static context.propagation;
  requires static micrometer.commons;
  requires static micrometer.core;
  requires static micrometer.observation;

  exports io.headroom;
  exports io.headroom.jdbc;
}
