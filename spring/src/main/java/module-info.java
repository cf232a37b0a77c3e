/** Headroom for Spring: its caches behind Spring's cache annotations. */
module io.headroom.spring {
  requires transitive io.headroom.cache;
  requires org.slf4j;
  requires transitive spring.context;
  requires static spring.tx;

  exports io.headroom.spring.cache;
}
