/** Real PostgreSQL and Redis servers from jars, for tests. */
module io.headroom.testkit.servers {
  requires transitive java.sql;
  requires transitive org.jspecify;
  requires static transitive org.junit.jupiter.api;
  requires java.naming;
  requires org.apache.commons.compress;
  requires org.slf4j;
  requires org.tukaani.xz;

  // An automatic module: naming it also resolves the jars of binaries, which are automatic as well.
  requires org.postgresql.jdbc;

  exports io.headroom.testkit.servers;
}
