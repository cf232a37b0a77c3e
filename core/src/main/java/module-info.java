/** Core of Headroom: one of everything that its libraries share. */
module io.headroom.core {
  requires transitive java.sql;
  requires transitive org.jspecify;
  requires org.slf4j;
  requires static context.propagation;

  exports io.headroom;
  exports io.headroom.jdbc;

  provides io.micrometer.context.ThreadLocalAccessor with
      io.headroom.RequestContextAccessor;
}
