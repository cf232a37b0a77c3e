package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections beside a pool, of a real server. */
class DirectDataSourceTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static DirectDataSource beside(HikariDataSource pool) {
    return new DirectDataSource(pool, null, null, Duration.ofMinutes(1));
  }

  private static Exception thrown(String which) {
    return switch (which) {
      case "broken" -> new SQLException("broken", "08006");
      case "wrong" -> new IllegalStateException("wrong");
      default -> new SQLFeatureNotSupportedException(which);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"broken", "wrong", "unknown"})
  void aConnectionThatIsNotHandedOutIsClosed(String which) throws SQLException {
    RefusingDriver driver = new RefusingDriver(thrown(which));
    DriverManager.registerDriver(driver);
    try (HikariDataSource pool = new HikariDataSource()) { // which is never asked
      pool.setJdbcUrl(RefusingDriver.url(postgres.jdbcUrl(0)));
      DirectDataSource source = beside(pool);
      if (which.equals("unknown")) {
        try (Connection connection = source.getConnection()) {
          assertThat(connection.isValid(5)).isTrue();
        }
      } else {
        assertThatThrownBy(source::getConnection).isSameAs(driver.thrown());
      }
      assertThat(driver.opened().isClosed()).isTrue();
    } finally {
      DriverManager.deregisterDriver(driver);
    }
  }

  /** As {@link Properties} has them, that were made over others. */
  @Test
  void whatThePoolsPropertiesAreMadeOverHolds() throws SQLException {
    Properties below = new Properties();
    below.setProperty("ApplicationName", "from below");
    below.setProperty("options", "-c work_mem=5MB");
    Properties above = new Properties(below);
    above.setProperty("options", "-c work_mem=6MB");
    try (HikariDataSource pool = over(above);
        Connection connection = connect(pool);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('application_name') || ' ' ||"
                    + " current_setting('work_mem')")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getString(1)).isEqualTo("from below 6MB");
    }
  }

  /** As code sets them. PostgreSQL's driver reads texts alone, others what they know. */
  @Test
  void whatIsNoStringIsNotLost() throws SQLException {
    Object known = new Object();
    RefusingDriver driver = new RefusingDriver(thrown("unknown"));
    DriverManager.registerDriver(driver);
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(RefusingDriver.url(postgres.jdbcUrl(0)));
      pool.addDataSourceProperty("readOnly", true);
      pool.addDataSourceProperty("defaultRowFetchSize", 7);
      pool.addDataSourceProperty("known", known);
      try (Connection connection = beside(pool).getConnection();
          Statement statement = connection.createStatement()) {
        assertThat(connection.isReadOnly()).isTrue();
        assertThat(statement.getFetchSize()).isEqualTo(7);
        assertThat(driver.given()).containsEntry("known", known);
      }
    } finally {
      DriverManager.deregisterDriver(driver);
    }
  }

  /** What stands above a default goes before it, a text or not. */
  @Test
  void whatIsNoStringGoesBeforeADefault() throws SQLException {
    Properties below = new Properties();
    below.setProperty("defaultRowFetchSize", "5");
    Properties above = new Properties(below);
    above.put("defaultRowFetchSize", 7);
    try (HikariDataSource pool = over(above);
        Connection connection = connect(pool);
        Statement statement = connection.createStatement()) {
      assertThat(statement.getFetchSize()).isEqualTo(7);
    }
  }

  /** HikariCP's own setter copies, and keeps no defaults. */
  private static HikariDataSource over(Properties properties) {
    return new HikariDataSource() {
      @Override
      public Properties getDataSourceProperties() {
        return properties;
      }
    };
  }

  private static Connection connect(HikariDataSource pool) throws SQLException {
    pool.setJdbcUrl(postgres.jdbcUrl(0));
    return beside(pool).getConnection();
  }
}
