package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** PostgreSQL's own functions. */
enum PostgresProbe implements ReplicationProbe {
  INSTANCE;

  @Override
  public NodeStatus status(Connection connection) throws SQLException {
    throw new SQLException("to be written");
  }

  @Override
  public Position written(Connection primary) throws SQLException {
    throw new SQLException("to be written");
  }

  @Override
  public long visible(Connection replica) throws SQLException {
    throw new SQLException("to be written");
  }

  @Override
  public Map<Long, Long> ends(Connection primary) throws SQLException {
    throw new SQLException("to be written");
  }

  @Override
  public FailureKind classify(SQLException failure) {
    return FailureKind.STATEMENT;
  }
}
