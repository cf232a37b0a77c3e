package io.headroom.sharding.patterns;

import io.headroom.sharding.Scatter;
import io.headroom.sharding.ShardOutcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** The reference table of docs/patterns.md: a copy on every shard, written by version. */
final class CurrencyTable {

  static final String DDL =
      """
      CREATE TABLE currency (code text PRIMARY KEY, name text NOT NULL);
      CREATE TABLE reference_version (name text PRIMARY KEY, version bigint NOT NULL);
      INSERT INTO reference_version VALUES ('currency', 0);
      """;

  private final Scatter scatter;

  CurrencyTable(Scatter scatter) {
    this.scatter = scatter;
  }

  // snippet: reference-publish
  /** One statement, so one transaction a shard; an older version never replaces a newer one. */
  private static final String PUBLISH =
      """
      WITH newer AS (
        UPDATE reference_version SET version = ? WHERE name = 'currency' AND version < ?
        RETURNING version),
      gone AS (
        DELETE FROM currency WHERE EXISTS (SELECT FROM newer) AND code <> ALL (?))
      INSERT INTO currency
      SELECT * FROM unnest(?, ?) WHERE EXISTS (SELECT FROM newer)
      ON CONFLICT (code) DO UPDATE SET name = excluded.name
      """;

  /** Copies a version to every shard; sent again, it mends those that failed. */
  Map<String, ShardOutcome> publish(long version, Map<String, String> nameByCode)
      throws SQLException {
    String[] codes = nameByCode.keySet().toArray(String[]::new);
    String[] names = nameByCode.values().toArray(String[]::new);
    return scatter
        .updateEachShardSeparately(PUBLISH)
        .bind(
            statement -> {
              Connection connection = statement.getConnection();
              statement.setLong(1, version);
              statement.setLong(2, version);
              statement.setArray(3, connection.createArrayOf("text", codes));
              statement.setArray(4, connection.createArrayOf("text", codes));
              statement.setArray(5, connection.createArrayOf("text", names));
            })
        .run();
  }

  // end snippet

  // snippet: reference-behind
  /** The version that every shard has at least. */
  long versionEverywhere() throws SQLException {
    return scatter
        .query(
            "SELECT version FROM reference_version WHERE name = 'currency'", row -> row.getLong(1))
        .reduce(Long.MAX_VALUE, Math::min);
  }
  // end snippet
}
