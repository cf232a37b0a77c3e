/** Laws as contracts, sample keys, histories, races and manual time, for tests of Headroom. */
module io.headroom.testkit {
  requires transitive io.headroom.core;
  requires static transitive io.headroom.sharding;
  requires transitive java.sql;
  requires static org.junit.jupiter.api;
  requires static net.jqwik.api;

  exports io.headroom.testkit;
  exports io.headroom.testkit.cache;
  exports io.headroom.testkit.interleaving;
  exports io.headroom.testkit.routing;
  exports io.headroom.testkit.sharding;
}
