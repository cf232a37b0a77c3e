package io.headroom.sharding;

import io.headroom.KeyType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Shard maps in a table of PostgreSQL, one row a map.
 *
 * <pre>{@code
 * JdbcShardMapStore store =
 *     JdbcShardMapStore.builder(routingDatabase).mapName("orders").build();
 * store.createTable(); // or by your own migration, from JdbcShardMapStore.ddl(...)
 * store.compareAndSet(0, ShardMap.of("orders-1", "orders-2"));
 * }</pre>
 *
 * <p>A write is one statement, and wakes watchers by NOTIFY in its own transaction. A watch holds
 * one connection where the driver can LISTEN, unless {@link Builder#pollOnly} is set, and polls
 * always, since a notification can get lost. Those that one notification wakes read again each at a
 * random moment within a tenth of the poll interval, a second at most. Before its first statement
 * the store checks once that the server computes {@link io.headroom.KeyHash}'s hashes, which takes
 * UTF-8 and a little-endian machine. Thread-safe.
 *
 * <p>Give the data source a time-out for logging in, as pools have one: until a connection is open,
 * this store's own {@link Builder#timeout} cannot apply.
 */
public final class JdbcShardMapStore implements ShardMapStore {

  /** The table unless another is set: {@value}. */
  public static final String DEFAULT_TABLE = "headroom_shard_map";

  private static final String DEFAULT_MAP_NAME = "default";
  private static final Pattern TABLE = Pattern.compile("[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)?");
  private static final int MAX_IDENTIFIER = 63;
  private static final String UNDEFINED_TABLE = "42P01";
  private static final String SERIALIZATION_FAILURE = "40001";

  private final DataSource dataSource;
  private final String table;
  private final String mapName;
  private final Duration timeout;
  private final StorePoller poller;
  private volatile boolean serverChecked;

  private JdbcShardMapStore(Builder builder) {
    this.dataSource = builder.dataSource;
    this.table = Options.orElse(builder.table, DEFAULT_TABLE);
    this.mapName = Options.orElse(builder.mapName, DEFAULT_MAP_NAME);
    this.timeout = Options.orElse(builder.timeout, Duration.ofSeconds(10));
    boolean listens = builder.pollOnly == null;
    this.poller =
        new StorePoller(toString(), builder.pollInterval, () -> new JdbcMapSource(this, listens));
  }

  /**
   * Starts to build a store.
   *
   * @param dataSource connections to the database with the table; may be pooled
   * @return a builder
   */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource);
  }

  /**
   * Returns the statement that creates a store's table, for your own migrations.
   *
   * @param table the table's name
   * @return a CREATE TABLE statement
   * @throws IllegalArgumentException if the name is not a plain lower-case identifier
   */
  public static String ddl(String table) {
    return "CREATE TABLE IF NOT EXISTS "
        + requireTable(table)
        + " (name text PRIMARY KEY, epoch bigint NOT NULL CHECK (epoch > 0),"
        + " fingerprint text NOT NULL, map text NOT NULL,"
        + " updated_at timestamptz NOT NULL DEFAULT now())";
  }

  private static String requireTable(String table) {
    if (!TABLE.matcher(table).matches() || table.length() > MAX_IDENTIFIER) {
      throw new IllegalArgumentException(
          "table must be a lower-case identifier, with its schema or without, of at most "
              + MAX_IDENTIFIER
              + " characters; not '"
              + table
              + "'");
    }
    return table;
  }

  /**
   * Creates the table if there is none, as by {@link #ddl}.
   *
   * @throws ShardMapStoreException if the database refuses
   */
  public void createTable() {
    onConnection(
        "create its table",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            // two sessions that create it at once may both find it missing: one waits here
            statement.execute("SELECT pg_advisory_xact_lock(hashtextextended('" + table + "', 0))");
            return statement.execute(ddl(table));
          }
        });
  }

  @Override
  public Optional<ShardMap> current() {
    return onConnection("read", connection -> read(connection, null)).map(this::parse);
  }

  /** A row of the table; the map's text is null if it is the one seen before. */
  record Row(long epoch, String fingerprint, @Nullable String json) {

    /** What tells this row from others: all but the map. */
    Row stamp() {
      return new Row(epoch, fingerprint, null);
    }
  }

  /**
   * Reads the row, without the map's long text if its stamp is the one seen; nothing for no row.
   */
  Optional<Row> read(Connection connection, @Nullable Row seen) throws SQLException {
    String sql =
        "SELECT epoch, fingerprint, CASE WHEN epoch = ? AND fingerprint = ? THEN NULL ELSE map END"
            + " FROM "
            + table
            + " WHERE name = ?";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setLong(1, seen == null ? 0 : seen.epoch());
      select.setString(2, seen == null ? "" : seen.fingerprint());
      select.setString(3, mapName);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next()
            ? Optional.of(new Row(rows.getLong(1), rows.getString(2), rows.getString(3)))
            : Optional.empty();
      }
    }
  }

  /** The map of a row, refused where the row's columns and the map's text disagree. */
  ShardMap parse(Row row) {
    ShardMap map;
    try {
      map = ShardMap.parse(Objects.requireNonNull(row.json()));
    } catch (ShardMapException e) {
      throw new ShardMapException(this + " holds no valid map: " + e.getMessage(), e);
    }
    if (map.epoch() != row.epoch() || !map.fingerprint().equals(row.fingerprint())) {
      throw new ShardMapException(
          this
              + " holds a row of epoch "
              + row.epoch()
              + " and fingerprint "
              + row.fingerprint()
              + ", but a map of epoch "
              + map.epoch()
              + " and fingerprint "
              + map.fingerprint()
              + "; write maps by compareAndSet only");
    }
    return map;
  }

  @Override
  public boolean compareAndSet(long expectedEpoch, ShardMap next) {
    MapChecks.requireHigher(expectedEpoch, next);
    String write =
        expectedEpoch == 0
            ? "INSERT INTO "
                + table
                + " (epoch, fingerprint, map, name) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (name) DO NOTHING RETURNING name"
            : "UPDATE "
                + table
                + " SET epoch = ?, fingerprint = ?, map = ?, updated_at = now()"
                + " WHERE name = ? AND epoch = ? RETURNING name";
    String sql = "WITH won AS (" + write + ") SELECT pg_notify(?, name) FROM won";
    try {
      return write(sql, expectedEpoch, next);
    } catch (ShardMapStoreException e) {
      // Under REPEATABLE READ or SERIALIZABLE this is how the server says that another was first.
      if (e.getCause() instanceof SQLException cause
          && SERIALIZATION_FAILURE.equals(cause.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private boolean write(String sql, long expectedEpoch, ShardMap next) {
    return onConnection(
        "write",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = 1;
            statement.setLong(at++, next.epoch());
            statement.setString(at++, next.fingerprint());
            statement.setString(at++, next.toJson());
            statement.setString(at++, mapName);
            if (expectedEpoch != 0) {
              statement.setLong(at++, expectedEpoch);
            }
            statement.setString(at, channel());
            try (ResultSet won = statement.executeQuery()) {
              return won.next();
            }
          }
        });
  }

  /** The channel on which writers wake watchers. */
  String channel() {
    return table.replace('.', '_');
  }

  @Override
  public Watch watch(Observer observer) {
    return poller.watch(observer);
  }

  @Override
  public void close() {
    poller.close();
  }

  private <R> R onConnection(String what, SqlFunction<Connection, R> work) {
    try (StoreSession session = open()) {
      return inTransaction(session.connection(), work);
    } catch (SQLException e) {
      throw failure(what, e);
    }
  }

  /** One transaction, whatever the pool's connections are set to. */
  private static <R> R inTransaction(Connection connection, SqlFunction<Connection, R> work)
      throws SQLException {
    try {
      connection.setAutoCommit(false);
      R result = work.apply(connection);
      connection.commit();
      return result;
    } catch (SQLException e) {
      rollback(connection, e);
      throw e;
    }
  }

  private static void rollback(Connection connection, SQLException cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** Opens a connection that gives up on a silent server, to a server that hashes as we do. */
  StoreSession open() throws SQLException {
    StoreSession session = StoreSession.of(dataSource.getConnection());
    Connection connection = session.connection();
    try {
      if (session.networkTimeoutMillis() == 0
          || session.networkTimeoutMillis() > timeout.toMillis()) {
        connection.setNetworkTimeout(Runnable::run, (int) timeout.toMillis());
      }
      if (!serverChecked) {
        String fault = ServerCheck.faultOf(connection, KeyType.TEXT);
        if (fault != null) {
          throw new ShardMapStoreException(this + ": " + fault);
        }
        serverChecked = true;
      }
      return session;
    } catch (SQLException | RuntimeException e) {
      try (session) {
        throw e;
      }
    }
  }

  ShardMapStoreException failure(String what, SQLException e) {
    String mend =
        UNDEFINED_TABLE.equals(e.getSQLState())
            ? "; create the table by createTable(), or from ddl(\"" + table + "\")"
            : "";
    String why = e.getMessage() + " (SQLSTATE " + e.getSQLState() + ")" + mend;
    return new ShardMapStoreException(this + ": cannot " + what + ": " + why, e);
  }

  @Override
  public String toString() {
    return "shard map '" + mapName + "' in table " + table;
  }

  /** Options of a JDBC store. Not thread-safe. */
  public static final class Builder {

    private final DataSource dataSource;
    private @Nullable String table;
    private @Nullable String mapName;
    private @Nullable Duration pollInterval;
    private @Nullable Duration timeout;
    private @Nullable Boolean pollOnly;

    private Builder(DataSource dataSource) {
      this.dataSource = Objects.requireNonNull(dataSource, "dataSource must not be null");
    }

    /**
     * Sets the table, {@value JdbcShardMapStore#DEFAULT_TABLE} unless set.
     *
     * @param table a lower-case identifier, with its schema or without
     * @return this
     * @throws IllegalArgumentException if it is no such identifier
     * @throws IllegalStateException if it is set already
     */
    public Builder table(String table) {
      this.table = requireTable(Options.once("store", "table", this.table, table));
      return this;
    }

    /**
     * Sets which row of the table is this store's map, "default" unless set.
     *
     * @param mapName a name that is not blank
     * @return this
     * @throws IllegalArgumentException if it is blank
     * @throws IllegalStateException if it is set already
     */
    public Builder mapName(String mapName) {
      this.mapName =
          Options.notBlank("mapName", Options.once("store", "mapName", this.mapName, mapName));
      return this;
    }

    /**
     * Sets how often a watched table is looked at, five seconds unless set, with 20 % of jitter.
     *
     * @param interval from 10 milliseconds to a day
     * @return this
     * @throws IllegalArgumentException if it is out of range
     * @throws IllegalStateException if it is set already
     */
    public Builder pollInterval(Duration interval) {
      this.pollInterval =
          StorePoller.requireInterval(
              Options.once("store", "pollInterval", this.pollInterval, interval));
      return this;
    }

    /**
     * Lets a watch only poll, and keep no connection that listens: for connections that are dear,
     * or go through a pooler that cannot LISTEN (PgBouncer by transaction).
     *
     * @return this
     * @throws IllegalStateException if it is set already
     */
    public Builder pollOnly() {
      this.pollOnly = Options.once("store", "pollOnly", this.pollOnly, true);
      return this;
    }

    /**
     * Sets how long to wait for a server that does not answer, ten seconds unless set; a shorter
     * one of the connection's own stays.
     *
     * @param timeout from 10 milliseconds to an hour
     * @return this
     * @throws IllegalArgumentException if it is out of range
     * @throws IllegalStateException if it is set already
     */
    public Builder timeout(Duration timeout) {
      this.timeout =
          Options.between(
              "timeout",
              Duration.ofMillis(10),
              Duration.ofHours(1),
              Options.once("store", "timeout", this.timeout, timeout));
      return this;
    }

    /**
     * Builds the store; opens no connection yet.
     *
     * @return the store
     */
    public JdbcShardMapStore build() {
      return new JdbcShardMapStore(this);
    }
  }
}
