/** Caching: an answer that is here already, and never one that was promised not to be served. */
module io.headroom.cache {
  requires transitive io.headroom.core;
  requires com.github.benmanes.caffeine;
  requires org.slf4j;
  requires static micrometer.core;

  exports io.headroom.cache;
}
