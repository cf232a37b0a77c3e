package io.headroom.sharding;

import io.headroom.KeyType;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.ConnectionHooks;
import io.headroom.jdbc.ConnectionSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import org.jspecify.annotations.Nullable;

/**
 * A shard's source while nobody has asked yet whether its server hashes as Java does: the first
 * statement asks. Other databases than PostgreSQL have no such hash, so there is nothing to agree.
 * Thread-safe.
 *
 * @param shard the shard's id
 * @param source where its connections come from
 * @param keys what its keys are
 * @param passed what to do once, or a few times, when the server has been found to be right
 */
record UncheckedShard(String shard, ConnectionSource source, KeyType keys, Runnable passed)
    implements ConnectionSource {

  private static final String FEATURE_NOT_SUPPORTED = "0A000";

  @Override
  public Binding bind(BindRequest request) throws SQLException {
    Binding binding = source.bind(request);
    return request.forMetadata() ? binding : binding.within(new Check(binding.hooks()));
  }

  /** Here rather than at the bind, so that whoever cuts the statement off cuts this off too. */
  private final class Check implements ConnectionHooks {

    private final ConnectionHooks within;

    Check(ConnectionHooks within) {
      this.within = within;
    }

    @Override
    public void onFirstStatement(Connection physical) throws SQLException {
      String fault;
      try {
        fault = faultOf(physical);
      } catch (SQLException e) {
        throw within.onError(e); // as of the statement itself, which would have met the same
      }
      if (fault != null) {
        throw new SQLFeatureNotSupportedException(
            "shard '" + shard + "': " + fault, FEATURE_NOT_SUPPORTED);
      }
      passed.run();
    }

    private @Nullable String faultOf(Connection physical) throws SQLException {
      if (!"PostgreSQL".equals(physical.getMetaData().getDatabaseProductName())) {
        return null;
      }
      if (physical.getAutoCommit()) {
        return ServerCheck.faultOf(physical, keys);
      }
      physical.setAutoCommit(true); // the transaction to come is not to begin with our query
      try {
        return ServerCheck.faultOf(physical, keys);
      } finally {
        physical.setAutoCommit(false);
      }
    }
  }
}
