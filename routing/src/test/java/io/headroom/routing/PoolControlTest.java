package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.datasource.DelegatingDataSource;

class PoolControlTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private final List<SQLException> thrown = new ArrayList<>();
  private Runnable onceAborted = () -> {};

  /** Who is done with it just then hears nothing of what is done to it. */
  @Test
  void aConnectionThatIsCutOffIsGivenBackWithoutAnError() throws SQLException {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setDataSource(telling(postgres.server(0).dataSource(postgres.database())));
      Connection borrowed = pool.getConnection();
      onceAborted =
          () -> {
            try {
              borrowed.close();
            } catch (SQLException failure) {
              thrown.add(failure);
            }
          };
      new PoolControl(pool).cutOff(borrowed);

      assertThat(thrown).isEmpty();
      assertThat(borrowed.isClosed()).isTrue();
      try (Connection another = pool.getConnection()) {
        assertThat(another.isValid(1)).isTrue();
      }
    }
  }

  /** Its connections are given back at the very moment when one has been aborted. */
  private DataSource telling(DataSource source) {
    return new DelegatingDataSource(source) {
      @Override
      public Connection getConnection() throws SQLException {
        return telling(super.getConnection());
      }
    };
  }

  private Connection telling(Connection real) {
    return (Connection)
        Proxy.newProxyInstance(
            PoolControlTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              } finally {
                if (method.getName().equals("abort")) {
                  onceAborted.run();
                }
              }
            });
  }
}
