/** Core of Headroom: one of everything that its libraries share. */
module io.headroom.core {
  requires transitive org.jspecify;
  requires org.slf4j;
  requires static context.propagation;

  exports io.headroom;

  provides io.micrometer.context.ThreadLocalAccessor with
      io.headroom.RequestContextAccessor;
}
