package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.TimeSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What a login beside a pool says of its server. */
class KnocksTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static final Duration MOST = Duration.ofSeconds(2);

  private final Knocks knocks = new Knocks(MOST, TimeSource.system());

  @ParameterizedTest
  @ValueSource(strings = {"53300", "28000", "28P01", "3D000", "42501", "08004", "08P01"})
  void whatAServerSays(String state) {
    assertThat(Knocks.isOfAServer(state)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"08001", "08006", "08003", "57P01", "57P02", "57P03"})
  void whatADriverSaysOfNoServer(String state) {
    assertThat(Knocks.isOfAServer(state)).isFalse();
    assertThat(Knocks.isOfAServer(null)).isFalse();
  }

  private boolean isAnswered(DataSource source, String user) {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setDataSource(source);
      pool.setUsername(user);
      return knocks.isAnswered(pool);
    }
  }

  @Test
  void aPoolOverADataSourceIsAskedByThat() {
    DataSource real = postgres.dataSource(0);
    assertThat(isAnswered(real, null)).isTrue();
    assertThat(isAnswered(failing(new SQLException("nobody", "08001")), null)).isFalse();
    assertThat(isAnswered(failing(new SQLException("nobody", "08001")), "someone")).isFalse();
    assertThat(isAnswered(failing(new IllegalStateException("at fault")), null)).isTrue();
  }

  private static DataSource failing(Exception thrown) {
    return new DelegatingDataSource(postgres.dataSource(0)) {
      @Override
      public Connection getConnection() throws SQLException {
        if (thrown instanceof SQLException sql) {
          throw sql;
        }
        throw (RuntimeException) thrown;
      }

      @Override
      public Connection getConnection(String username, String password) throws SQLException {
        assertThat(username).isEqualTo("someone");
        return getConnection();
      }
    };
  }

  @Test
  void whereThereIsNoWayToAskNothingIsSaidOfTheServer() {
    try (HikariDataSource byClass = new HikariDataSource();
        HikariDataSource unknown = new HikariDataSource()) {
      byClass.setDataSourceClassName("org.postgresql.ds.PGSimpleDataSource");
      unknown.setJdbcUrl("jdbc:nobody:x");
      assertThat(knocks.isAnswered(byClass)).isTrue();
      assertThat(knocks.isAnswered(unknown)).isTrue();
    }
  }

  @Test
  void whoIsInterruptedWaitsForNothing() {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(postgres.jdbcUrl(0));
      Thread.currentThread().interrupt();
      assertThat(knocks.isAnswered(pool)).isFalse();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(knocks.isAnswered(pool)).isTrue();
    }
  }

  /** What is said in a URL goes before properties, and of two in a URL the last one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | '' | 2 | 2",
        "?connectTimeout=1 | '' | 1 | 2",
        "?connectTimeout=0&socketTimeout=30 | '' | 2 | 2",
        "?socketTimeout=1&connectTimeout=9 | '' | 2 | 1",
        "'' | 1 | 2 | 1",
        "?socketTimeout=9 | 1 | 2 | 2",
      })
  void aLoginOfPostgresqlsDriverIsBounded(
      String query, String socketTimeout, String connects, String reads) throws SQLException {
    Properties properties = new Properties();
    if (!socketTimeout.isEmpty()) {
      properties.setProperty("socketTimeout", socketTimeout);
    }
    String bounded =
        Silence.boundedLogin("jdbc:postgresql://127.0.0.1:9/x" + query, properties, MOST);
    assertThat(optionOf(bounded, properties, "connectTimeout")).isEqualTo(connects);
    assertThat(optionOf(bounded, properties, "socketTimeout")).isEqualTo(reads);
  }

  private static String optionOf(String url, Properties properties, String name)
      throws SQLException {
    for (var option : new org.postgresql.Driver().getPropertyInfo(url, properties)) {
      if (option.name.equals(name)) {
        return option.value;
      }
    }
    throw new AssertionError("no option " + name);
  }

  @Test
  void ofOthersNothingIsKnown() throws SQLException {
    String url = "jdbc:other://127.0.0.1/x";
    assertThat(Silence.boundedLogin(url, new Properties(), MOST)).isEqualTo(url);
  }
}
