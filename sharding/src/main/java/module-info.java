/** Shard routing: key to slot to shard, the maps, their stores, and JDBC. */
module io.headroom.sharding {
  requires transitive io.headroom.core;
  requires transitive java.sql;
  requires org.slf4j;
  requires static micrometer.core;

  exports io.headroom.sharding;
}
