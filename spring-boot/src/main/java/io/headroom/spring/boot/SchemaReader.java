package io.headroom.spring.boot;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a database has as a canonical text: for each table, column, index, constraint and
 * migration a name, and how it is defined there. The same text means the same schema, whatever the
 * order in which it was made.
 *
 * <p>Of PostgreSQL from its catalogs, which also say what a constraint or an index is; elsewhere
 * from the standard's {@code information_schema}, which knows tables, columns and the names of
 * constraints. Immutable.
 */
final class SchemaReader {

  /** Later than a query's own: a server that is there cancels, and frees what waits for a lock. */
  private static final Duration CANCELLED_WITHIN = Duration.ofSeconds(2);

  /** Nothing of the system, of extensions, or of a session. */
  private static final String OWN =
      "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM"
          + " pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid"
          + " AND d.deptype = 'e')";

  private static final String TABLE =
      "CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname";

  private static final List<String> POSTGRES =
      List.of(
          "SELECT 'table', "
              + TABLE
              + ", '', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table'"
              + " WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' ELSE 'view '"
              + " || md5(pg_get_viewdef(c.oid)) END"
              + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
              + " WHERE c.relkind IN ('r', 'p', 'S', 'f', 'v', 'm') AND "
              + OWN,
          "SELECT 'column', "
              + TABLE
              + ", a.attname, format_type(a.atttypid, a.atttypmod)"
              + " || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END"
              + " || CASE a.attidentity WHEN '' THEN '' ELSE ' IDENTITY' END"
              + " || CASE a.attgenerated WHEN '' THEN ' DEFAULT ' ELSE ' GENERATED ' END"
              + " || coalesce(pg_get_expr(e.adbin, e.adrelid), 'NULL')"
              + " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
              + " JOIN pg_namespace n ON n.oid = c.relnamespace"
              + " LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum"
              + " WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND a.attnum > 0"
              + " AND NOT a.attisdropped AND "
              + OWN,
          "SELECT 'index', "
              + TABLE
              + ", i.relname, pg_get_indexdef(x.indexrelid)"
              + " || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END"
              + " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
              + " JOIN pg_class c ON c.oid = x.indrelid"
              + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
              + OWN,
          // Whether a column may be null is said by the column; from PostgreSQL 18 on here, too.
          "SELECT 'constraint', "
              + TABLE
              + ", k.conname, pg_get_constraintdef(k.oid)"
              + " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
              + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype <> 'n' AND "
              + OWN);

  /** Of one schema: where it has another name in each server, that is no difference. */
  private static final List<String> STANDARD =
      List.of(
          "SELECT 'table', table_name, '', table_type FROM information_schema.tables"
              + " WHERE table_schema = ?",
          "SELECT 'column', table_name, column_name, concat(data_type, '(',"
              + " coalesce(character_maximum_length, numeric_precision, 0), ',',"
              + " coalesce(numeric_scale, 0), ')',"
              + " CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END)"
              + " FROM information_schema.columns WHERE table_schema = ?",
          // PostgreSQL makes names of its own, of numbers, for those that say NOT NULL.
          "SELECT 'constraint', table_name, constraint_name, constraint_type"
              + " FROM information_schema.table_constraints WHERE table_schema = ?"
              + " AND constraint_name NOT LIKE '%not_null'");

  private final String historyTable;
  private final Duration queryTimeout;

  /**
   * One that finds Flyway's histories.
   *
   * @param historyTable what their tables are called
   * @param queryTimeout how long each of some queries may take, in whole seconds
   */
  SchemaReader(String historyTable, Duration queryTimeout) {
    this.historyTable = historyTable;
    this.queryTimeout = queryTimeout;
  }

  /**
   * One thing of a schema.
   *
   * @param kind table, column, index, constraint or migration
   * @param table the table that it is, or that it belongs to
   * @param name within the table; empty for the table itself
   */
  record Thing(String kind, String table, String name) implements Comparable<Thing> {

    private String full() {
      return name.isEmpty() ? table : table + "." + name;
    }

    @Override
    public int compareTo(Thing other) {
      int byName = full().compareTo(other.full());
      return byName == 0 ? kind.compareTo(other.kind) : byName;
    }

    @Override
    public String toString() {
      return kind + " " + full();
    }
  }

  /**
   * Reads all of it, how each is defined; over a connection of a HikariCP pool.
   *
   * @param bounded whether to bound how long the server may say nothing
   */
  Map<Thing, String> read(Connection connection, boolean bounded) throws SQLException {
    if (bounded) {
      Silence.bound(connection, queryTimeout.plus(CANCELLED_WITHIN));
    }
    boolean postgres =
        connection
            .getMetaData()
            .getDatabaseProductName()
            .toLowerCase(Locale.ROOT)
            .contains("postgres");
    return postgres ? readPostgres(connection) : readStandard(connection);
  }

  private Map<Thing, String> readPostgres(Connection connection) throws SQLException {
    Map<Thing, String> all = new TreeMap<>();
    for (String query : POSTGRES) {
      add(connection, query, null, all);
    }
    return withHistories(connection, all);
  }

  /** What the standard has. */
  Map<Thing, String> readStandard(Connection connection) throws SQLException {
    String schema =
        connection.getSchema() == null ? connection.getCatalog() : connection.getSchema();
    Map<Thing, String> all = new TreeMap<>();
    for (String query : STANDARD) {
      add(connection, query, schema, all);
    }
    return withHistories(connection, all);
  }

  private void add(
      Connection connection, String query, @Nullable String schema, Map<Thing, String> all)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setQueryTimeout((int) queryTimeout.toSeconds());
      if (schema != null) {
        statement.setString(1, schema);
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          all.put(
              new Thing(rows.getString(1), rows.getString(2), rows.getString(3)),
              rows.getString(4));
        }
      }
    }
  }

  private Map<Thing, String> withHistories(Connection connection, Map<Thing, String> all)
      throws SQLException {
    List<String> histories = new ArrayList<>();
    for (Thing thing : all.keySet()) {
      if (thing.kind().equals("table")
          && (thing.table().equals(historyTable) || thing.table().endsWith("." + historyTable))) {
        histories.add(thing.table());
      }
    }
    for (String history : histories) {
      addMigrations(connection, history, all);
    }
    return all;
  }

  /** The last word on each migration; scripts that are repeatable have no version. */
  private void addMigrations(Connection connection, String history, Map<Thing, String> all)
      throws SQLException {
    String quote = connection.getMetaData().getIdentifierQuoteString();
    String table = quote + history.replace(".", quote + "." + quote) + quote;
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout((int) queryTimeout.toSeconds());
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT version, script, checksum, success, type FROM "
                  + table
                  + " ORDER BY installed_rank")) {
        while (rows.next()) {
          if ("SCHEMA".equals(rows.getString(5))) {
            continue; // that Flyway has made the schema, and not whoever set the server up
          }
          String version = rows.getString(1);
          String what = version == null ? rows.getString(2) : "version " + version;
          all.put(
              new Thing("migration", history, what),
              rows.getString(2)
                  + ", checksum "
                  + rows.getString(3)
                  + (rows.getBoolean(4) ? "" : ", failed"));
        }
      }
    }
  }
}
