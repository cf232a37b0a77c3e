package io.headroom.benchmarks.stub;

import io.headroom.ConsistencyToken.Position;
import io.headroom.routing.FailureKind;
import io.headroom.routing.NodeRole;
import io.headroom.routing.NodeStatus;
import io.headroom.routing.ReplicationProbe;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What stubs would say of their replication: the one whose database has a certain name is the
 * primary, and the others have all that it has.
 *
 * @param primary the database's name
 */
public record StubProbe(String primary) implements ReplicationProbe {
  private static final long POSITION = 1L << 24;

  @Override
  public NodeStatus status(Connection connection) throws SQLException {
    String database = connection.getCatalog();
    return new NodeStatus(
        database.equals(primary) ? NodeRole.PRIMARY : NodeRole.REPLICA,
        "stubs",
        database,
        OptionalLong.of(1),
        POSITION,
        true,
        Optional.of(Duration.ZERO));
  }

  @Override
  public Position written(Connection connection) {
    return new Position(1, POSITION);
  }

  @Override
  public long visible(Connection connection) {
    return POSITION;
  }

  @Override
  public Map<Long, Long> ends(Connection connection) {
    return Map.of();
  }

  @Override
  public void makeSessionReadOnly(Connection connection, boolean readOnly) {}

  @Override
  public FailureKind classify(SQLException failure) {
    return FailureKind.STATEMENT;
  }
}
