package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.KeyHash;
import io.headroom.testkit.servers.PostgresExtension;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that hashes otherwise than Java is found by the first statement on its shard. */
class ServerCheckTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static final ShardMap MAP = ShardMap.of("a");

  private HikariDataSource pool;

  @BeforeEach
  void makeWhatIsOdd() throws SQLException {
    execute(
        postgres.dataSource(0),
        "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    execute(postgres.dataSource(0), "CREATE SCHEMA odd");
    pool = pool("");
  }

  @AfterEach
  void dropIt() throws SQLException {
    pool.close();
    execute(postgres.dataSource(0), "DROP DATABASE latin");
    execute(postgres.dataSource(0), "DROP SCHEMA odd CASCADE");
  }

  private static HikariDataSource pool(String parameters) {
    HikariConfig config = new HikariConfig();
    String url = postgres.jdbcUrl(0);
    config.setJdbcUrl(
        parameters.isEmpty() ? url : url + (url.contains("?") ? "&" : "?") + parameters);
    config.setMaximumPoolSize(2);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  @Test
  void textKeysTakeADatabaseOfUtf8() throws SQLException {
    DataSource latin = postgres.server(0).dataSource("latin");
    ShardRouter<String> byName = ShardRouter.forStrings(MAP);
    ShardedDataSource sharded = over(byName, latin);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> execute(sharded.forKey("alice"), "CREATE TABLE users (name text)"))
          .isInstanceOf(SQLFeatureNotSupportedException.class)
          .hasMessage(
              "shard 'a': the database's encoding is LATIN1, but text hashes as in Java in UTF8"
                  + " only; use a database of encoding UTF8")
          .extracting(e -> ((SQLException) e).getSQLState())
          .isEqualTo("0A000");
    }
    execute(over(ShardRouter.forLongs(MAP), latin).forKey(1L), "CREATE TABLE users (id bigint)");
  }

  @Test
  void aServerThatHashesOtherwiseIsRefused() throws SQLException {
    shadow("hashint8extended(bigint, bigint)", 1);
    try (HikariDataSource shadowed = pool("currentSchema=odd,pg_catalog")) {
      ShardedDataSource sharded = over(ShardRouter.forLongs(MAP), shadowed);
      assertThatThrownBy(() -> execute(sharded.forKey(1L), "SELECT 1"))
          .isInstanceOf(SQLFeatureNotSupportedException.class)
          .hasMessage(
              "shard 'a': the server hashes 42 to 1 instead of "
                  + KeyHash.of(42)
                  + ", so that SQL and Java disagree on where its row is; use PostgreSQL on a"
                  + " little-endian machine, with no function of its own before pg_catalog's in the"
                  + " search_path");
      assertThat(shadowed.getHikariPoolMXBean().getActiveConnections()).isZero();
      execute(postgres.dataSource(0), "DROP FUNCTION odd.hashint8extended(bigint, bigint)");
      shadow("hashtextextended(text, bigint)", 2);
      assertThatThrownBy(() -> execute(sharded.forShard("a"), "SELECT 1"))
          .hasMessageStartingWith("shard 'a': the server hashes 'alice' to 2 instead of ");
      execute(postgres.dataSource(0), "DROP FUNCTION odd.hashtextextended(text, bigint)");
      execute(sharded.forKey(1L), "SELECT 1"); // mended, so it is asked once more and right
    }
  }

  @Test
  void aServerIsAskedOnceForAllMaps() throws SQLException {
    try (HikariDataSource shadowed = pool("currentSchema=odd,pg_catalog")) {
      ShardRouter<Long> router = ShardRouter.forLongs(MAP);
      ShardedDataSource sharded = over(router, shadowed);
      execute(sharded.forKey(1L), "SELECT 1");
      shadow("hashint8extended(bigint, bigint)", 1);
      execute(sharded.forKey(1L), "SELECT 1");
      router.update(MAP.withPin(7L, "a"));
      execute(sharded.forKey(1L), "SELECT 1");
    }
  }

  /** The question is no part of the caller's transaction. */
  @Test
  void theFirstTransactionBeginsWithTheCallersStatement() throws SQLException {
    ShardedDataSource sharded = over(ShardRouter.forLongs(MAP), pool);
    try (Connection connection = sharded.forKey(1L).getConnection()) {
      connection.setAutoCommit(false);
      connection.setSchema("odd");
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"); // only as the first
        try (ResultSet row =
            statement.executeQuery(
                "SELECT current_schema(), current_setting('transaction_isolation')")) {
          row.next();
          assertThat(row.getString(1)).isEqualTo("odd");
          assertThat(row.getString(2)).isEqualTo("serializable");
        }
        statement.execute("CREATE TABLE undone (id int)");
      }
      connection.rollback();
    }
    assertThatThrownBy(() -> execute(pool, "SELECT * FROM odd.undone"))
        .hasMessageContaining("does not exist");
  }

  @Test
  void aDatabaseOfAnotherKindHasNoHashToAgreeOn() {
    List<String> ran = new ArrayList<>();
    ShardedDataSource sharded =
        over(ShardRouter.forLongs(MAP), stub(DataSource.class, ran, "MariaDB"));
    assertThatCode(() -> execute(sharded.forKey(1L), "SELECT 1")).doesNotThrowAnyException();
    assertThat(ran).containsExactly("SELECT 1");
  }

  /** A database by name only: it says what it is, and writes down what it is told to run. */
  @SuppressWarnings("unchecked")
  private static <T> T stub(Class<T> type, List<String> ran, String product) {
    return (T)
        Proxy.newProxyInstance(
            ServerCheckTest.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getConnection" -> stub(Connection.class, ran, product);
                  case "createStatement" -> stub(Statement.class, ran, product);
                  case "getMetaData" -> stub(DatabaseMetaData.class, ran, product);
                  case "getDatabaseProductName" -> product;
                  case "execute" -> ran.add((String) arguments[0]);
                  case "getAutoCommit" -> true;
                  default -> nothing(method.getReturnType());
                });
  }

  private static @Nullable Object nothing(Class<?> type) {
    return type == boolean.class ? (Object) false : type == int.class ? (Object) 0 : null;
  }

  private static ShardedDataSource over(ShardRouter<?> router, DataSource dataSource) {
    return ShardedDataSource.builder(router).dataSources(Map.of("a", dataSource)).build();
  }

  private static void shadow(String function, int answer) throws SQLException {
    execute(
        postgres.dataSource(0),
        "CREATE FUNCTION odd."
            + function
            + " RETURNS bigint LANGUAGE sql AS 'SELECT "
            + answer
            + "::bigint'");
  }

  private static void execute(DataSource dataSource, String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
