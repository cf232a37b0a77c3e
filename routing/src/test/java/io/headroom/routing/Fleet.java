package io.headroom.routing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/**
 * A data source over real servers, the first of which is the primary, with a HikariCP pool for
 * each; nodes are named as their servers are. Has a table {@code notes (id, text)}.
 */
final class Fleet implements AutoCloseable {

  static final Duration PROBE_INTERVAL = Duration.ofMillis(100);
  static final int POOL_SIZE = 8;

  /**
   * What a call may take while a node is silent: to borrow there (1 s), to hear nothing on a socket
   * (2 s), and the same again for the repetition elsewhere, on a machine that is busy.
   */
  static final Duration BOUND = Duration.ofSeconds(8);

  private final Map<String, PostgresServer> servers = new LinkedHashMap<>();
  private final Map<String, HikariDataSource> pools = new LinkedHashMap<>();
  private final ReplicaDataSource dataSource;

  Fleet(
      List<PostgresServer> servers,
      String database,
      UnaryOperator<ReplicaDataSourceBuilder> options) {
    this(servers, database, PostgresServer::port, options);
  }

  /**
   * Over servers that are reached by other ports than their own, as through a {@code FaultProxy}.
   */
  Fleet(
      List<PostgresServer> servers,
      String database,
      ToIntFunction<PostgresServer> ports,
      UnaryOperator<ReplicaDataSourceBuilder> options) {
    this(servers, database, ports, PROBE_INTERVAL, options);
  }

  /** Whose nodes are probed as seldom as that. */
  Fleet(
      List<PostgresServer> servers,
      String database,
      ToIntFunction<PostgresServer> ports,
      Duration probeInterval,
      UnaryOperator<ReplicaDataSourceBuilder> options) {
    ReplicaDataSourceBuilder builder = ReplicaDataSource.builder("orders");
    for (PostgresServer server : servers) {
      HikariDataSource pool = pool(server, database, ports.applyAsInt(server));
      this.servers.put(server.name(), server);
      pools.put(server.name(), pool);
      if (pools.size() == 1) {
        builder.primary(server.name(), pool);
      } else {
        builder.replica(server.name(), pool);
      }
    }
    dataSource =
        options
            .apply(builder.probeInterval(probeInterval).probeTimeout(Duration.ofMillis(500)))
            .build();
  }

  private static HikariDataSource pool(PostgresServer server, String database, int port) {
    HikariConfig config = new HikariConfig();
    String url = server.jdbcUrl(database).replace(":" + server.port() + "/", ":" + port + "/");
    config.setJdbcUrl(url + "&socketTimeout=2&connectTimeout=1");
    config.setMaximumPoolSize(POOL_SIZE);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(1_000);
    config.setValidationTimeout(500);
    config.setInitializationFailTimeout(-1);
    config.setPoolName(server.name());
    return new HikariDataSource(config);
  }

  ReplicaDataSource dataSource() {
    return dataSource;
  }

  HikariDataSource pool(String node) {
    return pools.get(node);
  }

  /** Connections that are out of their pools. */
  int borrowed() {
    return pools.values().stream()
        .mapToInt(pool -> pool.getHikariPoolMXBean().getActiveConnections())
        .sum();
  }

  NodeView view(String node) {
    return dataSource.nodes().stream().filter(view -> view.name().equals(node)).findFirst().get();
  }

  String primary() {
    return dataSource.nodes().stream()
        .filter(NodeView::primary)
        .map(NodeView::name)
        .findFirst()
        .orElse("none");
  }

  /** The name of the server that a connection ends at. */
  String nodeOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT inet_server_port()")) {
      row.next();
      int port = row.getInt(1);
      return servers.values().stream()
          .filter(server -> server.port() == port)
          .map(PostgresServer::name)
          .findFirst()
          .get();
    }
  }

  /** Where a read goes now. */
  String readNode() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setReadOnly(true);
      return nodeOf(connection);
    }
  }

  /** Where a write goes now. */
  String writeNode() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return nodeOf(connection);
    }
  }

  void createTable() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS notes (id bigint PRIMARY KEY, text text)");
      statement.execute("TRUNCATE notes");
    }
    awaitCaughtUp();
  }

  void insert(long id) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO notes VALUES (?, 'x')")) {
      statement.setLong(1, id);
      statement.executeUpdate();
    }
  }

  boolean sees(long id) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setReadOnly(true);
      return sees(connection, id);
    }
  }

  static boolean sees(Connection connection, long id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT 1 FROM notes WHERE id = ?")) {
      statement.setLong(1, id);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  void awaitCaughtUp() {
    Awaitility.await()
        .until(
            () ->
                dataSource.nodes().stream()
                    .allMatch(view -> view.up() && view.lag().map(Duration::isZero).orElse(false)));
  }

  @Override
  public void close() {
    dataSource.close();
    pools.values().forEach(HikariDataSource::close);
  }
}
