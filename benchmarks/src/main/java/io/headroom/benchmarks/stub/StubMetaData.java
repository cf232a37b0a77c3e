package io.headroom.benchmarks.stub;

import java.sql.DatabaseMetaData;

/** What the libraries measured ask of metadata, once: is this a server that they know? */
abstract class StubMetaData implements DatabaseMetaData {

  @Override
  public String getDatabaseProductName() {
    return "stub";
  }
}
