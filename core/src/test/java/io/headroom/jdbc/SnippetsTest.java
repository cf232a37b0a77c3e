package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The snippets of the package's documentation, compiled and run. */
class SnippetsTest {

  static final class CommitCounter implements ConnectionHooks {
    private final LongAdder commits = new LongAdder();

    @Override
    public void afterCommit(Connection physical) {
      commits.increment();
    }
  }

  static final class Primary extends LazyDataSource {
    private final ConnectionSource pool;
    private final CommitCounter counter = new CommitCounter();

    Primary(DataSource pool) {
      this.pool = ConnectionSource.of(pool);
    }

    @Override
    public Binding bind(BindRequest request) throws SQLException {
      return pool.bind(request).within(counter);
    }
  }

  static final class ReportsElsewhere extends LazyDataSource {
    private final ConnectionSource primary;
    private final ConnectionSource reports;

    ReportsElsewhere(DataSource primary, DataSource reports) {
      this.primary = ConnectionSource.of(primary);
      this.reports = ConnectionSource.of(reports);
    }

    @Override
    public Binding bind(BindRequest request) throws SQLException {
      return (request.readOnly() ? reports : primary).bind(request);
    }
  }

  private final StubDriver driver = new StubDriver();
  private final StubDriver reportsDriver = new StubDriver();

  private static DataSource pool(StubDriver driver) {
    return StubDriver.stub(DataSource.class, (proxy, method, arguments) -> driver.connect());
  }

  @Test
  void commitsAreCounted() throws SQLException {
    Primary primary = new Primary(pool(driver));
    try (Connection connection = LazyConnection.open(primary)) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement("SELECT 1")) {
        statement.executeQuery();
      }
      connection.commit();
    }
    assertThat(primary.counter.commits.sum()).isEqualTo(1);
    assertThat(driver.closes).containsExactly(1);
  }

  @Test
  void sourcesAreMadeOfSources() throws SQLException {
    Primary primary = new Primary(pool(driver));
    try (Connection connection =
        new ReportsElsewhere(primary, pool(reportsDriver)).getConnection()) {
      connection.createStatement().execute("INSERT");
    }
    try (Connection connection =
        new ReportsElsewhere(primary, pool(reportsDriver)).getConnection()) {
      connection.setReadOnly(true);
      connection.createStatement().execute("SELECT 1");
    }
    assertThat(primary.counter.commits.sum()).isEqualTo(1);
    assertThat(driver.closes).containsExactly(1);
    assertThat(reportsDriver.closes).containsExactly(1);
  }
}
