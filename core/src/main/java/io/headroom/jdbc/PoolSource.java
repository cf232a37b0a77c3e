package io.headroom.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import javax.sql.DataSource;

/** The source behind a data source that knows nothing of Headroom. */
final class PoolSource implements ConnectionSource {

  private final DataSource pool;
  final SourceFacts facts = new SourceFacts();

  PoolSource(DataSource pool) {
    this.pool = Objects.requireNonNull(pool, "dataSource must not be null");
  }

  @Override
  public Binding bind(BindRequest request) throws SQLException {
    Connection connection = pool.getConnection();
    if (connection instanceof LazyConnection lazy) {
      // A decorator stands around one of our data sources. Nothing was asked of its connection yet,
      // so what is behind it can be taken instead of a second proxy.
      ConnectionSource behind = lazy.sourceIfUntouched();
      if (behind != null) {
        lazy.close();
        return behind.bind(request);
      }
    }
    return new Binding(connection, ConnectionHooks.none());
  }

  @Override
  public String toString() {
    return "ConnectionSource[" + pool + "]";
  }
}
