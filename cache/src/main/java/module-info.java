/** Caching: an answer that is here already, and never one that was promised not to be served. */
module io.headroom.cache {
  requires transitive io.headroom.core;
  requires com.github.benmanes.caffeine;
  requires org.slf4j;
  requires io.headroom.redis;
  requires lettuce.core;
  requires static com.fasterxml.jackson.databind;
  requires static com.github.luben.zstd_jni;
  requires static micrometer.core;

  exports io.headroom.cache;
}
